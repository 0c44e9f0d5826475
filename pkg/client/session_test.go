package client_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/parley-mesh/parley/pkg/client"
	"github.com/parley-mesh/parley/pkg/identity"
	"github.com/parley-mesh/parley/pkg/protocol"
)

func TestSignals(t *testing.T) {
	inBubble(t, func(t *testing.T, s *stage) {
		host := s.enter(s.host)
		guest := s.run(s.guest)
		opened := expect[client.Opened](guest).Welcome
		if opened.Title != "Planning" || len(opened.Roster) != 2 || opened.Self.ID != guest.id || opened.Resumed {
			t.Errorf("welcome = %+v", opened)
		}
		joined, ok := expect[client.Came](host).Frame.(protocol.Joined)
		if !ok || joined.Participant.ID != guest.id {
			t.Errorf("host was told %+v", joined)
		}
		guest.send(protocol.SendSignal{To: host.id, Box: "offer"})
		host.send(protocol.SendBroadcast{Box: "hello, all"})
		if diff := cmp.Diff([]string{"offer"}, host.boxes(1)); diff != "" {
			t.Error(diff)
		}
		if diff := cmp.Diff([]string{"hello, all"}, guest.boxes(1)); diff != "" {
			t.Error(diff)
		}
		guest.send(protocol.SendSignal{To: identity.FromSeed([32]byte{9}).PeerID(), Box: "x"})
		if refusal, ok := expect[client.Came](guest).Frame.(protocol.Refusal); !ok || refusal.Code != protocol.CodeNotInRoom {
			t.Errorf("refusal = %+v", refusal)
		}
	})
}

// Guards against frames lost, doubled or out of order when the connection breaks
// at any moment, in both directions at once.
func TestResumeAfterCuts(t *testing.T) {
	inBubble(t, func(t *testing.T, s *stage) {
		host, guest := s.enter(s.host), s.enter(s.guest)
		const n = 300
		go func() {
			for i := range n {
				box := fmt.Sprint(i)
				for _, r := range []struct {
					from *running
					to   identity.PeerID
				}{{host, guest.id}, {guest, host.id}} {
					for errors.Is(r.from.Send(protocol.SendSignal{To: r.to, Box: box}), client.ErrBacklog) {
						time.Sleep(time.Millisecond)
					}
				}
				if i%7 == 0 {
					s.rendezvous.Cut()
				}
				if i%3 == 0 {
					time.Sleep(time.Duration(i) * time.Millisecond)
				}
			}
		}()
		got := make(chan []string)
		go func() { got <- host.boxes(n) }()
		if diff := cmp.Diff(numbered(n), guest.boxes(n)); diff != "" {
			t.Error(diff)
		}
		if diff := cmp.Diff(numbered(n), <-got); diff != "" {
			t.Error(diff)
		}
		if roster := s.rendezvous.Roster(s.created.MeetingID); len(roster) != 2 {
			t.Errorf("roster = %v", roster)
		}
	})
}

// Guards against a resume that others notice.
func TestResumeKeepsTheSession(t *testing.T) {
	inBubble(t, func(t *testing.T, s *stage) {
		host := s.enter(s.host)
		before := s.rendezvous.Roster(s.created.MeetingID)
		s.rendezvous.Cut()
		lost := expect[client.Lost](host)
		if lost.Err == nil || lost.Again <= 0 || lost.Again > time.Second {
			t.Errorf("lost = %+v", lost)
		}
		host.send(protocol.SetPresence{Presence: protocol.Presence{Name: "Host", Mic: true}})
		if w := expect[client.Opened](host).Welcome; !w.Resumed || w.Self.Presence.Name != "Host" {
			t.Errorf("welcome = %+v", w)
		}
		after := s.rendezvous.Roster(s.created.MeetingID)
		if before[0].Session != after[0].Session || before[0].N != after[0].N {
			t.Errorf("roster %v became %v", before, after)
		}
	})
}

func TestRepeatedFramesAreDropped(t *testing.T) {
	inBubble(t, func(t *testing.T, s *stage) {
		host := s.enter(s.host)
		for i := range 5 {
			s.rendezvous.Push(host.id, protocol.Broadcast{From: host.id, Box: fmt.Sprint(i)})
		}
		s.rendezvous.Repeat(host.id)
		if diff := cmp.Diff(numbered(5), host.boxes(5)); diff != "" {
			t.Error(diff)
		}
		host.quiet()
	})
}

