package session

import (
	"strings"
	"sync"
	"testing"

	"github.com/parley-mesh/parley/node/link"
	"github.com/parley-mesh/parley/node/router"
	"github.com/parley-mesh/parley/pkg/e2ee"
	"github.com/parley-mesh/parley/pkg/identity"
	"github.com/parley-mesh/parley/pkg/protocol"
	"github.com/parley-mesh/parley/pkg/room"
)

// A relay is a line of an SFU's, with a recorder behind it. Packets are of VP8 and
// say in clear whose frame they begin, as frames do in their key ID.
type relay struct {
	port  *port
	now   int64
	seq   uint16
	names map[string]identity.PeerID

	mu  sync.Mutex
	got map[identity.PeerID][]string
}

const relayLine = 8

func newRelay(t *testing.T) *relay {
	t.Helper()
	_, sfu := who(t, 1)
	_, self := who(t, 2)
	r := &relay{seq: 65_530, now: 1, names: map[string]identity.PeerID{}, got: map[identity.PeerID][]string{}}
	for i, name := range []string{"a", "b", "c"} {
		_, r.names[name] = who(t, byte(3+i))
	}
	transport, err := link.NewTransport(link.TransportConfig{Loopback: true})
	if err != nil {
		t.Fatal(err)
	}
	routes := router.New(router.Config{Self: self})
	routes.AddSink(func(router.Key) bool { return true }, r.take)
	line := room.Link{Ref: room.Ref{Peer: sfu, Session: 1, Shape: room.ShapeSFU}, Offer: true, Extra: room.StarSlots}
	tie := &tie{line: line, party: party{sfu, 1}}
	tie.port = newPort(tie, 24, routes, func() int64 { return r.now }, newInbox(), r.claims)
	made, err := link.New(link.Config{
		Transport: transport, ID: newLinkID(), Offer: true, Shape: room.ShapeSFU, Extra: line.Extra,
		Self: self, Session: 1, Peer: sfu, PeerSession: 1, Events: linkEvents{tie, newInbox()}, Media: tie.port,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		made.Close(false)
		<-made.Done()
		_ = transport.Close()
	})
	tie.port.link.Store(made)
	r.port = tie.port
	return r
}

func (r *relay) key(name string) router.Key {
	return router.Key{From: r.names[name], Source: protocol.SourceCamera}
}

func (r *relay) claims(of router.Key, p *router.Packet) e2ee.Claim {
	frame := router.FrameIn(p.Codec, p.Payload)
	switch {
	case frame == nil || r.names[string(frame[1])] == "":
		return e2ee.ClaimUnknown
	case r.key(string(frame[1])) == of:
		return e2ee.ClaimTheirs
	default:
		return e2ee.ClaimAnothers
	}
}

func (r *relay) take(key router.Key, _ int64, p *router.Packet) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.got[key.From] = append(r.got[key.From], string(p.Payload[2:]))
}

// play takes words: "a=" names a source, "=" none; "a1" is a packet that begins a
// frame, "a1." one that goes on with it, "A1" begins a key frame; "~" before it
// says that it is sent again, from four packets ago; "-" waits for 100 ms.
func (r *relay) play(words string) {
	for word := range strings.FieldsSeq(words) {
		r.now += 1_000_000
		name, named := strings.CutSuffix(word, "=")
		switch {
		case named && name == "":
			r.port.bring(relayLine, router.Key{})
			continue
		case named:
			r.port.bring(relayLine, r.key(name))
			continue
		case word == "-":
			r.now += 99_000_000
			continue
		}
		word, again := strings.CutPrefix(word, "~")
		r.seq++
		seq := r.seq
		if again {
			r.seq--
			seq = r.seq - 3
		}
		first, tag := byte(0x10), byte(1)
		if strings.HasSuffix(word, ".") {
			first = 0
		}
		if lower := strings.ToLower(word); lower != word {
			word, tag = lower, 0
		}
		payload := append([]byte{first, tag}, word...)
		r.port.Packet(relayLine, &router.Packet{Codec: router.VP8, Seq: seq, Time: uint32(r.now / 100), Marker: true, Payload: payload})
	}
}

// Guards recordings in rooms that one participant carries: a slot's next source
// often overtakes the word of it, and its first picture was lost; and nothing is
// ever written down as somebody else's.
func TestSourcesThatOvertakeTheirName(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ says, play, a, b, c string }{
		{says: "in a fresh slot", play: "A1 a1. a2 a=", a: "a1 a1. a2"},
		{says: "in a slot of another", play: "a= A1 a2 B1 b1. b1. b2 b= b3", a: "a1 a2", b: "b1 b1. b1. b2 b3"},
		{says: "with nothing named between", play: "a= A1 a2 B1 b1. = b2 b= b3", a: "a1 a2", b: "b1 b1. b2 b3"},
		{says: "after nothing was named", play: "a= A1 a2 = B1 b1. b2 b= b3", a: "a1 a2", b: "b1 b1. b2 b3"},
		{says: "and the same again", play: "a= A1 a2 = A3 a4 a= A5", a: "a1 a2 a5"},
		{says: "the same without having gone", play: "a= A1 B1 b1. A2 a2. a3", a: "a1 a2 a2. a3"},
		{says: "two in a row", play: "a= A1 B1 b1. C1 c1. b= c2 c= c3", a: "a1", b: "b1 b1.", c: "c1 c1. c2 c3"},
		{says: "the last of the one before sent again", play: "a= A1 a2 a3 a4 B1 b1. b= b1. ~a2 b1. b2", a: "a1 a2 a3 a4", b: "b1 b1. b1. b1. b2"},
		{says: "by who is not known", play: "a= A1 Z1 z1. a2", a: "a1 z1 z1. a2"},
		{says: "and is named too late", play: "a= A1 B1 b1. - - - - - - b= B2", a: "a1", b: "b2"},
	} {
		t.Run(test.says, func(t *testing.T) {
			t.Parallel()
			r := newRelay(t)
			r.play(test.play)
			for name, want := range map[string]string{"a": test.a, "b": test.b, "c": test.c} {
				if got := strings.Join(r.got[r.names[name]], " "); got != want {
					t.Errorf("of %s is written %q, want %q", name, got, want)
				}
			}
		})
	}
}
