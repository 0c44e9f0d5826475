package session

import (
	"context"
	"fmt"
	"slices"

	"github.com/parley-mesh/parley/pkg/client"
	"github.com/parley-mesh/parley/pkg/e2ee"
	"github.com/parley-mesh/parley/pkg/identity"
	"github.com/parley-mesh/parley/pkg/meeting"
	"github.com/parley-mesh/parley/pkg/protocol"
)

// renewedWithin is how long everybody is given to hear of a new invitation before
// the host shows a card that only who has heard of it can check, in milliseconds.
const renewedWithin = 1_500

// Admit lets somebody in who waits. It fails with ErrNotChair or ErrOver.
func (s *Session) Admit(id identity.PeerID) error { return s.chair(protocol.Admit{ID: id}) }

// Deny sends somebody away who waits. It fails with ErrNotChair or ErrOver.
func (s *Session) Deny(id identity.PeerID) error {
	return s.call(func(l *loop) error {
		if err := l.preset(protocol.Deny{ID: id}); err != nil {
			return err
		}
		l.sendAway(id)
		return nil
	})
}

// Lock keeps newcomers out, or lets them in again. It fails with ErrNotChair or
// ErrOver.
func (s *Session) Lock(locked bool) error { return s.chair(protocol.Lock{Locked: locked}) }

// Remove ends somebody's stay, for good with ban. What is said from now on is not
// for them, whatever the rendezvous does. It fails with ErrNotChair or ErrOver.
func (s *Session) Remove(id identity.PeerID, ban bool) error {
	return s.call(func(l *loop) error {
		if err := l.preset(protocol.Remove{ID: id, Ban: ban}); err != nil {
			return err
		}
		l.leaves(protocol.Left{ID: id, Why: protocol.LeftRemoved})
		return nil
	})
}

func (s *Session) chair(f protocol.ClientFrame) error {
	return s.call(func(l *loop) error { return l.preset(f) })
}

// preset tells the rendezvous what who has the chair decides.
func (l *loop) preset(f protocol.ClientFrame) error {
	if l.core.state.ActingHost() != l.self {
		return ErrNotChair
	}
	return l.rendezvous.Send(f)
}

// Renew makes a new invitation, with another password and another secret: the old
// one opens nothing any more. Who is inside by it stays so, and is told what proofs
// are made with from now on; but for who was sent away. It fails with ErrNotHost,
// ErrOver or an error of the client's.
func (s *Session) Renew(ctx context.Context) (client.Renewed, error) {
	if err := s.call(func(l *loop) error {
		if !l.hosts() {
			return ErrNotHost
		}
		return nil
	}); err != nil {
		return client.Renewed{}, err
	}
	made, err := s.cfg.Client.RenewInvitation(ctx, s.cfg.Joined.MeetingID, protocol.RenewRequest{})
	if err != nil {
		return client.Renewed{}, fmt.Errorf("session: %w", err)
	}
	return made, s.call(func(l *loop) error { l.renew(made.Invitation); return nil })
}

// Invitation is the newest of a meeting that was made here, with its secret; false
// where it is not known.
func (s *Session) Invitation() (inv meeting.Invitation, known bool) {
	_ = s.call(func(l *loop) error {
		if l.kept.Invitation != nil {
			inv, known = *l.kept.Invitation, true
		}
		return nil
	})
	return inv, known
}

// renew makes an invitation the one that counts.
func (l *loop) renew(inv meeting.Invitation) {
	members := l.door.invited()
	before := l.cfg.Secret
	if l.kept.Invitation != nil {
		before = l.kept.Invitation.Secret
	}
	l.keep(func(k *Kept) {
		if before != nil && len(members) > 0 {
			k.retire(*before, members)
		}
		k.Invitation = &inv
	})
	member := e2ee.NewMembershipKey(*inv.Secret, l.cfg.Joined.MeetingID)
	l.door.older = formerKeys(l.kept.Former, l.cfg.Joined.MeetingID)
	l.door.renew(&member)
	l.keys.spoiled, l.dirty.keys = true, true // the next epoch brings it
	l.oweAll()
	l.next.recard = l.millis()
	if len(members) > 0 {
		l.next.recard += renewedWithin
	}
}

// invited are who is inside by an invitation and not sent away, self apart.
func (d *door) invited() []identity.PeerID {
	var ids []identity.PeerID
	for id, g := range d.guests {
		if id != d.self.ID && g.session.Proved && g.entry.Kind != protocol.KindHelper && !d.wasSentAway(id) {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	return ids
}

// lacks tells whether somebody is invited who was not told of the host's newest
// invitation, or has not shown to be: their card proves it by one before.
func (d *door) lacks(p guest) bool {
	return len(d.older) > 0 && p.session.Proved && p.entry.Kind != protocol.KindHelper &&
		!d.wasSentAway(p.entry.ID) && !d.member.Proves(d.meeting, p.entry.ID, p.session.Card)
}
