package tui

import (
	"fmt"
	"strings"

	"github.com/parley-mesh/parley/node/session"
	"github.com/parley-mesh/parley/pkg/identity"
	"github.com/parley-mesh/parley/pkg/protocol"
)

// Teller puts a session's events into sentences for people. It remembers names,
// because who left is in the roster no longer, and tells those who were there
// before in one line. The zero Teller knows nobody.
type Teller struct {
	Self     identity.PeerID
	in       bool
	n        int64            // self's join number
	arranged session.Topology // what was told of last
	before   []string         // who was there when self came
	waiting  map[identity.PeerID]bool
	known    map[identity.PeerID]protocol.Participant
}

// Tell is an event as a line, fit for a terminal; "" when it is no news. Chat
// is its sender's name and words.
func (t *Teller) Tell(e session.Event) string {
	switch e := e.(type) {
	case session.Joined:
		return t.joined(e.Participant)
	case session.Left:
		line := gone(nameOf(t.known[e.ID]), e.Why)
		delete(t.known, e.ID)
		return line
	case session.Roster:
		for _, p := range e.Participants {
			t.learn(p)
		}
		return t.knocked(e.Waiting)
	case session.Topology:
		return t.topology(e)
	case session.Chat:
		return Plain(e.Name) + ": " + Plain(e.Text)
	case session.Recording:
		return t.recording(e)
	case session.Error:
		return Sentence(e.Message)
	default:
		return ""
	}
}

// knocked tells who waits and did not before.
func (t *Teller) knocked(waiting []protocol.Participant) string {
	before := t.waiting
	t.waiting = make(map[identity.PeerID]bool, len(waiting))
	var names []string
	for _, p := range waiting {
		t.waiting[p.ID] = true
		if !before[p.ID] {
			names = append(names, nameOf(p))
		}
	}
	switch len(names) {
	case 0:
		return ""
	case 1:
		return names[0] + " waits to be let in"
	default:
		return strings.Join(names, ", ") + " wait to be let in"
	}
}

func (t *Teller) learn(p protocol.Participant) {
	if t.known == nil {
		t.known = make(map[identity.PeerID]protocol.Participant)
	}
	t.known[p.ID] = p
}

func (t *Teller) joined(p protocol.Participant) string {
	t.learn(p)
	switch {
	case p.ID == t.Self:
		t.in, t.n = true, p.N
		return "You are in as " + nameOf(p) + with(t.before)
	case !t.in && p.Kind == protocol.KindHelper:
		return ""
	case !t.in:
		t.before = append(t.before, nameOf(p))
		return ""
	case p.N < t.n && p.Kind == protocol.KindHelper:
		return "The helper " + nameOf(p) + " is here to carry the room"
	case p.N < t.n:
		return nameOf(p) + " is here" // came before self, and is proved only now
	case p.Kind == protocol.KindHelper:
		return "The helper " + nameOf(p) + " came to carry the room"
	default:
		return nameOf(p) + " joined"
	}
}

// with names a few, and counts more.
func with(names []string) string {
	switch n := len(names); n {
	case 0:
		return ""
	case 1:
		return ", with " + names[0]
	case 2:
		return ", with " + names[0] + " and " + names[1]
	default:
		return fmt.Sprintf(", with %d others", n)
	}
}

func gone(name string, why protocol.LeftWhy) string {
	switch why {
	case protocol.LeftLost:
		return name + " lost the connection"
	case protocol.LeftRemoved:
		return name + " was removed"
	case protocol.LeftDenied:
		return name + " was not let in"
	default:
		return name + " left"
	}
}

// topology tells where media go from now on. That somebody said the same again,
// for another reason, is no news.
func (t *Teller) topology(e session.Topology) string {
	before := t.arranged
	t.arranged = e
	if before.Topology == "" {
		before.Topology = protocol.TopologyMesh // as every meeting begins
	}
	switch {
	case e.Topology == before.Topology && carrier(e) == carrier(before):
		if e.Topology == protocol.TopologyStar && e.Standby != "" && e.Standby != before.Standby {
			return "Another node stands by now"
		}
		return ""
	case e.Topology == protocol.TopologyMesh:
		return "Everybody is connected directly" + because(e.Reason)
	case e.Topology != protocol.TopologyStar:
		return ""
	case e.Moved:
		return "Moved to " + nodeName(t.known[e.Standby], t.Self) + ", which stood by"
	default:
		return "Moved to " + nodeName(t.known[e.SFU], t.Self) + because(e.Reason)
	}
}

func (t *Teller) recording(e session.Recording) string {
	p, here := t.known[e.ID]
	if !here && e.ID != t.Self {
		return "" // left, which says it all
	}
	who := nameOf(p)
	if e.ID == t.Self {
		who = "This node"
	}
	if e.On {
		return who + " records this meeting"
	}
	return who + " stopped recording"
}
