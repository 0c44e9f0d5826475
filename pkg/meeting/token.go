package meeting

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"io"
	"log/slog"
)

const (
	// TokenSize is the size of a [Token] and of a [Secret], in bytes.
	TokenSize = 32

	// TokenLength is the length of their text, in characters.
	TokenLength = 43

	lookupDomain = "parley/1/invitation-lookup\n"
)

// strict refuses a second spelling of the same bytes.
var strict = base64.RawURLEncoding.Strict()

// Token is the part of an invitation that proves to the rendezvous that its
// holder is invited. It prints as a placeholder; [Token.Reveal] gives its text.
type Token struct{ bytes [TokenSize]byte }

// NewToken draws a token from rand.
func NewToken(rand io.Reader) (Token, error) {
	var t Token
	if _, err := io.ReadFull(rand, t.bytes[:]); err != nil {
		return Token{}, fmt.Errorf("meeting: draw a token: %w", err)
	}
	return t, nil
}

// ParseToken reads the one text form that [Token.Reveal] gives. It fails with
// [ErrToken].
func ParseToken(s string) (Token, error) {
	b, ok := parse32(s)
	if !ok {
		return Token{}, ErrToken
	}
	return Token{b}, nil
}

// Reveal returns the token's text: base64url without padding (RFC 4648
// section 5), [TokenLength] characters.
func (t Token) Reveal() string { return strict.EncodeToString(t.bytes[:]) }

// Bytes returns the token itself, to derive keys from.
func (t Token) Bytes() [TokenSize]byte { return t.bytes }

// Hash returns the key that an invitation is looked up by: SHA-256 of a domain
// and the token. The token cannot be found from it, nor from it the keys that
// are derived of the token elsewhere.
func (t Token) Hash() [sha256.Size]byte {
	return sha256.Sum256(append([]byte(lookupDomain), t.bytes[:]...))
}

// Equal compares in constant time.
func (t Token) Equal(other Token) bool {
	return subtle.ConstantTimeCompare(t.bytes[:], other.bytes[:]) == 1
}

// String returns a placeholder.
func (t Token) String() string { return "[token]" }

// Format writes the placeholder whatever the verb, because fmt would otherwise
// look into the field.
func (t Token) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, t.String()) }

// LogValue is the placeholder.
func (t Token) LogValue() slog.Value { return slog.StringValue(t.String()) }

// Secret is the part of an invitation behind its #, which proves to the other
// participants that its holder is invited and which no server sees. It prints
// as a placeholder; [Secret.Reveal] gives its text.
type Secret struct{ bytes [TokenSize]byte }

// NewSecret draws a secret from rand.
func NewSecret(rand io.Reader) (Secret, error) {
	var s Secret
	if _, err := io.ReadFull(rand, s.bytes[:]); err != nil {
		return Secret{}, fmt.Errorf("meeting: draw a secret: %w", err)
	}
	return s, nil
}

// ParseSecret reads the one text form that [Secret.Reveal] gives. It fails with
// [ErrSecret].
func ParseSecret(s string) (Secret, error) {
	b, ok := parse32(s)
	if !ok {
		return Secret{}, ErrSecret
	}
	return Secret{b}, nil
}

// Reveal returns the secret's text: base64url without padding (RFC 4648
// section 5), [TokenLength] characters.
func (s Secret) Reveal() string { return strict.EncodeToString(s.bytes[:]) }

// Bytes returns the secret itself, to derive keys from.
func (s Secret) Bytes() [TokenSize]byte { return s.bytes }

// Equal compares in constant time.
func (s Secret) Equal(other Secret) bool {
	return subtle.ConstantTimeCompare(s.bytes[:], other.bytes[:]) == 1
}

// String returns a placeholder.
func (s Secret) String() string { return "[secret]" }

// Format writes the placeholder whatever the verb, because fmt would otherwise
// look into the field.
func (s Secret) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, s.String()) }

// LogValue is the placeholder.
func (s Secret) LogValue() slog.Value { return slog.StringValue(s.String()) }

func parse32(s string) (b [TokenSize]byte, ok bool) {
	if len(s) != TokenLength {
		return b, false
	}
	n, err := strict.Decode(b[:], []byte(s))
	return b, err == nil && n == TokenSize
}
