package e2ee

import (
	"crypto/hpke"
	"fmt"
	"io"
	"log/slog"
	"sync/atomic"

	"github.com/parley-mesh/parley/pkg/protocol"
)

// encSize is the size of an encapsulated key: an ML-KEM-768 ciphertext (FIPS
// 203) and an X25519 public key.
const encSize = 1120

// SessionKey is the key pair of one page load or process: HPKE (RFC 9180) with
// the hybrid of ML-KEM-768 and X25519 (X-Wing), so that what is recorded today
// does not open when either of them falls. It is kept in memory alone, and
// prints as a placeholder.
type SessionKey struct {
	private hpke.PrivateKey
	public  string
	// broadcasts counts boxes for everybody. It is here because their keys follow
	// from this key and the epoch: another Mailbox must go on counting.
	broadcasts atomic.Uint64
}

// NewSessionKey returns the key pair of a seed: 32 random bytes that are used for
// nothing else, and never again.
func NewSessionKey(seed [keySize]byte) (*SessionKey, error) {
	private, err := hpke.MLKEM768X25519().NewPrivateKey(seed[:])
	if err != nil {
		return nil, fmt.Errorf("e2ee: session key: %w", err)
	}
	return &SessionKey{private: private, public: strict.EncodeToString(private.PublicKey().Bytes())}, nil
}

// Public is the public half as a card shows it: 1216 bytes in base64url.
func (k *SessionKey) Public() string { return k.public }

// String returns a placeholder.
func (k *SessionKey) String() string { return "[session key]" }

// Format writes the placeholder whatever the verb.
func (k *SessionKey) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, k.String()) }

// LogValue is the placeholder.
func (k *SessionKey) LogValue() slog.Value { return slog.StringValue(k.String()) }

// encapsulate makes a key that only the owner of public shares, and what it is
// told by.
func encapsulate(public string, info []byte) (enc []byte, key [keySize]byte, err error) {
	raw, ok := decode(public)
	if !ok || len(raw) != protocol.SessionKeySize {
		return nil, key, ErrCard
	}
	to, err := hpke.MLKEM768X25519().NewPublicKey(raw)
	if err != nil {
		return nil, key, ErrCard
	}
	enc, sender, err := hpke.NewSender(to, hpke.HKDFSHA256(), hpke.ExportOnly(), info)
	if err != nil {
		return nil, key, fmt.Errorf("e2ee: encapsulate: %w", err)
	}
	exported, err := sender.Export(boxContext, keySize)
	if err != nil {
		return nil, key, fmt.Errorf("e2ee: export: %w", err)
	}
	return enc, [keySize]byte(exported), nil
}

// decapsulate gives the key that somebody encapsulated to this one.
func (k *SessionKey) decapsulate(enc, info []byte) (key [keySize]byte, err error) {
	recipient, err := hpke.NewRecipient(enc, k.private, hpke.HKDFSHA256(), hpke.ExportOnly(), info)
	if err != nil {
		return key, ErrBox
	}
	exported, err := recipient.Export(boxContext, keySize)
	if err != nil {
		return key, ErrBox
	}
	return [keySize]byte(exported), nil
}
