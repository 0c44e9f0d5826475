package meeting

import (
	"fmt"
	"io"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Bounds of what people type, in characters (Unicode code points).
const (
	MaxTitle    = 120
	MinPassword = 6
	MaxPassword = 64
)

// Bounds of the passwords that [NewPassword] makes.
const (
	MinPasswordDigits = 6
	MaxPasswordDigits = 12
)

// ValidTitle checks that a title is 1 to [MaxTitle] characters of valid UTF-8,
// without control characters and without white space around it. It fails with
// [ErrTitle].
func ValidTitle(title string) error {
	if !plain(title, 1, MaxTitle) {
		return ErrTitle
	}
	return nil
}

// ValidPassword checks that a password, in the form of [NormalPassword], is
// [MinPassword] to [MaxPassword] characters of valid UTF-8, without control
// characters and without white space around it. It fails with [ErrPassword].
func ValidPassword(password string) error {
	_, err := NormalPassword(password)
	return err
}

// NormalPassword returns a password in Unicode's normalization form C, in which
// it is counted, hashed and compared, so that a password typed on one keyboard
// equals the same password typed on another. It fails as [ValidPassword] does.
func NormalPassword(password string) (string, error) {
	// A character of NFC comes from at most a few of another form; what is far
	// longer cannot become short enough, and is not worth normalizing.
	if len(password) > 4*utf8.UTFMax*MaxPassword || !utf8.ValidString(password) {
		return "", ErrPassword
	}
	normal := norm.NFC.String(password)
	if !plain(normal, MinPassword, MaxPassword) {
		return "", ErrPassword
	}
	return normal, nil
}

func plain(s string, low, high int) bool {
	if len(s) > utf8.UTFMax*high || !utf8.ValidString(s) {
		return false
	}
	if n := utf8.RuneCountInString(s); n < low || n > high {
		return false
	}
	return strings.TrimSpace(s) == s && !strings.ContainsFunc(s, unicode.IsControl)
}

// NewPassword draws a password of digits decimal digits, each with the same
// probability, from rand. It fails with [ErrPasswordDigits] outside
// [MinPasswordDigits] to [MaxPasswordDigits].
func NewPassword(rand io.Reader, digits int) (string, error) {
	if digits < MinPasswordDigits || digits > MaxPasswordDigits {
		return "", ErrPasswordDigits
	}
	count := uint64(1)
	for range digits {
		count *= 10
	}
	n, err := number(rand, count)
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("%0*d", digits, n), nil
}
