package main

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"sync"
	"testing"

	"github.com/pion/rtp/codecs"

	"github.com/parley-mesh/parley/node/link"
	"github.com/parley-mesh/parley/node/media"
	"github.com/parley-mesh/parley/node/router"
	"github.com/parley-mesh/parley/node/session"
	"github.com/parley-mesh/parley/pkg/client"
	"github.com/parley-mesh/parley/pkg/e2ee"
	"github.com/parley-mesh/parley/pkg/identity"
	"github.com/parley-mesh/parley/pkg/meeting"
	"github.com/parley-mesh/parley/pkg/protocol"
)

// tap is a participant that keeps every packet as whoever forwarded it had it in
// hand, and can open what they hold.
type tap struct {
	t       *testing.T
	session *session.Session
	end     func()

	mu      sync.Mutex
	packets map[router.Key][]router.Packet
	grown   chan struct{} // something came
}

func tapIn(t *testing.T, inv meeting.Invitation, seed byte) *tap {
	t.Helper()
	asked, err := client.New(client.Config{Rendezvous: inv.Base, Identity: identity.FromSeed([32]byte{seed})})
	if err != nil {
		t.Fatal(err)
	}
	joined, err := asked.Join(t.Context(), protocol.JoinRequest{InvitationToken: inv.Token.Reveal()})
	if err != nil {
		t.Fatal(err)
	}
	transport, err := link.NewTransport(link.TransportConfig{Loopback: true})
	if err != nil {
		t.Fatal(err)
	}
	p := &tap{t: t, packets: make(map[router.Key][]router.Packet), grown: make(chan struct{}, 1)}
	p.session, err = session.New(session.Config{
		Client: asked, Joined: joined, Kind: protocol.KindNode, Name: "Tap", Secret: inv.Secret, Transport: transport,
		Sinks: []session.Sink{{Want: func(k router.Key) bool { return k.From != asked.Identity().PeerID() }, Write: p.take}},
	})
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = p.session.Run(context.Background()) // until end
	}()
	go func() {
		for range p.session.Events() {
		}
	}()
	p.end = sync.OnceFunc(func() {
		p.session.Leave()
		<-ended
		if err := transport.Close(); err != nil {
			t.Error(err)
		}
	})
	t.Cleanup(p.end)
	return p
}

func (p *tap) take(key router.Key, _ int64, packet *router.Packet) {
	own := *packet
	own.Payload = slices.Clone(packet.Payload)
	p.mu.Lock()
	p.packets[key] = append(p.packets[key], own)
	p.mu.Unlock()
	select {
	case p.grown <- struct{}{}:
	default:
	}
}

// count is how many frames of a source have come.
func (p *tap) count(key router.Key) (frames int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, packet := range p.packets[key] {
		if packet.Marker || packet.Codec == router.Opus {
			frames++
		}
	}
	return frames
}

// until waits until so many frames of a source have come.
func (p *tap) until(key router.Key, frames int) {
	p.t.Helper()
	p.while(func() bool { return p.count(key) < frames })
}

// through waits until all media comes through an SFU, and no other way: a room that
// is to become a star begins as a mesh.
func (p *tap) through(sfu identity.PeerID) {
	p.t.Helper()
	p.while(func() bool {
		state := p.session.State()
		return state.Topology.SFU != sfu || slices.ContainsFunc(state.Links, func(l session.LinkState) bool {
			return l.Peer != sfu && !l.Draining && l.ReceiveKbps > 0
		})
	})
}

// while waits, from packet to packet.
func (p *tap) while(lacks func() bool) {
	p.t.Helper()
	for lacks() {
		select {
		case <-p.grown:
		case <-p.t.Context().Done():
			p.t.Fatal("it did not come")
		}
	}
}

// dump is every whole frame of a source, sealed, in the order of its packets.
func (p *tap) dump(key router.Key) (frames [][]byte) {
	p.t.Helper()
	p.mu.Lock()
	packets := slices.Clone(p.packets[key])
	p.mu.Unlock()
	slices.SortStableFunc(packets, func(a, b router.Packet) int {
		return cmp.Compare(int16(a.Seq-packets[0].Seq), int16(b.Seq-packets[0].Seq))
	})
	var frame []byte
	whole := false
	for i, packet := range packets {
		switch follows := i == 0 || packet.Seq == packets[i-1].Seq+1; {
		case len(packet.Payload) == 0:
			continue
		case packet.Codec == router.Opus:
			frames = append(frames, packet.Payload)
			continue
		case !follows:
			whole = false
		}
		var vp8 codecs.VP8Packet
		data, err := vp8.Unmarshal(packet.Payload)
		if err != nil {
			p.t.Fatal(err)
		}
		if vp8.S == 1 && vp8.PID == 0 {
			frame, whole = nil, true
		}
		if frame = append(frame, data...); packet.Marker && whole {
			frames = append(frames, frame)
		}
	}
	return frames
}

// opened is what the frames of a dump hold, for who has the key. One that came by
// two ways, as a room moves, is there once.
func (p *tap) opened(key router.Key, codec media.Codec, frames [][]byte) (plain [][]byte) {
	p.t.Helper()
	stream := p.session.NewStream(key)
	for i, frame := range frames {
		open, from, source, err := stream.Open(nil, codec.SFrame(), frame)
		if errors.Is(err, e2ee.ErrReplayed) {
			continue
		}
		if err != nil || from != key.From || source != key.Source {
			p.t.Errorf("frame %d of %d of %s: sealed by %q as %q, %v", i, len(frames), key.Source, from, source, err)
			continue
		}
		plain = append(plain, open)
	}
	return plain
}
