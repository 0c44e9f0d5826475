package overlay_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/parley-mesh/parley/node/overlay"
	"github.com/parley-mesh/parley/pkg/identity"
	"github.com/parley-mesh/parley/pkg/protocol"
)

// Guards the room's nodes: who knows nothing of another but its peer ID and the
// relay gets envelopes and signals to it.
func TestThroughTheRelay(t *testing.T) {
	t.Parallel()
	relays, _ := newRelay(t)
	a, b, c := start(t, 1, relays), start(t, 2, relays), start(t, 3, relays)
	room(a, b, c)
	connected(t, overlay.PathRelayed, a, b, c)
	until(t, "a place at the relay", func() bool { return a.Self().Relay != "" })
	subscribed(t, a, b, c)
	var seq int64
	tell(t, a, &seq, b, c)
	tell(t, a, &seq, b, c)
	if err := b.topic.Signal(t.Context(), a.id.PeerID(), 9, "offer"); err != nil {
		t.Fatal(err)
	}
	if got, want := <-a.signals, string(b.id.PeerID())+" offer"; got != want {
		t.Errorf("signal %q, want %q", got, want)
	}
	if p := a.Peer(c.id.PeerID()); p.Transport == "" || p.ID != c.id.PeerID() || len(a.topic.Peers()) != 2 {
		t.Errorf("facts: %+v", p)
	}
}

// Guards the room from the end of the rendezvous: direct connections stay, and
// find each other again without it.
func TestRelayGone(t *testing.T) {
	t.Parallel()
	relays, stop := newRelay(t)
	a, b, c := start(t, 1, relays), start(t, 2, relays), start(t, 3, relays)
	room(a, b, c)
	connected(t, overlay.PathRelayed, a, b, c)
	subscribed(t, a, b, c) // and by then identify has told each the others' addresses
	stop()
	connected(t, overlay.PathDirect, a, b, c)
	subscribed(t, a, b, c)
	var seq int64
	tell(t, a, &seq, b, c)
	until(t, "no place any more", func() bool { return a.Self().Relay == "" })
}

// Guards a direct connection that was found after the circuit: gossip began on the
// circuit, and must go on when that ends with the relay.
func TestRelayGoneBesideDirect(t *testing.T) {
	t.Parallel()
	relays, stop := newRelay(t)
	a, b := start(t, 1, relays), start(t, 2, relays)
	room(a, b)
	connected(t, overlay.PathRelayed, a, b)
	subscribed(t, a, b)
	introduce(t, a, b)
	connected(t, overlay.PathDirect, a, b)
	var seq int64
	tell(t, a, &seq, b)
	stop()
	until(t, "no place any more", func() bool { return a.Self().Relay == "" && b.Self().Relay == "" })
	until(t, "gossip goes on", func() bool {
		seq++
		if err := a.topic.Publish(a.said(seq, "hello")); err != nil {
			t.Fatal(err)
		}
		return len(b.envelopes) > 0
	})
	if a.Peer(b.id.PeerID()).Path != overlay.PathDirect {
		t.Error("the direct connection ended with the relay")
	}
}

