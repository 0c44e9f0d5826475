package meeting

import (
	"fmt"
	"io"
)

// IDDigits is how many digits an [ID] has.
const IDDigits = 9

// ID names a meeting to people: nine digits, kept without dashes and shown
// with them. It is public and proves nothing. An ID from outside goes through
// [ParseID] first; the zero ID is no meeting's.
type ID string

// NewID draws each of the 10^9 IDs with the same probability from rand. Whether
// it is free is for the caller to see to.
func NewID(rand io.Reader) (ID, error) {
	n, err := number(rand, 1_000_000_000)
	if err != nil {
		return "", err
	}
	return ID(fmt.Sprintf("%0*d", IDDigits, n)), nil
}

// ParseID accepts 482913006 and 482-913-006 and nothing else. It fails with
// [ErrID].
func ParseID(s string) (ID, error) {
	digits := s
	if len(s) == IDDigits+2 && s[3] == '-' && s[7] == '-' {
		digits = s[:3] + s[4:7] + s[8:]
	}
	id := ID(digits)
	if !id.valid() {
		return "", ErrID
	}
	return id, nil
}

func (id ID) valid() bool {
	if len(id) != IDDigits {
		return false
	}
	for _, c := range []byte(id) {
		if c < '0' || c > '9' {
			return false
		}
	}
	return true
}

// String returns the form for people, 482-913-006.
func (id ID) String() string {
	if len(id) != IDDigits {
		return string(id)
	}
	return string(id[:3] + "-" + id[3:6] + "-" + id[6:])
}

// MarshalText gives the form with dashes. It fails with [ErrID].
func (id ID) MarshalText() ([]byte, error) {
	if !id.valid() {
		return nil, ErrID
	}
	return []byte(id.String()), nil
}

// UnmarshalText is [ParseID].
func (id *ID) UnmarshalText(text []byte) error {
	parsed, err := ParseID(string(text))
	if err != nil {
		return err
	}
	*id = parsed
	return nil
}
