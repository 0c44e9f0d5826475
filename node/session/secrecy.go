package session

import (
	"crypto/rand"
	"time"

	"github.com/parley-mesh/parley/pkg/e2ee"
	"github.com/parley-mesh/parley/pkg/meeting"
)

// secrecy is what a stay is known by and what it knows, for as long as it lasts.
type secrecy struct {
	meeting meeting.ID
	key     *e2ee.SessionKey
	self    e2ee.Session
	member  *e2ee.MembershipKey // nil: in by password
}

// newSecrecy makes the session key, which is this stay's alone, and its card.
func newSecrecy(cfg *Config, now time.Time) (secrecy, error) {
	var seed [32]byte
	_, _ = rand.Read(seed[:]) // never fails
	key, err := e2ee.NewSessionKey(seed)
	if err != nil {
		return secrecy{}, err
	}
	s := secrecy{meeting: cfg.Joined.MeetingID, key: key}
	if cfg.Secret != nil {
		member := e2ee.NewMembershipKey(*cfg.Secret, s.meeting)
		s.member = &member
	}
	who, host := cfg.Client.Identity(), cfg.Host
	if host == "" {
		host = who.PeerID() // a helper's word, to which nobody listens
	}
	card := key.Card(who, s.meeting, host, now.UnixMilli(), s.member)
	s.self, err = e2ee.CheckCard(s.meeting, who.PeerID(), card, s.member)
	return s, err
}
