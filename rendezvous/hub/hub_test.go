package hub

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/parley-mesh/parley/pkg/identity"
	"github.com/parley-mesh/parley/pkg/meeting"
	"github.com/parley-mesh/parley/pkg/protocol"
	"github.com/parley-mesh/parley/rendezvous/roster"
)

const room1 = meeting.ID("482913006")

func peer(seed byte) identity.PeerID { return peerAt(int(seed)) }

func peerAt(n int) identity.PeerID {
	return identity.FromSeed([32]byte{byte(n), byte(n >> 8)}).PeerID()
}

// memory is Records in a map, which can fail.
type memory struct {
	mu        sync.Mutex
	opened    map[meeting.ID]Opened
	standings []roster.Standing
	locked    []bool
	fail      error
}

func (m *memory) Open(_ context.Context, id meeting.ID) (Opened, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	opened, ok := m.opened[id]
	switch {
	case m.fail != nil:
		return Opened{}, m.fail
	case !ok:
		return Opened{}, ErrNoMeeting
	}
	opened.Standings = append(opened.Standings, m.standings...)
	return opened, nil
}

func (m *memory) Keep(_ context.Context, _ meeting.ID, s roster.Standing) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.standings = append(m.standings, s)
	return m.fail
}

func (m *memory) KeepLocked(_ context.Context, _ meeting.ID, locked bool) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.locked = append(m.locked, locked)
	return m.fail
}

func (m *memory) change(f func(*memory)) {
	m.mu.Lock()
	defer m.mu.Unlock()
	f(m)
}

// fakeSocket collects what is written; while it is stuck, a write waits as on a
// client that does not read, and fails after a while.
type fakeSocket struct {
	mu     sync.Mutex
	words  []string
	stuck  bool
	closed bool
	why    protocol.ByeWhy
}

const stuckFor = 5 * time.Second

func (s *fakeSocket) Write(frame []byte) error {
	s.mu.Lock()
	stuck := s.stuck
	s.mu.Unlock()
	if stuck {
		time.Sleep(stuckFor)
		return errors.New("nobody reads")
	}
	_, f, err := protocol.DecodeServer(frame)
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.words = append(s.words, strings.TrimPrefix(fmt.Sprintf("%T", f), "protocol."))
	return nil
}

func (s *fakeSocket) Close(why protocol.ByeWhy) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.closed {
		s.closed, s.why = true, why
	}
}

func (s *fakeSocket) take() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := strings.Join(s.words, " ")
	s.words = nil
	return out
}

// scene is a hub in a bubble.
type scene struct {
	t    *testing.T
	hub  *Hub
	kept *memory
	end  func()
}

func inBubble(t *testing.T, test func(*testing.T, *scene)) {
	t.Helper()
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &scene{t: t, kept: &memory{opened: map[meeting.ID]Opened{
			room1: {Meeting: roster.Meeting{ID: room1, Title: "Weekly", HostID: peer(1), Policy: meeting.DefaultPolicy()}},
		}}}
		s.hub = New(Config{
			Log: slog.New(slog.DiscardHandler), Records: s.kept,
			Ticket: func(meeting.ID, *time.Time, time.Time, roster.Claims) string { return "ticket" },
		})
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan struct{})
		go func() {
			defer close(done)
			if err := s.hub.Run(ctx); err != nil {
				t.Error(err)
			}
		}()
		s.end = func() {
			cancel()
			<-done
		}
		test(t, s)
		s.end()
	})
}

func (s *scene) enter(seed byte) (*Seat, *fakeSocket) {
	s.t.Helper()
	socket := &fakeSocket{}
	hello := protocol.Hello{MeetingID: "482-913-006", Ticket: "x", Kind: protocol.KindBrowser, Presence: protocol.Presence{Name: fmt.Sprint("P", seed)}}
	seat, err := s.hub.Enter(room1, roster.Claims{ID: peer(seed), Via: protocol.ViaInvitation, Issued: time.Now()}, hello, socket)
	if err != nil {
		s.t.Fatal(err)
	}
	synctest.Wait()
	return seat, socket
}