// Guards a room from who shares another one and listens at its door.
func TestTwoRooms(t *testing.T) {
	t.Parallel()
	a, b, c := start(t, 1, nil), start(t, 2, nil), start(t, 3, nil)
	introduce(t, b, a)
	introduce(t, c, a)
	introduce(t, c, b)
	room(a, b, c)
	connected(t, overlay.PathDirect, a, b, c)
	subscribed(t, a, b, c)

	board := overlay.Meeting{ID: "111222333", HostID: a.id.PeerID()}
	heard := map[*node]chan protocol.Envelope{}
	for _, n := range []*node{a, b, c} {
		came := make(chan protocol.Envelope, 1000)
		heard[n] = came
		inbox := overlay.Inbox{
			Members:  func(id identity.PeerID) bool { return n == c || id == a.id.PeerID() || id == b.id.PeerID() },
			Envelope: func(e protocol.Envelope) { came <- e },
			Signal:   func(identity.PeerID, int64, string) {},
		}
		var err error
		if n.second, err = n.Join(board, inbox); err != nil {
			t.Fatal(err)
		}
		n.second.Meet([]identity.PeerID{a.id.PeerID(), b.id.PeerID()})
	}
	// The connections begin anew, so that each side tells what it now listens to:
	// what is said meanwhile may be lost.
	var seq int64
	until(t, "both rooms hear", func() bool {
		seq++
		secret := protocol.Envelope{Meeting: board.ID, Session: 7, Seq: seq, Kind: protocol.EnvelopeChat, Body: "secret"}.Sign(a.id)
		if err := errors.Join(a.second.Publish(secret), a.topic.Publish(a.said(seq, "hello"))); err != nil {
			t.Fatal(err)
		}
		return len(heard[b]) > 0 && len(b.envelopes) > 0 && len(c.envelopes) > 0
	})
	if a.second.Subscribed(c.Overlay) || len(heard[c]) != 0 {
		t.Error("who is not in the room hears it")
	}
}

// Guards a newcomer without the relay: a member tells where the others are.
func TestFoundByAMember(t *testing.T) {
	t.Parallel()
	a, b := start(t, 1, nil), start(t, 2, nil)
	c := start(t, 3, nil)
	// c knows b alone; how it came to know it is another story.
	introduce(t, b, a)
	introduce(t, c, b)
	room(a, b, c)
	connected(t, overlay.PathDirect, a, b, c)
}

// Guards the room from what others could put into it.
func TestRefused(t *testing.T) {
	t.Parallel()
	a, b := start(t, 1, nil), start(t, 2, nil)
	stranger := start(t, 3, nil)
	introduce(t, b, a)
	introduce(t, stranger, a)
	room(a, b)
	stranger.join(a, b, stranger) // it knows them; they do not know it
	connected(t, overlay.PathDirect, a, b)
	subscribed(t, a, b)

	forged := b.said(1, "mine")
	forged.Body = "not mine"
	other := protocol.Envelope{Meeting: "111222333", Session: 7, Seq: 1, Kind: protocol.EnvelopeChat, Body: "x"}.Sign(b.id)
	for name, e := range map[string]protocol.Envelope{"forged": forged, "another room's": other} {
		if err := b.topic.Publish(e); err == nil {
			t.Errorf("%s: published", name)
		}
	}
	if err := b.topic.Publish(b.said(1, strings.Repeat("x", protocol.MaxBody))); err == nil {
		t.Error("oversize: published")
	}
	if err := b.topic.Publish(stranger.said(1, "hello")); err != nil {
		t.Errorf("a stranger's is not refused but ignored: %v", err)
	}
	var seq int64 = 1
	tell(t, b, &seq, a) // and nothing before it
	if err := b.topic.Publish(b.said(2, "hello")); err != nil {
		t.Errorf("the same again: %v", err)
	}
	tell(t, b, &seq, a)
	if err := stranger.topic.Signal(t.Context(), a.id.PeerID(), 7, "x"); !errors.Is(err, overlay.ErrNoPath) {
		t.Errorf("a stranger's signal: %v, want ErrNoPath", err)
	}
	if a.Peer(stranger.id.PeerID()).Path != overlay.PathNone { // it may believe so itself for a moment
		t.Error("a stranger is connected")
	}
	if len(a.envelopes) != 0 || len(a.signals) != 0 {
		t.Error("something else came")
	}
}

