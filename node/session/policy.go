package session

import (
	"context"
	"fmt"

	"github.com/parley-mesh/parley/pkg/e2ee"
	"github.com/parley-mesh/parley/pkg/meeting"
	"github.com/parley-mesh/parley/pkg/protocol"
)

// relaxedAfter is how long the rendezvous may lag behind the host's own word of
// who may come in, in milliseconds.
const relaxedAfter = 5_000

// hosts tells whether self is the meeting's host.
func (l *loop) hosts() bool { return l.self == l.hostID }

// toldEntry takes the rendezvous' word of who may come in. It can make that
// stricter and no more.
func (l *loop) toldEntry(e meeting.Entry) {
	l.door.setEntry(e, false)
	if l.hosts() {
		l.doubtEntry(e)
	} else {
		l.keepEntry(e, false)
	}
}

// doubtEntry gives the rendezvous, which says e, time to hear of what the host
// decided.
func (l *loop) doubtEntry(e meeting.Entry) {
	if l.deciding == 0 && e == meeting.EntryAny && l.kept.Entry == meeting.EntryInvitation && l.next.relaxed == 0 {
		l.next.relaxed = l.millis() + relaxedAfter
	}
}

// statedEntry takes an acting host's word of it, signed with an epoch. The host's
// alone makes it laxer.
func (l *loop) statedEntry(epoch *e2ee.Epoch) {
	if epoch.By == l.self {
		return // it says what stands here already
	}
	byHost := epoch.By == l.hostID
	l.door.setEntry(epoch.Entry, byHost)
	if byHost && !l.hosts() {
		l.keepEntry(epoch.Entry, true)
	}
}

// keepEntry remembers for the next stay who may come in, by the host's word, or
// stricter than that was.
func (l *loop) keepEntry(e meeting.Entry, byHost bool) {
	stricter := e == meeting.EntryInvitation || (l.kept.Entry == "" && byHost)
	if e == l.kept.Entry || (!stricter && !byHost) {
		return
	}
	l.keep(func(k *Kept) { k.Entry = e })
}

// tellRelaxed tells the host that the rendezvous has opened its meeting.
func (l *loop) tellRelaxed() {
	l.next.relaxed = 0
	if l.policy.Entry == meeting.EntryAny && l.kept.Entry == meeting.EntryInvitation {
		l.alarm(e2ee.Alarm{Code: e2ee.AlarmRelaxed, ID: l.self})
	}
}

// SetEntry changes who may come in. It fails with ErrNotHost, ErrOver or an error
// of the client's.
func (s *Session) SetEntry(ctx context.Context, e meeting.Entry) error {
	var before standpoint
	if err := s.call(func(l *loop) error {
		if !l.hosts() {
			return ErrNotHost
		}
		before = standpoint{kept: l.kept.Entry, here: l.door.keeper.Entry()}
		l.deciding++
		l.decide(e)
		return nil
	}); err != nil {
		return err
	}
	_, err := s.cfg.Client.Change(ctx, s.cfg.Joined.MeetingID, protocol.ChangeRequest{Policy: &meeting.PolicyPatch{Entry: &e}})
	over := s.call(func(l *loop) error {
		l.deciding--
		switch {
		case err == nil:
			l.doubtEntry(l.policy.Entry)
		case e == meeting.EntryAny: // stricter does no harm, and an answer that was lost may have been a yes
			l.takeBack(before)
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("session: who may come in: %w", err)
	}
	return over
}

// standpoint is who might come in before the host decided anew.
type standpoint struct {
	kept meeting.Entry // by its own hand
	here meeting.Entry // as it is judged here, by the rendezvous' stricter word too
}

// takeBack undoes a decision that the rendezvous never agreed to.
func (l *loop) takeBack(before standpoint) {
	l.keep(func(k *Kept) { k.Entry = before.kept })
	here := before.here
	if l.policy.Entry == meeting.EntryInvitation {
		here = meeting.EntryInvitation
	}
	l.door.setEntry(here, true)
	l.review()
	l.dirty.keys = true
}

// decide makes it the host's own word who may come in.
func (l *loop) decide(e meeting.Entry) {
	l.door.setEntry(e, true)
	l.keep(func(k *Kept) { k.Entry = e })
	l.review()
	l.dirty.keys = true
}