// Guards against a rendezvous' log that fills because nothing is acknowledged.
func TestAcknowledges(t *testing.T) {
	inBubble(t, func(t *testing.T, s *stage) {
		host := s.enter(s.host)
		push := func(n int) {
			for i := range n {
				s.rendezvous.Push(host.id, protocol.Broadcast{From: host.id, Box: fmt.Sprint(i)})
			}
			host.boxes(n)
			synctest.Wait()
		}
		push(3)
		if n := s.rendezvous.Unacked(host.id); n != 3 {
			t.Errorf("%d unacknowledged at once, want 3: a few can wait", n)
		}
		time.Sleep(2 * time.Second)
		synctest.Wait()
		if n := s.rendezvous.Unacked(host.id); n != 0 {
			t.Errorf("%d unacknowledged after two seconds", n)
		}
		push(50)
		if n := s.rendezvous.Unacked(host.id); n >= 32 {
			t.Errorf("%d of 50 unacknowledged at once", n)
		}
	})
}

// Guards against signals lost with a rendezvous that was killed, and against
// ones to who did not come back.
func TestRestart(t *testing.T) {
	inBubble(t, func(t *testing.T, s *stage) {
		host, guest := s.run(s.host), s.run(s.guest)
		first := expect[client.Opened](host).Welcome.Self
		expect[client.Opened](guest)
		gone := identity.FromSeed([32]byte{3}).PeerID()
		s.rendezvous.Push(host.id, protocol.Broadcast{From: guest.id, Box: "numbers are not at zero"})
		s.rendezvous.Lossy(true)
		s.rendezvous.Mute(true) // nothing of what follows is taken
		host.send(protocol.SendSignal{To: gone, Box: "to nobody"})
		host.send(protocol.SetPresence{Presence: protocol.Presence{Name: "Renamed"}})
		host.send(protocol.SendSignal{To: guest.id, Box: "0"})
		host.send(protocol.SendBroadcast{Box: "1"})
		synctest.Wait()
		guest.Leave() // comes back as another process, before the host
		guest.cancel()
		s.rendezvous.Restart()
		s.rendezvous.Mute(false)
		guest = s.enter(s.guest)
		if diff := cmp.Diff(numbered(2), guest.boxes(2)); diff != "" {
			t.Error(diff)
		}
		for e := range host.Events() {
			if opened, ok := e.(client.Opened); ok {
				if w := opened.Welcome; w.Resumed || w.Self.Session != first.Session || w.Self.Presence.Name != "Renamed" {
					t.Errorf("welcome after the restart = %+v, first self = %+v", w, first)
				}
				break
			}
		}
		if diff := cmp.Diff(numbered(2), s.rendezvous.Came(host.id)); diff != "" {
			t.Errorf("sent again: %s", diff)
		}
	})
}

func TestBye(t *testing.T) {
	inBubble(t, func(t *testing.T, s *stage) {
		host := s.enter(s.host)
		s.rendezvous.Bye(host.id, protocol.Bye{Why: protocol.ByeRestart, Detail: "Back soon.", RetryAfter: 20})
		lost := expect[client.Lost](host)
		if lost.Again < 20*time.Second {
			t.Errorf("tries again after %v, was asked to wait 20 s", lost.Again)
		}
		expect[client.Opened](host)
		s.rendezvous.Bye(host.id, protocol.Bye{Why: protocol.ByeRemoved, Detail: "You were removed."})
		var ended *client.Ended
		if err := <-host.done; !errors.As(err, &ended) || ended.Bye.Why != protocol.ByeRemoved || err.Error() != "You were removed." {
			t.Errorf("Run = %v", err)
		}
		if _, open := <-host.Events(); open {
			t.Error("events go on after Run")
		}
		if err := host.Send(protocol.SendBroadcast{Box: "x"}); !errors.Is(err, client.ErrEnded) {
			t.Errorf("Send = %v, want ErrEnded", err)
		}
		if err := host.Run(t.Context()); !errors.Is(err, client.ErrEnded) {
			t.Errorf("a second Run = %v, want ErrEnded", err)
		}
	})
}

func TestSendRefuses(t *testing.T) {
	inBubble(t, func(t *testing.T, s *stage) {
		host := s.enter(s.host)
		var field *protocol.FieldError
		for _, f := range []protocol.ClientFrame{nil, protocol.Hello{}, protocol.Ping{}, protocol.Ack{}, protocol.Leave{}} {
			if err := host.Send(f); err == nil {
				t.Errorf("Send(%T) is taken", f)
			}
		}
		if err := host.Send(protocol.SendSignal{To: "me", Box: "x"}); !errors.As(err, &field) || field.Field != "to" {
			t.Errorf("Send to nobody = %v", err)
		}
		if err := host.Send(protocol.SendBroadcast{Box: strings.Repeat("x", protocol.MaxBox+1)}); !errors.As(err, &field) || field.Field != "box" {
			t.Errorf("Send of a large box = %v", err)
		}
		// Within its bound, and over the frame's once escaped.
		if err := host.Send(protocol.SendBroadcast{Box: strings.Repeat("\x01", protocol.MaxBox)}); !errors.Is(err, protocol.ErrTooLarge) {
			t.Errorf("Send of a large frame = %v", err)
		}
		s.rendezvous.Lossy(true)
		for range protocol.MaxUnacked {
			host.send(protocol.SendBroadcast{Box: "x"})
		}
		if err := host.Send(protocol.SendBroadcast{Box: "x"}); !errors.Is(err, client.ErrBacklog) {
			t.Errorf("Send with a full outbox = %v, want ErrBacklog", err)
		}
		host.Leave() // has its place all the same
		if err := <-host.done; err != nil {
			t.Errorf("Run = %v", err)
		}
	})
}