// Guards the signal protocol's bounds and answers.
func TestSignals(t *testing.T) {
	t.Parallel()
	a, b := start(t, 1, nil), start(t, 2, nil)
	introduce(t, b, a)
	room(a, b)
	connected(t, overlay.PathDirect, a, b)
	long := strings.Repeat("é", protocol.MaxBox/2)
	for name, test := range map[string]struct {
		to      identity.PeerID
		session int64
		box     string
		want    error
	}{
		"to a stranger":  {who(9).PeerID(), 7, "x", overlay.ErrNotMember},
		"to nobody":      {"x", 7, "x", overlay.ErrNotMember},
		"too large":      {b.id.PeerID(), 7, long + "x", overlay.ErrTooLarge},
		"empty":          {b.id.PeerID(), 7, "", overlay.ErrRefused},
		"no session":     {b.id.PeerID(), 0, "x", overlay.ErrRefused},
		"not UTF-8":      {b.id.PeerID(), 7, "\xff", overlay.ErrRefused},
		"as large as is": {b.id.PeerID(), 7, long, nil},
	} {
		if err := a.topic.Signal(t.Context(), test.to, test.session, test.box); !errors.Is(err, test.want) {
			t.Errorf("%s: err = %v, want %v", name, err, test.want)
		}
	}
	if got := <-b.signals; got != string(a.id.PeerID())+" "+long {
		t.Errorf("came as %.80q", got)
	}
}

// Guards the end: of a topic, of the overlay, twice, and before anything began.
func TestEnds(t *testing.T) {
	t.Parallel()
	a, b := start(t, 1, nil), start(t, 2, nil)
	introduce(t, b, a)
	room(a, b)
	connected(t, overlay.PathDirect, a, b)
	if _, err := a.Join(weekly, a.inbox()); !errors.Is(err, overlay.ErrRoom) {
		t.Errorf("joined twice: %v", err)
	}
	for range 2 {
		if err := a.topic.Close(); err != nil {
			t.Error(err)
		}
	}
	until(t, "alone", func() bool { return b.Peer(a.id.PeerID()).Path == overlay.PathNone })
	if err := a.topic.Publish(a.said(1, "x")); !errors.Is(err, overlay.ErrClosed) {
		t.Errorf("publish after the end: %v", err)
	}
	a.join(a, b) // again
	connected(t, overlay.PathDirect, a, b)
	idle, err := overlay.New(overlay.Config{Identity: who(4), Listen: anyPort})
	if err != nil {
		t.Fatal(err)
	}
	idle.Close()
	idle.Close()
	if _, err := idle.Join(weekly, a.inbox()); !errors.Is(err, overlay.ErrClosed) {
		t.Errorf("join after the end: %v", err)
	}
	if err := idle.Run(context.Background()); err != nil {
		t.Errorf("run after the end: %v", err)
	}
}

// Guards a node from a rendezvous whose relay it does not understand: it goes on
// without.
func TestRelayAddresses(t *testing.T) {
	t.Parallel()
	if _, err := overlay.New(overlay.Config{}); !errors.Is(err, overlay.ErrConfig) {
		t.Errorf("no identity: err = %v, want ErrConfig", err)
	}
	relays, _ := newRelay(t)
	odd := []string{"", "/ip4/127.0.0.1/tcp/1", "https://meet.example.com", relays[0] + "/p2p-circuit", strings.Repeat("/tcp/1", 1000)}
	a, b := start(t, 1, append(odd, relays...)), start(t, 2, append(relays, odd...))
	until(t, "a place", func() bool { return a.Self().Relay != "" && b.Self().Relay != "" })
	none, err := overlay.New(overlay.Config{Identity: who(3), Listen: anyPort, Relays: odd})
	if err != nil {
		t.Fatal(err)
	}
	defer none.Close()
	if report := none.Probe(t.Context()); report.Reserved || report.ReserveProblem == "" || report.NAT != overlay.NATUnknown {
		t.Errorf("without a relay: %+v", report)
	}
}

// Guards what people are told of their connection, here on one machine.
func TestProbe(t *testing.T) {
	t.Parallel()
	relays, stop := newRelay(t)
	a := start(t, 1, relays)
	if report := a.Probe(t.Context()); !report.Reserved || !report.QUIC || !report.TCP || report.ReserveProblem != "" || report.Relay == "" {
		t.Errorf("with a relay: %+v", report)
	}
	stop()
	until(t, "no place any more", func() bool { return a.Self().Relay == "" })
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	if report := a.Probe(ctx); report.Reserved || report.QUIC || report.TCP || report.ReserveProblem == "" || report.TCPProblem == "" {
		t.Errorf("when it is gone: %+v", report)
	}
}
