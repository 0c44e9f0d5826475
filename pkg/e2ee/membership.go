package e2ee

import (
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"fmt"
	"io"
	"log/slog"

	"github.com/parley-mesh/parley/pkg/identity"
	"github.com/parley-mesh/parley/pkg/meeting"
	"github.com/parley-mesh/parley/pkg/protocol"
)

// MembershipKey is what whoever has an invitation's secret proves so with. It
// encrypts nothing. It prints as a placeholder.
type MembershipKey [keySize]byte

// NewMembershipKey derives a meeting's membership key from the secret of its
// invitation (HKDF, RFC 5869).
func NewMembershipKey(s meeting.Secret, m meeting.ID) MembershipKey {
	secret := s.Bytes()
	info := fields(nil).text("parley/1/membership").text(m.String())
	b, err := hkdf.Key(sha256.New, secret[:], nil, string(info), keySize)
	if err != nil {
		panic("e2ee: hkdf: " + err.Error()) // for lengths alone, and this one is fixed
	}
	return MembershipKey(b)
}

// ParseMembershipKey reads the membership of a grant. It fails with
// [ErrMembership].
func ParseMembershipKey(s string) (MembershipKey, error) {
	k, ok := parse32(s)
	if !ok {
		return MembershipKey{}, ErrMembership
	}
	return k, nil
}

// Reveal returns the key's text, for a grant: base64url without padding.
func (k MembershipKey) Reveal() string { return strict.EncodeToString(k[:]) }

// Equal compares in constant time.
func (k MembershipKey) Equal(other MembershipKey) bool {
	return subtle.ConstantTimeCompare(k[:], other[:]) == 1
}

// prove makes the proof of membership of a session, by its public key's text.
func (k MembershipKey) prove(m meeting.ID, id identity.PeerID, key string) []byte {
	mac := hmac.New(sha256.New, k[:])
	mac.Write(fields(nil).text("parley/1/proof").text(m.String()).text(string(id)).text(key))
	return mac.Sum(nil)
}

// isProof tells in constant time whether proof is the proof of membership of a
// session.
func (k MembershipKey) isProof(proof string, m meeting.ID, id identity.PeerID, key string) bool {
	given, ok := parse32(proof)
	return ok && hmac.Equal(given[:], k.prove(m, id, key))
}

// Proves tells whether a card shows the proof of membership by this key. Who
// signed the card is not looked at: that is [CheckCard]'s.
func (k MembershipKey) Proves(m meeting.ID, id identity.PeerID, c protocol.Card) bool {
	return len(c.Key) <= maxKeyText && len(c.Proof) <= maxKeyText && k.isProof(c.Proof, m, id, c.Key)
}

// String returns a placeholder.
func (k MembershipKey) String() string { return "[membership key]" }

// Format writes the placeholder whatever the verb.
func (k MembershipKey) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, k.String()) }

// LogValue is the placeholder.
func (k MembershipKey) LogValue() slog.Value { return slog.StringValue(k.String()) }