func TestLeave(t *testing.T) {
	inBubble(t, func(t *testing.T, s *stage) {
		host, guest := s.enter(s.host), s.enter(s.guest)
		expect[client.Came](host) // joined
		guest.send(protocol.SendBroadcast{Box: "last words"})
		guest.Leave()
		guest.Leave()
		if err := guest.Send(protocol.SendBroadcast{Box: "after them"}); !errors.Is(err, client.ErrEnded) {
			t.Errorf("Send = %v, want ErrEnded", err)
		}
		if err := <-guest.done; err != nil {
			t.Errorf("Run = %v", err)
		}
		if diff := cmp.Diff([]string{"last words"}, host.boxes(1)); diff != "" {
			t.Error(diff)
		}
		if left, ok := expect[client.Came](host).Frame.(protocol.Left); !ok || left.Why != protocol.LeftLeft {
			t.Errorf("host was told %+v", left)
		}
		// Nobody is there to be told: no waiting.
		s.rendezvous.Fail(protocol.CodeUnavailable)
		s.rendezvous.Cut()
		expect[client.Lost](host)
		expect[client.Lost](host)
		began := time.Now()
		host.Leave()
		if err := <-host.done; err != nil || time.Since(began) > 0 {
			t.Errorf("Run = %v after %v", err, time.Since(began))
		}
	})
}

// Guards against a process that cannot end because nobody reads any more.
func TestLeaveWithoutReading(t *testing.T) {
	inBubble(t, func(t *testing.T, s *stage) {
		host := s.enter(s.host)
		for i := range 200 {
			s.rendezvous.Push(host.id, protocol.Broadcast{From: host.id, Box: fmt.Sprint(i)})
		}
		synctest.Wait()
		host.Leave()
		if err := <-host.done; err != nil {
			t.Errorf("Run = %v", err)
		}
		if roster := s.rendezvous.Roster(s.created.MeetingID); len(roster) != 0 {
			t.Errorf("roster = %v", roster)
		}
	})
}

func TestContextEndsRun(t *testing.T) {
	inBubble(t, func(t *testing.T, s *stage) {
		host := s.enter(s.host)
		host.cancel()
		if err := <-host.done; !errors.Is(err, context.Canceled) {
			t.Errorf("Run = %v, want context.Canceled", err)
		}
	})
}

// Guards against losing frames to an owner that is busy: the session stops
// reading, and goes on where it was.
func TestSlowOwner(t *testing.T) {
	inBubble(t, func(t *testing.T, s *stage) {
		host := s.enter(s.host)
		const n = 200
		for i := range n {
			s.rendezvous.Push(host.id, protocol.Broadcast{From: host.id, Box: fmt.Sprint(i)})
		}
		time.Sleep(time.Minute)
		if diff := cmp.Diff(numbered(n), host.boxes(n)); diff != "" {
			t.Error(diff)
		}
	})
}

// Guards against a secure rendezvous that hands its participants to an open one.
func TestNewSessionRefuses(t *testing.T) {
	t.Parallel()
	id := identity.FromSeed([32]byte{1})
	c, err := client.New(client.Config{Rendezvous: "https://meet.example.org", Identity: id})
	if err != nil {
		t.Fatal(err)
	}
	good := protocol.JoinResponse{MeetingID: "482913006", Ticket: "x", SignalingURL: "wss://meet.example.org/signal"}
	if _, err := c.NewSession(good, protocol.KindNode, protocol.Presence{Name: "x"}); err != nil {
		t.Errorf("good: %v", err)
	}
	for _, url := range []string{"", "ws://meet.example.org/signal", "http://meet.example.org/signal", "wss:///signal", "wss://a:b@meet.example.org", "file:///etc/passwd", "%"} {
		bad := good
		bad.SignalingURL = url
		if _, err := c.NewSession(bad, protocol.KindNode, protocol.Presence{Name: "x"}); !errors.Is(err, client.ErrConfig) {
			t.Errorf("%q: %v", url, err)
		}
	}
	var field *protocol.FieldError
	if _, err := c.NewSession(good, protocol.KindNode, protocol.Presence{}); !errors.As(err, &field) || field.Field != "presence.name" {
		t.Errorf("no name: %v", err)
	}
}
