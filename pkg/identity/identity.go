package identity

import (
	"bytes"
	"crypto/ed25519"
	"crypto/subtle"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"io"
	"log/slog"
)

const (
	// SeedSize is the size of the seed that a whole identity follows from.
	SeedSize = ed25519.SeedSize

	// MaxKeyFile bounds what [ParsePEM] looks at, in bytes.
	MaxKeyFile = 4096

	pemType = "PRIVATE KEY"
)

// Identity is a private key and the peer ID of its public half. It prints as
// its peer ID however it is printed. The zero Identity is not usable; make one
// with [Generate], [FromSeed] or [ParsePEM]. An Identity is immutable.
type Identity struct {
	key ed25519.PrivateKey
	id  PeerID
}

// Generate makes an identity from the first [SeedSize] bytes of rand.
func Generate(rand io.Reader) (*Identity, error) {
	var seed [SeedSize]byte
	if _, err := io.ReadFull(rand, seed[:]); err != nil {
		return nil, fmt.Errorf("identity: generate: %w", err)
	}
	return FromSeed(seed), nil
}

// FromSeed returns the identity whose RFC 8032 private key is seed.
func FromSeed(seed [SeedSize]byte) *Identity {
	return fromKey(ed25519.NewKeyFromSeed(seed[:]))
}

func fromKey(key ed25519.PrivateKey) *Identity {
	return &Identity{key: key, id: peerID(key.Public().(ed25519.PublicKey))}
}

// ParsePEM reads what [Identity.MarshalPEM] wrote: one PKCS#8 block
// (RFC 5208, RFC 8410) of at most [MaxKeyFile] bytes and nothing after it. It
// fails with [ErrKeyFile].
func ParsePEM(data []byte) (*Identity, error) {
	if len(data) > MaxKeyFile {
		return nil, ErrKeyFile
	}
	block, rest := pem.Decode(data)
	if block == nil || block.Type != pemType || len(bytes.TrimSpace(rest)) != 0 {
		return nil, ErrKeyFile
	}
	parsed, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		// The cause may quote key material, so it is not wrapped.
		return nil, ErrKeyFile
	}
	key, ok := parsed.(ed25519.PrivateKey)
	if !ok {
		return nil, ErrKeyFile
	}
	return fromKey(key), nil
}

// MarshalPEM returns the private key as a PKCS#8 PEM block (RFC 8410).
func (i Identity) MarshalPEM() ([]byte, error) {
	der, err := x509.MarshalPKCS8PrivateKey(i.key)
	if err != nil {
		return nil, fmt.Errorf("identity: marshal: %w", err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: pemType, Bytes: der}), nil
}

// PeerID names the identity.
func (i Identity) PeerID() PeerID { return i.id }

// Sign returns the 64-byte Ed25519 signature (RFC 8032) over message.
func (i Identity) Sign(message []byte) []byte { return ed25519.Sign(i.key, message) }

// Equal tells in constant time whether both hold the same private key.
func (i Identity) Equal(other *Identity) bool {
	return other != nil && subtle.ConstantTimeCompare(i.key, other.key) == 1
}

// String returns the peer ID.
func (i Identity) String() string { return string(i.id) }

// GoString returns the peer ID.
func (i Identity) GoString() string { return string(i.id) }

// Format writes the peer ID whatever the verb, because fmt would otherwise
// look into the fields.
func (i Identity) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, string(i.id)) }

// LogValue is the peer ID.
func (i Identity) LogValue() slog.Value { return slog.StringValue(string(i.id)) }
