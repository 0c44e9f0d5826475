package e2ee

import (
	"crypto/sha256"

	"github.com/parley-mesh/parley/pkg/identity"
	"github.com/parley-mesh/parley/pkg/meeting"
	"github.com/parley-mesh/parley/pkg/protocol"
)

// maxKeyText is as long as the longest text of a card: its key.
const maxKeyText = (protocol.SessionKeySize*8 + 5) / 6

// Session is a participant's session whose card was checked. The zero Session
// is nobody's: nothing is sealed to it or taken from it.
type Session struct {
	ID identity.PeerID
	// Fingerprint names identity and key together: what keys are derived for, and
	// what people compare.
	Fingerprint [sha256.Size]byte
	Card        protocol.Card
	Proved      bool // its proof of membership was verified here
}

// Tag is the part of a fingerprint that fits the key ID of a media frame. Two
// sessions may share one.
func (s Session) Tag() uint32 {
	return uint32(s.Fingerprint[0])<<24 | uint32(s.Fingerprint[1])<<16 | uint32(s.Fingerprint[2])<<8 | uint32(s.Fingerprint[3])
}

// Card signs a card for this session. host is whom who takes for the meeting's
// host, at the time in milliseconds since 1970, which is to rise from session to
// session; member is nil for who has no secret.
func (k *SessionKey) Card(who *identity.Identity, m meeting.ID, host identity.PeerID, at int64, member *MembershipKey) protocol.Card {
	c := protocol.Card{Key: k.public, At: at, Host: host}
	if member != nil {
		c.Proof = strict.EncodeToString(member.prove(m, who.PeerID(), k.public))
	}
	c.Sig = strict.EncodeToString(who.Sign(signedCard(m, who.PeerID(), c)))
	return c
}

// CheckCard returns the session of a card that id signed for this meeting, else
// [ErrCard]. Without a membership key no proof is verified, and none counts as
// such.
func CheckCard(m meeting.ID, id identity.PeerID, c protocol.Card, member *MembershipKey) (Session, error) {
	if len(c.Key) > maxKeyText || len(c.Sig) > maxKeyText || len(c.Proof) > maxKeyText || len(c.Host) > maxKeyText {
		return Session{}, ErrCard
	}
	key, ok := decode(c.Key)
	if !ok || len(key) != protocol.SessionKeySize {
		return Session{}, ErrCard
	}
	sig, ok := decode(c.Sig)
	if !ok {
		return Session{}, ErrCard
	}
	if err := id.Verify(signedCard(m, id, c), sig); err != nil {
		return Session{}, ErrCard
	}
	return Session{
		ID: id, Fingerprint: fingerprint(id, c.Key), Card: c,
		Proved: member != nil && member.isProof(c.Proof, m, id, c.Key),
	}, nil
}

func fingerprint(id identity.PeerID, key string) [sha256.Size]byte {
	return sha256.Sum256(fields(nil).text("parley/1/session").text(string(id)).text(key))
}

func signedCard(m meeting.ID, id identity.PeerID, c protocol.Card) []byte {
	return make(fields, 0, 2048).
		text("parley/1/card").text(m.String()).text(string(id)).
		number(c.At).text(string(c.Host)).text(c.Key).text(c.Proof)
}
