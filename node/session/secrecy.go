package session

import (
	"crypto/rand"
	"time"

	"github.com/parley-mesh/parley/pkg/e2ee"
	"github.com/parley-mesh/parley/pkg/identity"
	"github.com/parley-mesh/parley/pkg/meeting"
	"github.com/parley-mesh/parley/pkg/protocol"
)

// secrecy is what a stay is known by and what it knows, for as long as it lasts.
type secrecy struct {
	meeting meeting.ID
	key     *e2ee.SessionKey
	self    e2ee.Session
	member  *e2ee.MembershipKey // nil: in by password
	kept    Kept
	unkept  []func(*Kept) // what could not be written of it
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
	stamp := func(k *Kept) { k.stamp(now) }
	if s.kept, err = cfg.Keep.Change(stamp); err != nil {
		cfg.Logger.Warn(unkept, "error", err)
		s.unkept = append(s.unkept, stamp)
	}
	secret := cfg.Secret
	if own := s.kept.Invitation; own != nil && own.Secret != nil && cfg.Kind != protocol.KindHelper {
		secret = own.Secret // whatever link the host came by
	}
	if secret != nil {
		member := e2ee.NewMembershipKey(*secret, s.meeting)
		s.member = &member
	}
	if s.kept.Membership != nil && s.kept.Invitation == nil && cfg.Kind != protocol.KindHelper {
		s.member = s.kept.Membership
	}
	who, host := cfg.Client.Identity(), cfg.Host
	if host == "" {
		host = who.PeerID() // a helper's word, to which nobody listens
	}
	s.self, err = s.show(who, host, s.kept.CardAt)
	return s, err
}

// show makes a card, with a proof where there is something to prove.
func (s secrecy) show(who *identity.Identity, host identity.PeerID, at int64) (e2ee.Session, error) {
	card := s.key.Card(who, s.meeting, host, at, s.member)
	return e2ee.CheckCard(s.meeting, who.PeerID(), card, s.member)
}

// Everybody who is told of a new invitation shows a new card; not all at once.
const (
	recardLeast = 3_000
	recardMore  = 3_000
)

// belong takes the host's word of what proofs are made with from now on: of a host
// who has proved to have what they were made with until now. Who has nothing to
// check that with would take the rendezvous' word for who the host is.
func (l *loop) belong(from guest, text string) {
	if text == "" || from.entry.ID != l.hostID || l.door.member == nil || !l.door.hostProved {
		return
	}
	member, err := e2ee.ParseMembershipKey(text)
	if err != nil || l.door.member.Equal(member) {
		return
	}
	l.door.renew(&member)
	l.keep(func(k *Kept) { k.Membership = &member })
	l.review()
	l.next.recard = l.millis() + recardLeast + int64(chance()*recardMore)
}

// recard shows the same key with a proof that newcomers can check.
func (l *loop) recard() {
	l.next.recard = 0
	l.keep(func(k *Kept) { k.stamp(time.UnixMilli(l.unix())) })
	s := secrecy{meeting: l.cfg.Joined.MeetingID, key: l.key, member: l.door.member}
	self, err := s.show(l.cfg.Client.Identity(), l.hostID, l.kept.CardAt)
	if err == nil {
		err = l.rendezvous.ShowCard(self.Card)
	}
	if err != nil {
		l.log.Warn("a new card could not be shown", "error", err)
		return
	}
	l.door.self = self
}
