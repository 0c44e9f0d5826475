package session

import (
	"fmt"
	"testing"
	"time"

	"github.com/parley-mesh/parley/pkg/identity"
	"github.com/parley-mesh/parley/pkg/meeting"
	"github.com/parley-mesh/parley/pkg/protocol"
)

// Guards against a member who puts more into a room's past than was asked for, or
// lines of who may not write.
func TestHistoryIsAskedFor(t *testing.T) {
	inBubble(t, 6, func(t *testing.T, s *stage) {
		nodes := s.three()
		a, b, c := nodes[0], nodes[1], nodes[2]
		told := func(envelopes ...protocol.Envelope) {
			b.inside(func(l *loop) { l.send(l.links.to(a.id), protocol.History{Envelopes: envelopes}) })
			time.Sleep(time.Second)
		}
		a.inside(func(l *loop) { l.links.to(b.id).history = 1 })
		told(c.letter("asked for"), c.letter("not asked for"))
		if lines := a.State().Chat; len(lines) != 1 || lines[0].Text != "asked for" {
			t.Errorf("it has read %+v", lines)
		}
		a.inside(func(l *loop) { l.links.to(b.id).history = 1 })
		policy := a.State().Policy
		policy.Chat = meeting.WhoHost
		s.rendezvous.Push(a.id, protocol.PolicyChanged{Title: "Planning", Policy: policy})
		time.Sleep(100 * time.Millisecond)
		told(c.letter("from who may not write"))
		if lines := a.State().Chat; len(lines) != 1 {
			t.Errorf("it has read %+v", lines)
		}
	})
}

// Guards against one who pushes out what others wrote while its key is on the
// way.
func TestUnreadLinesOfOneAuthorAreFew(t *testing.T) {
	t.Parallel()
	x := newChat()
	line := func(from identity.PeerID, seq int64) {
		x.await(unread{envelope: protocol.Envelope{From: from, Seq: seq}, at: 1})
	}
	kept := func(from identity.PeerID) (seqs []int64) {
		for _, u := range x.unread {
			if u.envelope.From == from {
				seqs = append(seqs, u.envelope.Seq)
			}
		}
		return seqs
	}
	line("ada", 1)
	for seq := range int64(unreadMost) {
		line("mallory", seq)
	}
	if n := kept("mallory"); len(kept("ada")) != 1 || len(n) != unreadOf || n[unreadOf-1] != unreadMost-1 {
		t.Errorf("of Ada %v, of Mallory %v", kept("ada"), n)
	}
	for i := range 2 * unreadMost {
		line(identity.PeerID(fmt.Sprint(i)), 1)
	}
	if len(x.unread) != unreadMost {
		t.Errorf("%d lines wait", len(x.unread))
	}
	x.await(unread{at: 1 + unreadUntil})
	if len(x.unread) != 1 {
		t.Errorf("%d lines wait for ever", len(x.unread))
	}
}
