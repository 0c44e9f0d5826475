package protocol

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/parley-mesh/parley/pkg/meeting"
)

// Form is the sort of bound that a [Kind] sets.
type Form string

// The forms.
const (
	FormText     Form = "text"     // shown to people: no control characters, no white space around it
	FormPassword Form = "password" // text, counted in Unicode's normalization form C
	FormOpaque   Form = "opaque"   // any text of some length
	FormShaped   Form = "shaped"   // matches Pattern
	FormPeer     Form = "peer"     // matches Pattern and lies between Low and High
	FormWord     Form = "word"     // one of Words
	FormTime     Form = "time"     // RFC 3339 in UTC
	FormInteger  Form = "integer"  // from Min to Max
	FormItems    Form = "items"    // a list of Min to Max entries
)

// A Kind is one sort of value and its bound. A struct's field names its kind in
// an `is` tag; the elements of a list name theirs in an `each` tag.
type Kind struct {
	Form     Form
	Min, Max int      // characters (Unicode code points), value, or entries
	Pattern  string   // in the syntax that Go, ECMAScript and JSON Schema share
	Low      string   // the first text allowed, in the order of bytes
	High     string   // the last
	Words    []string // the only texts allowed
	Says     string   // the bound as the end of the sentence "FIELD …"

	match func(string) bool // Pattern
}

func text(low, high int) Kind {
	return Kind{Form: FormText, Min: low, Max: high, Says: fmt.Sprintf("must be %d to %d characters of plain text with no spaces around it", low, high)}
}

func password(low, high int) Kind {
	k := text(low, high)
	k.Form = FormPassword
	return k
}

func opaque(low, high int) Kind {
	return Kind{Form: FormOpaque, Min: low, Max: high, Says: fmt.Sprintf("must be %d to %d characters long", low, high)}
}

func shaped(high int, pattern, says string) Kind {
	return Kind{Form: FormShaped, Min: 1, Max: high, Pattern: pattern, Says: says, match: regexp.MustCompile(pattern).MatchString}
}

func oneOf(words ...string) Kind {
	return Kind{Form: FormWord, Min: 1, Max: 32, Words: words, Says: "must be " + list(words)}
}

func integer(low, high int) Kind {
	return Kind{Form: FormInteger, Min: low, Max: high, Says: fmt.Sprintf("must be a whole number from %d to %d", low, high)}
}

func items(low, high int) Kind {
	return Kind{Form: FormItems, Min: low, Max: high, Says: fmt.Sprintf("must be a list of %d to %d entries", low, high)}
}

const base64url = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"

// bytesOf is the canonical unpadded base64url (RFC 4648 section 5) of size
// bytes: its last character leaves no bit over, so that there is one text only.
func bytesOf(size int, says string) Kind {
	length := (size*8 + 5) / 6
	spare := length*6 - size*8
	var last strings.Builder
	for i := 0; i < len(base64url); i += 1 << spare {
		last.WriteByte(base64url[i])
	}
	return Kind{
		Form: FormShaped, Min: length, Max: length, Says: says,
		Pattern: fmt.Sprintf("^%s[%s]$", times("[A-Za-z0-9_-]", length-1), last.String()),
		// A regular expression takes longer over these than all else together.
		match: func(s string) bool {
			return len(s) == length && only(s, base64url) && strings.IndexByte(last.String(), s[length-1]) >= 0
		},
	}
}

// times repeats a class in a pattern; RE2 counts to a thousand.
func times(class string, n int) string {
	var b strings.Builder
	for ; n > 1000; n -= 1000 {
		b.WriteString(class + "{1000}")
	}
	fmt.Fprintf(&b, "%s{%d}", class, n)
	return b.String()
}

const base58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"

// peer is the peer ID of an Ed25519 key. The alphabet of base58 is in the order
// of its bytes, so the texts of all 2^256 keys are those between the first and
// the last.
func peer() Kind {
	k := Kind{
		Form: FormPeer, Min: 52, Max: 52,
		Pattern: "^12D3KooW[1-9A-HJ-NP-Za-km-z]{44}$",
		Low:     "12D3KooW9pNAk8aiBuGVQtWRdbkLmo5qVL3e2h5UxbN2Nz9ttwiw",
		High:    "12D3KooWT3gYEvLJyx1FyyHqrmvdy1tMjpgxmu9aSeKMEuafQtyC",
		Says:    "must be the peer ID of an Ed25519 key",
	}
	k.match = func(s string) bool {
		return len(s) == 52 && k.Low <= s && s <= k.High && only(s, base58)
	}
	return k
}

// only tells whether every byte of s is one of those in alphabet.
func only(s, alphabet string) bool {
	for i := range len(s) {
		if strings.IndexByte(alphabet, s[i]) < 0 {
			return false
		}
	}
	return true
}

// list tells words the way a sentence does: "a, b or c".
func list(words []string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	last := len(words) - 1
	return strings.Join(words[:last], ", ") + " or " + words[last]
}

// maxBytes bounds the UTF-8 of a text of this kind before it is looked at.
func (k *Kind) maxBytes() int {
	if k.Form == FormPassword {
		return 4 * utf8.UTFMax * k.Max // it may become shorter by normalization
	}
	return utf8.UTFMax * k.Max
}

// allows tells whether a text is within the bound.
func (k *Kind) allows(s string) bool {
	if len(s) > k.maxBytes() || !utf8.ValidString(s) {
		return false
	}
	switch k.Form {
	case FormPassword:
		return meeting.ValidPassword(s) == nil
	case FormWord:
		return slices.Contains(k.Words, s)
	case FormShaped, FormPeer:
		return k.match(s)
	}
	if n := utf8.RuneCountInString(s); n < k.Min || n > k.Max {
		return false
	}
	if k.Form == FormText {
		return strings.TrimSpace(s) == s && !strings.ContainsFunc(s, unicode.IsControl)
	}
	return true
}
