package hub

import (
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/parley-mesh/parley/pkg/meeting"
	"github.com/parley-mesh/parley/pkg/protocol"
	"github.com/parley-mesh/parley/rendezvous/roster"
)

func (s *scene) help(seed byte) (*Post, *fakeSocket) {
	s.t.Helper()
	socket := &fakeSocket{}
	post, err := s.hub.Help(peer(seed), socket)
	if err != nil {
		s.t.Fatal(err)
	}
	s.expect(socket, "Helping")
	return post, socket
}

// answer brings a helper into a room.
func (s *scene) answer(seed byte, id meeting.ID) *Seat {
	s.t.Helper()
	hello := protocol.Hello{MeetingID: id.String(), Ticket: "x", Kind: protocol.KindHelper, Presence: protocol.Presence{Name: "H"}}
	seat, err := s.hub.Enter(id, roster.Claims{ID: peer(seed), Via: protocol.ViaPassword, Helper: true, Issued: time.Now()}, hello, &fakeSocket{})
	if err != nil {
		s.t.Fatal(err)
	}
	synctest.Wait()
	return seat
}

// Guards the choice: two for a call, those with the least to do first, and
// nobody to where it is or is on its way.
func TestHelpersAreCalled(t *testing.T) {
	inBubble(t, func(t *testing.T, s *scene) {
		const room2 = meeting.ID("482913007")
		s.kept.opened[room2] = s.kept.opened[room1]
		host, _ := s.enter(1)
		call := func(seq int64) {
			t.Helper()
			host.Receive(seq, protocol.CallHelper{})
			synctest.Wait()
		}
		call(1) // nobody is there to hear it
		_, a := s.help(11)
		_, b := s.help(12)
		third, c := s.help(13)
		call(2)
		s.expect(a, "HelpWanted")
		s.expect(b, "HelpWanted")
		s.expect(c, "")
		call(3) // the two are on their way
		s.expect(a, "")
		s.expect(b, "")
		s.expect(c, "HelpWanted")
		s.answer(11, room1)
		time.Sleep(comesIn)
		call(4) // one came, the others did not
		s.expect(a, "")
		s.expect(b, "HelpWanted")
		s.expect(c, "HelpWanted")
		third.Gone()
		if len(s.hub.helpers.posts) != 2 {
			t.Errorf("%d helpers are registered", len(s.hub.helpers.posts))
		}
		// In another room who has nothing to do comes before who is in the first.
		time.Sleep(comesIn)
		_, d := s.help(14)
		hello := protocol.Hello{Kind: protocol.KindBrowser, Presence: protocol.Presence{Name: "P"}}
		seat, err := s.hub.Enter(room2, roster.Claims{ID: peer(2), Via: protocol.ViaInvitation, Issued: time.Now()}, hello, &fakeSocket{})
		if err != nil {
			t.Fatal(err)
		}
		seat.Receive(1, protocol.CallHelper{})
		s.expect(a, "")
		s.expect(b, "HelpWanted")
		s.expect(d, "HelpWanted")
	})
}

// Guards the others from a helper that does not read, and from a second process
// of one.
func TestHelpersEnd(t *testing.T) {
	inBubble(t, func(t *testing.T, s *scene) {
		host, _ := s.enter(1)
		older, first := s.help(11)
		_, second := s.help(11)
		s.expect(first, "Bye")
		if !first.closed || first.why != protocol.ByeElsewhere {
			t.Errorf("the older registration: closed %v, why %q", first.closed, first.why)
		}
		older.Gone() // late: the newer one stays
		stuck, deaf := s.help(12)
		deaf.mu.Lock()
		deaf.stuck = true
		deaf.mu.Unlock()
		before := time.Now()
		host.Receive(1, protocol.CallHelper{})
		s.expect(second, "HelpWanted")
		if !time.Now().Equal(before) {
			t.Error("a helper waited for another")
		}
		time.Sleep(stuckFor)
		synctest.Wait()
		if !deaf.closed {
			t.Error("a helper that does not read still has its socket")
		}
		stuck.Gone()
		last, socket := s.help(13)
		last.Ping()
		s.expect(socket, "Pong")
		s.end()
		s.expect(socket, "Bye")
		if !socket.closed || socket.why != protocol.ByeRestart || len(s.hub.helpers.posts) != 0 {
			t.Errorf("closed %v, why %q, %d registered", socket.closed, socket.why, len(s.hub.helpers.posts))
		}
		if _, err := s.hub.Help(peer(14), socket); !errors.Is(err, ErrStopping) {
			t.Errorf("registering after the end: %v", err)
		}
		last.Gone()
	})
}

func TestHelpersAreBounded(t *testing.T) {
	inBubble(t, func(t *testing.T, s *scene) {
		for i := range maxHelpers {
			if _, err := s.hub.Help(peerAt(i), &fakeSocket{}); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := s.hub.Help(peerAt(maxHelpers), &fakeSocket{}); !errors.Is(err, ErrHelpers) {
			t.Errorf("one more: %v", err)
		}
		if _, err := s.hub.Help(peerAt(0), &fakeSocket{}); err != nil {
			t.Errorf("one of them again: %v", err)
		}
	})
}

// Guards against who calls for ever: the rate is the room's own.
func TestCallsAreRated(t *testing.T) {
	inBubble(t, func(t *testing.T, s *scene) {
		host, socket := s.enter(1)
		_, helper := s.help(11)
		for i := range int64(2 * roster.MaxCalls) {
			host.Receive(i+1, protocol.CallHelper{})
		}
		synctest.Wait()
		if got := strings.Count(socket.take(), "Refusal"); got != roster.MaxCalls {
			t.Errorf("%d calls are refused", got)
		}
		s.expect(helper, "HelpWanted")
	})
}