func (s *scene) expect(socket *fakeSocket, want string) {
	s.t.Helper()
	synctest.Wait()
	if diff := cmp.Diff(want, socket.take()); diff != "" {
		s.t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestRoomsComeAndGo(t *testing.T) {
	inBubble(t, func(t *testing.T, s *scene) {
		one, first := s.enter(1)
		s.expect(first, "Welcome")
		_, second := s.enter(2)
		s.expect(first, "Joined")
		if diff := cmp.Diff([]string{"P1", "P2"}, s.hub.Live(room1).Names); diff != "" || s.hub.Live(room1).Inside != 2 || !s.hub.Live(room1).Has(peer(2)) {
			t.Errorf("live: %+v", s.hub.Live(room1))
		}
		one.Receive(1, protocol.SendSignal{To: peer(2), Box: "x"})
		s.expect(second, "Welcome Signal")
		one.Receive(2, protocol.Lock{Locked: true})
		synctest.Wait()
		if len(s.kept.locked) != 1 || !s.kept.locked[0] {
			t.Errorf("kept %v", s.kept.locked)
		}
		one.Receive(3, protocol.Leave{})
		synctest.Wait()
		if !first.closed || first.why != "" {
			t.Errorf("the leaver's socket: closed %v, why %q", first.closed, first.why)
		}
		one.Gone()
		time.Sleep(roster.Silence + roster.Grace + time.Second) // the other says nothing more
		synctest.Wait()
		if !second.closed || len(s.hub.rooms) != 0 || s.hub.Live(room1).Inside != 0 {
			t.Errorf("closed %v, %d rooms", second.closed, len(s.hub.rooms))
		}
	})
}

// Guards everybody from who does not read: the reader is cut with a reason, and
// the others get every frame at once.
func TestSlowReaderIsCutAlone(t *testing.T) {
	inBubble(t, func(t *testing.T, s *scene) {
		sender, _ := s.enter(1)
		_, slow := s.enter(2)
		_, fast := s.enter(3)
		slow.mu.Lock()
		slow.stuck = true
		slow.mu.Unlock()
		fast.take()
		before := time.Now()
		for i := range roster.MaxLog - 1 {
			sender.Receive(int64(i+1), protocol.SendBroadcast{Box: strings.Repeat("x", 1000)})
		}
		synctest.Wait()
		if got := strings.Count(fast.take(), "Broadcast"); got != roster.MaxLog-1 {
			t.Errorf("the reader got %d frames", got)
		}
		if !time.Now().Equal(before) {
			t.Error("the others waited")
		}
		time.Sleep(stuckFor)
		synctest.Wait()
		if !slow.closed {
			t.Error("the slow reader still has its socket")
		}
		if s.hub.Live(room1).Inside != 3 {
			t.Error("and lost its place with it")
		}
	})
}

func TestQueueIsBounded(t *testing.T) {
	inBubble(t, func(t *testing.T, s *scene) {
		seat, stuck := s.enter(1)
		stuck.mu.Lock()
		stuck.stuck = true
		stuck.mu.Unlock()
		for range 2*maxQueue + 10 { // one queue under way, one waiting, and more
			seat.Receive(0, protocol.Ping{}) // pongs are not numbered and in no log
		}
		synctest.Wait()
		time.Sleep(stuckFor)
		synctest.Wait()
		if !stuck.closed || stuck.why != protocol.ByeSlow {
			t.Errorf("closed %v, why %q", stuck.closed, stuck.why)
		}
	})
}

// Guards the one frame that is written without the encoder.
func TestSlowByeIsAFrame(t *testing.T) {
	t.Parallel()
	_, frame, err := protocol.DecodeServer(slowBye)
	if bye, ok := frame.(protocol.Bye); err != nil || !ok || bye.Why != protocol.ByeSlow {
		t.Errorf("%+v, %v", frame, err)
	}
}

func TestRefresh(t *testing.T) {
	inBubble(t, func(t *testing.T, s *scene) {
		_, host := s.enter(1)
		host.take()
		s.kept.change(func(m *memory) {
			opened := m.opened[room1]
			opened.Meeting.Title = "Renamed"
			m.opened[room1] = opened
		})
		s.hub.Refresh(room1)
		s.expect(host, "PolicyChanged")
		s.kept.change(func(m *memory) {
			opened := m.opened[room1]
			opened.SuspendedUntil = time.Now().Add(time.Hour)
			m.opened[room1] = opened
		})
		s.hub.Refresh(room1)
		s.expect(host, "PolicyChanged")
		s.kept.change(func(m *memory) { m.fail = errors.New("the disk is gone") })
		s.hub.Refresh(room1)
		s.expect(host, "")
		s.kept.change(func(m *memory) { m.fail = nil; delete(m.opened, room1) })
		s.hub.Refresh(room1)
		s.expect(host, "Bye")
		if !host.closed || host.why != protocol.ByeEnded || len(s.hub.rooms) != 0 {
			t.Errorf("closed %v, why %q, %d rooms", host.closed, host.why, len(s.hub.rooms))
		}
		_, late := s.enter(2)
		s.expect(late, "Bye")
		if late.why != protocol.ByeEnded {
			t.Errorf("told %q", late.why)
		}
	})
}

func TestStorageFails(t *testing.T) {
	inBubble(t, func(t *testing.T, s *scene) {
		s.kept.change(func(m *memory) { m.fail = errors.New("the disk is gone") })
		_, socket := s.enter(1)
		s.expect(socket, "Bye")
		if socket.why != protocol.ByeRestart {
			t.Errorf("told %q: it cannot come back", socket.why)
		}
	})
}

func TestStopTellsEverybody(t *testing.T) {
	inBubble(t, func(t *testing.T, s *scene) {
		_, one := s.enter(1)
		_, two := s.enter(2)
		one.take()
		two.take()
		s.end()
		for _, socket := range []*fakeSocket{one, two} {
			if got := socket.take(); got != "Bye" || !socket.closed || socket.why != protocol.ByeRestart {
				t.Errorf("got %q, closed %v, why %q", got, socket.closed, socket.why)
			}
		}
		if _, err := s.hub.Enter(room1, roster.Claims{}, protocol.Hello{}, one); !errors.Is(err, ErrStopping) {
			t.Errorf("entering after the end: %v", err)
		}
	})
}

// Guards against a room that is let go of while somebody is on the way in.
func TestEnteringWhileLeaving(t *testing.T) {
	t.Parallel()
	kept := &memory{opened: map[meeting.ID]Opened{room1: {Meeting: roster.Meeting{ID: room1, Title: "Weekly", HostID: peer(1), Policy: meeting.DefaultPolicy()}}}}
	h := New(Config{Log: slog.New(slog.DiscardHandler), Records: kept, Ticket: func(meeting.ID, *time.Time, time.Time, roster.Claims) string { return "ticket" }})
	var people sync.WaitGroup
	for i := range byte(8) {
		people.Go(func() {
			for range 200 {
				socket := &fakeSocket{}
				seat, err := h.Enter(room1, roster.Claims{ID: peer(i + 1), Via: protocol.ViaInvitation, Issued: time.Now()},
					protocol.Hello{Kind: protocol.KindBrowser, Presence: protocol.Presence{Name: "P"}}, socket)
				if err != nil {
					t.Error(err)
					return
				}
				seat.Receive(1, protocol.Leave{})
				seat.Gone()
			}
		})
	}
	people.Wait()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := h.Run(ctx); err != nil {
		t.Error(err)
	}
	if len(h.rooms) != 0 {
		t.Errorf("%d rooms are left", len(h.rooms))
	}
}
