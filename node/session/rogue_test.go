package session

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/parley-mesh/parley/node/router"
	"github.com/parley-mesh/parley/pkg/protocol"
	"github.com/parley-mesh/parley/pkg/room"
)

// misbehaves has a participant send what no honest one does, by every way that
// it has: the rendezvous, its links' control channels, and their media.
func (n *node) misbehaves(victims []*node) {
	n.stage.t.Helper()
	err := n.call(func(l *loop) error {
		for _, v := range victims {
			n.boxes(l, v)
		}
		for _, t := range l.links.ties {
			n.says(l, t, victims)
			n.sends(t)
		}
		return nil
	})
	if err != nil {
		n.stage.t.Fatal(err)
	}
}

// boxes sends what is no signal, and signals of links that are not there.
func (n *node) boxes(l *loop, to *node) {
	ends := `{"link":"AAAAAAAAAAAAAAAAAAAAAA","to":` + "1" + `}`
	for _, box := range []string{
		"", "{}", "null", "\x00\xff", strings.Repeat("[", 5000), `{"type":"offer"}`, `{"type":"envelope","envelope":{}}`,
		`{"type":"offer","ends":` + ends + `,"generation":0,"sdp":"v=0"}`,
		`{"type":"answer","ends":` + ends + `,"generation":9,"sdp":"m=video"}`,
		`{"type":"candidates","ends":` + ends + `,"generation":0,"candidates":[{"candidate":"candidate:x"}]}`,
		`{"type":"restart","ends":` + ends + `}`, `{"type":"close","ends":` + ends + `}`,
	} {
		_ = l.rendezvous.Send(protocol.SendSignal{To: to.id, Box: box}) // what may not even be sent is not
	}
}

// says claims others' sources, lines that are not there, and words of the SFU's.
func (n *node) says(l *loop, t *tie, victims []*node) {
	var claimed []protocol.Slot
	var shown []protocol.View
	for _, v := range victims {
		for i, source := range protocol.Sources() {
			claimed = append(claimed, protocol.Slot{Mid: string(rune('0' + i)), From: v.id, Source: source})
			shown = append(shown, protocol.View{From: v.id, Source: source, Width: 1, Height: 1 << 14})
		}
		l.send(t, protocol.Heard{})
		l.send(t, protocol.Pass{From: v.id, Session: 1, To: t.party.id, Box: "nothing"})
		forged, err := l.envelopes.sign(l.number, protocol.EnvelopeChat, func(seq int64) (string, error) {
			text := []byte(`{"id":"AAAAAAAAAAAAAAAAAAAAAA","text":"in another's name","at":1,"name":"nobody"}`)
			return l.keys.inUse.SealChat(l.door.self, l.cfg.Joined.MeetingID, seq, text)
		})
		if err != nil {
			n.stage.t.Error(err)
		}
		forged.From = v.id
		l.send(t, protocol.Carry{Envelope: forged})
	}
	l.send(t, protocol.Slots{Slots: append(claimed, protocol.Slot{Mid: "4000", From: n.id, Source: protocol.SourceCamera})})
	l.send(t, protocol.Views{Views: shown})
	l.send(t, protocol.HistoryRequest{})
}

// sends writes media that is none on every line, and feedback about what never
// was sent.
func (n *node) sends(t *tie) {
	noise := rand.NewChaCha8([32]byte{7})
	lost := make([]uint16, 500)
	for line := range t.link.Lines() {
		for i := range 12 { // no flood: that is what budgets are for
			payload := make([]byte, i*i*5)
			_, _ = noise.Read(payload)
			_ = t.link.WriteRTP(line, &router.Out{
				Codec: router.Codec(i % 3), Seq: uint16(i * 5501), Time: uint32(i) << 28, Marker: i%2 == 0, Level: uint8(i * 25), Payload: payload,
			})
		}
		for i := range lost {
			lost[i] = uint16(i * 131)
		}
		t.link.SendNack(line, 0, lost)
		t.link.RequestKeyFrame(line, 2)
		t.link.SendReport(line, 1<<63, 0, 1<<31, 0)
	}
	t.link.Flush()
}

// Guards a meeting with somebody whose client is broken or hostile: nobody else
// loses a packet, reads a word that was not said, or changes their ways; and
// whose descriptions are none loses the link for it, and may come again.
func TestNobodyNoticesARogue(t *testing.T) {
	for name, meshMax := range map[string]int{"in a mesh": 8, "in a star": 2} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, meshMax, func(t *testing.T, s *stage) {
				nodes := s.three()
				rogue := s.join(9, func(c *Config) { c.Willing = false })
				everybody := append(slices.Clone(nodes), rogue)
				if meshMax == 2 {
					s.star(everybody)
				}
				s.await("all see each other", 5*time.Second, all(everybody, func(n *node) bool { return n.sees(everybody) }))
				arranged := nodes[0].State().Topology
				began := time.Now()
				for range 5 {
					rogue.misbehaves(nodes)
					time.Sleep(200 * time.Millisecond)
				}
				rogue.breaks()
				s.await("the links are ended for it", 2*time.Second, func() bool { return rogue.told(LinkClosed) })
				time.Sleep(2 * time.Second)
				s.noGap(nodes, began, time.Now())
				for _, n := range nodes {
					state := n.State()
					if state.Topology != arranged || len(state.Chat) != 0 || len(state.People) != 4 {
						t.Errorf("%s", n.describe())
					}
					for _, link := range state.Links {
						if link.Peer != rogue.id && link.State != LinkUp {
							t.Errorf("%s has lost %s", n.name, s.nameOf(link.Peer))
						}
					}
				}
				s.await("who behaves again is seen again", 10*time.Second, all(nodes, func(n *node) bool { return n.sees([]*node{rogue}) }))
			})
		})
	}
}

// breaks sends a description that is none for each link.
func (n *node) breaks() {
	_ = n.call(func(l *loop) error {
		for _, t := range l.links.ties {
			ends := protocol.LinkEnds{Link: t.id, To: t.party.session}
			l.post(t.party, protocol.Candidates{Ends: ends, Candidates: []protocol.Candidate{{Candidate: "candidate:none"}}})
			if t.line.Offer {
				l.post(t.party, protocol.Offer{Ends: ends, Generation: 100, SDP: "v=0\r\n"})
			}
		}
		return nil
	})
}

// told tells whether a link was said to be so.
func (n *node) told(state LinkCondition) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	return slices.ContainsFunc(n.events, func(e Event) bool {
		link, is := e.(Link)
		return is && link.State == state && link.Shape != room.ShapeServe
	})
}
