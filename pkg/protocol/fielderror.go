package protocol

import (
	"errors"
	"strconv"
	"strings"
	"unicode"
)

// What is wrong with a whole message.
var (
	// ErrTooLarge is returned, before anything is parsed, for a message over its limit.
	ErrTooLarge = errors.New("protocol: message is larger than its limit")

	// ErrSyntax is returned for what is no JSON text (RFC 8259) in UTF-8.
	ErrSyntax = errors.New("protocol: not valid JSON")
)

// FieldError tells which member of a message is wrong, and what it must be. It
// never holds a value that was sent.
type FieldError struct {
	Field string // a path, as in policy.mesh_max or roster[3].id; "" for the message itself
	Says  string // the bound, as the end of a sentence
}

func (e *FieldError) Error() string {
	if e.Field == "" {
		return "the message " + e.Says
	}
	return e.Field + " " + e.Says
}

func wrong(says string) error { return &FieldError{Says: says} }

// under puts the name of a member before the path of an error inside it. Paths
// are made only when something is wrong.
func under(name string, err error) error {
	if e, ok := err.(*FieldError); ok {
		switch {
		case e.Field == "":
			e.Field = name
		case e.Field[0] == '[':
			e.Field = name + e.Field
		default:
			e.Field = name + "." + e.Field
		}
	}
	return err
}

func underIndex(i int, err error) error { return under("["+strconv.Itoa(i)+"]", err) }

// maxUnknown is how much of an unknown member's name an error shows.
const maxUnknown = 40

// unknown refuses a member by its name, which is the only thing sent that an
// error ever repeats: shortened, and printable.
func unknown(name string) error {
	shown := make([]rune, 0, maxUnknown)
	for _, r := range name {
		if len(shown) == maxUnknown {
			break
		}
		if !unicode.IsPrint(r) || r == ' ' {
			r = '?'
		}
		shown = append(shown, r)
	}
	if strings.TrimSpace(string(shown)) == "" {
		shown = []rune("?")
	}
	return &FieldError{Field: string(shown), Says: "is not a field that is known here"}
}
