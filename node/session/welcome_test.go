package session

import (
	"testing"
	"time"

	"github.com/parley-mesh/parley/pkg/e2ee"
	"github.com/parley-mesh/parley/pkg/identity"
	"github.com/parley-mesh/parley/pkg/protocol"
	"github.com/parley-mesh/parley/pkg/room"
)

// nobodyFollows draws no consequences.
type nobodyFollows struct{}

func (nobodyFollows) planned([]room.Link)                        {}
func (nobodyFollows) act(room.Action)                            {}
func (nobodyFollows) noticed(room.Notice, *protocol.Participant) {}

// Guards against a welcome about somebody else, which no beginning anew makes
// one's own: it is refused, and not fed again for ever.
func TestAWelcomeAboutSomebodyElseIsRefused(t *testing.T) {
	t.Parallel()
	_, self := who(t, 1)
	_, other := who(t, 2)
	entry := func(id identity.PeerID, session int64) protocol.Participant {
		return protocol.Participant{
			ID: id, N: 1, Session: session, Kind: protocol.KindNode, Role: protocol.RoleParticipant, Via: protocol.ViaInvitation,
		}
	}
	welcome := func(p protocol.Participant) room.Welcome {
		return room.Welcome{Self: p, Roster: []protocol.Participant{p}, Policy: room.Policy{MeshMax: 4}}
	}
	g := newGathering(self, nobodyFollows{}, func() int64 { return 1 })
	for _, of := range []identity.PeerID{other, ""} {
		if why := g.happened(welcome(entry(of, 1))); why != room.RefusedNotSelf || g.state.Inside() {
			t.Errorf("of %q: %q, inside %v", of, why, g.state.Inside())
		}
	}
	for session := range int64(2) {
		if why := g.happened(welcome(entry(self, session+1))); why != "" || !g.state.Inside() {
			t.Errorf("in session %d: %q, inside %v", session+1, why, g.state.Inside())
		}
	}
	nobody := welcome(entry(self, 3))
	nobody.Roster = nil
	if why := g.happened(nobody); why == "" {
		t.Error("who is not in the roster is in")
	}
}

// Guards against a rendezvous that has its roster taken unjudged by saying that
// a session goes on which never began.
func TestOnlyWhatBeganIsResumed(t *testing.T) {
	inBubble(t, 4, func(t *testing.T, s *stage) {
		a := s.host()
		m := s.mallory(150)
		claims := m.entry(protocol.Card{})
		s.rendezvous.Twist(func(to identity.PeerID, f protocol.ServerFrame) []protocol.ServerFrame {
			w, welcome := f.(protocol.Welcome)
			if !welcome || to == a.id {
				return []protocol.ServerFrame{f}
			}
			w.Waiting = true
			in := w
			in.Waiting, in.Resumed, in.Roster = false, true, append(in.Roster, claims)
			return []protocol.ServerFrame{w, in}
		})
		b := s.join(2, nil)
		s.await("it is in", soon, func() bool { return b.State().Phase == PhaseIn })
		nodes := s.meet(a, b)
		if !b.unknown(claims.ID) || !b.warned(e2ee.AlarmUnsigned, claims.ID) {
			t.Error("whom the rendezvous made up was let in unjudged")
		}

		// Nor is self another session by anybody's word but a welcome's.
		other := s.entry(b.id)
		other.Session++
		s.rendezvous.Push(b.id, protocol.Updated{Participant: other})
		s.rendezvous.Twist(func(to identity.PeerID, f protocol.ServerFrame) []protocol.ServerFrame {
			if w, welcome := f.(protocol.Welcome); welcome && to == b.id {
				w.Roster = append(w.Roster, claims)
				f = w
			}
			return []protocol.ServerFrame{f}
		})
		time.Sleep(time.Second)
		s.rendezvous.Cut()
		time.Sleep(5 * time.Second)
		if !b.unknown(claims.ID) {
			t.Error("whom the rendezvous made up is in")
		}
		s.await("they see each other still", soon, all(nodes, func(n *node) bool { return n.sees(nodes) }))
	})
}
