package session

import (
	"slices"

	"github.com/parley-mesh/parley/node/router"
	"github.com/parley-mesh/parley/pkg/e2ee"
	"github.com/parley-mesh/parley/pkg/identity"
	"github.com/parley-mesh/parley/pkg/meeting"
	"github.com/parley-mesh/parley/pkg/protocol"
	"github.com/parley-mesh/parley/pkg/sframe"
)

// What tests look at of who has which secret.

// byPassword has a node come without the invitation's secret.
func byPassword(c *Config) { c.Secret = nil }

// person is somebody as a node takes them.
func (n *node) person(id identity.PeerID) (Person, bool) {
	people := n.State().People
	i := slices.IndexFunc(people, func(p Person) bool { return p.ID == id })
	if i < 0 {
		return Person{}, false
	}
	return people[i], true
}

func (n *node) knows(o *node) bool {
	_, here := n.person(o.id)
	return here
}

// warned tells whether a node's people were told of something about somebody.
func (n *node) warned(code e2ee.AlarmCode, id identity.PeerID) bool {
	return slices.ContainsFunc(n.State().Alarms, func(a e2ee.Alarm) bool { return a.Code == code && a.ID == id })
}

// seals seals one frame of sound as the node's own microphone does.
func (n *node) seals(text string) []byte {
	n.stage.t.Helper()
	var frame []byte
	n.inside(func(l *loop) {
		var err error
		if frame, err = l.outlet.Seal(nil, protocol.SourceMic, sframe.CodecOpus, []byte(text)); err != nil {
			n.stage.t.Error(err)
		}
	})
	return frame
}

// opens opens a frame of sound that somebody sealed.
func (n *node) opens(of *node, frame []byte) (string, error) {
	plain, from, source, err := n.NewStream(router.Key{From: of.id, Source: protocol.SourceMic}).Open(nil, sframe.CodecOpus, frame)
	if err == nil && (from != of.id || source != protocol.SourceMic) {
		n.stage.t.Errorf("the frame of %s is said to be %s's %s", of.name, n.stage.nameOf(from), source)
	}
	return string(plain), err
}

// letter is a sealed line of chat that nobody was sent.
func (n *node) letter(text string) (e protocol.Envelope) {
	n.stage.t.Helper()
	n.inside(func(l *loop) {
		body, err := protocol.Encode(protocol.Chat{ID: "AAAAAAAAAAAAAAAAAAAAAA", Text: text, At: 1, Name: n.name})
		if err != nil {
			n.stage.t.Fatal(err)
		}
		e, err = l.envelopes.sign(l.number, protocol.EnvelopeChat, func(seq int64) (string, error) {
			return l.keys.inUse.SealChat(l.door.self, l.cfg.Joined.MeetingID, seq, body)
		})
		if err != nil {
			n.stage.t.Fatal(err)
		}
	})
	return e
}

// reads tries to read somebody's sealed line with what it holds.
func (n *node) reads(e protocol.Envelope) (err error) {
	n.inside(func(l *loop) { _, err = l.keys.ring.OpenChat(e) })
	return err
}

func (n *node) inside(do func(*loop)) {
	n.stage.t.Helper()
	if err := n.call(func(l *loop) error { do(l); return nil }); err != nil {
		n.stage.t.Fatal(err)
	}
}

// epoch is the commitment to what a node seals with, zero for none.
func (n *node) epoch() (commit [32]byte) {
	n.inside(func(l *loop) {
		if l.keys.inUse != nil {
			commit = l.keys.inUse.Commit
		}
	})
	return commit
}

// oneEpoch tells whether all of some nodes seal with the same epoch, other than
// another.
func oneEpoch(nodes []*node, besides [32]byte) func() bool {
	return func() bool {
		first := nodes[0].epoch()
		return first != besides && first != [32]byte{} && all(nodes, func(n *node) bool { return n.epoch() == first })()
	}
}

// oneCode tells whether people at all of some nodes would read the same.
func oneCode(nodes []*node) func() bool {
	return func() bool {
		first := nodes[0].State().Safety
		return first != e2ee.Code{} && all(nodes, func(n *node) bool { return n.State().Safety == first })()
	}
}

// decree has the rendezvous tell some nodes of a change of who may come in.
func (s *stage) decree(entry meeting.Entry, to ...*node) {
	for _, n := range s.nodes {
		if slices.Contains(to, n) {
			policy := n.State().Policy
			policy.Entry = entry
			s.rendezvous.Push(n.id, protocol.PolicyChanged{Title: "Planning", Policy: policy})
		}
	}
}
