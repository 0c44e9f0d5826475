package roster

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	diff "github.com/google/go-cmp/cmp"
	"github.com/parley-mesh/parley/pkg/identity"
	"github.com/parley-mesh/parley/pkg/protocol"
	"pgregory.net/rapid"
)

// world is a room with reference clients, whose sockets deliver late and break
// with frames under way in both directions.
type world struct {
	t       *rapid.T
	room    *Room
	now     time.Time
	conn    Conn
	clients []*client
}

type numbered struct {
	seq   int64
	frame protocol.ClientFrame
}

// client does what PROTOCOL.md asks of one.
type client struct {
	name     string // the one called helper is a helper
	conn     Conn   // 0: no socket
	up, down [][]byte
	sent     []numbered // not acknowledged
	seq      int64
	received int64
	entered  bool
	open     bool // this socket was welcomed: nothing but the hello is said before
	out      bool // was removed
	welcome  protocol.Welcome
	view     map[identity.PeerID]protocol.Participant
	presence protocol.Presence
	heard    []string // signals, in order
	count    int
}

func newWorld(t *rapid.T, m Meeting, clients int) *world {
	w := &world{t: t, now: epoch}
	w.open(m, nil)
	for i := range clients {
		name := [...]string{0: "host", 1: "p1", 2: "p2", 3: "p3", 4: "helper"}[i]
		w.clients = append(w.clients, &client{name: name, presence: protocol.Presence{Name: name}, view: map[identity.PeerID]protocol.Participant{}})
	}
	return w
}

func (w *world) open(m Meeting, remembered []Standing) {
	w.room = New(w.now, Config{Meeting: m, Standings: remembered, Ticket: func(_ time.Time, c Claims) string {
		data, err := json.Marshal(c)
		if err != nil {
			w.t.Fatal(err)
		}
		return string(data)
	}})
}

func (w *world) step(in Input) {
	for _, out := range w.room.Step(w.now, in) {
		switch out := out.(type) {
		case Send:
			if c := w.at(out.Conn); c != nil {
				c.down = append(c.down, out.AppendTo(nil))
			}
		case Hangup:
			if c := w.at(out.Conn); c != nil && out.Why == "" {
				c.conn = 0
			}
		}
	}
}

func (w *world) at(conn Conn) *client {
	for _, c := range w.clients {
		if c.conn == conn {
			return c
		}
	}
	return nil
}

func (w *world) connect(c *client) {
	if c.conn != 0 || c.out {
		return
	}
	w.conn++
	c.conn, c.up, c.down, c.open = w.conn, nil, nil, false
	claims := Claims{ID: peer(c.name), Via: protocol.ViaInvitation, Issued: w.now}
	h := hello(c.name)
	h.Presence = c.presence
	if c.name == "helper" {
		h.Kind, claims.Helper = protocol.KindHelper, true
	}
	if c.entered {
		if err := json.Unmarshal([]byte(c.welcome.Resume.Ticket), &claims); err != nil {
			w.t.Fatal(err)
		}
		h.Session, h.Received = c.welcome.Self.Session, c.received
	}
	w.step(Enter{Conn: c.conn, Claims: claims, Hello: h})
}

// cut breaks the socket; the rendezvous notices at once or never.
func (w *world) cut(c *client, noticed bool) {
	if c.conn == 0 {
		return
	}
	lost := c.conn
	c.conn, c.up, c.down = 0, nil, nil
	if noticed {
		w.step(Disconnected{Conn: lost})
	}
}

func (w *world) send(c *client, f protocol.ClientFrame) {
	c.seq++
	c.sent = append(c.sent, numbered{c.seq, f})
	w.write(c, c.seq, f)
}

func (w *world) write(c *client, seq int64, f protocol.ClientFrame) {
	if c.conn == 0 || !c.open {
		return
	}
	data, err := protocol.EncodeClient(seq, f)
	if err != nil {
		w.t.Fatal(err)
	}
	c.up = append(c.up, data)
}

// flow delivers up to n frames in each direction.
func (w *world) flow(c *client, n int) {
	for range n {
		if len(c.up) == 0 {
			break
		}
		seq, frame, err := protocol.DecodeClient(c.up[0])
		if err != nil {
			w.t.Fatal(err)
		}
		c.up = c.up[1:]
		w.step(Receive{Conn: c.conn, Seq: seq, Frame: frame})
	}
	for range n {
		if len(c.down) == 0 || c.conn == 0 {
			break
		}
		data := c.down[0]
		c.down = c.down[1:]
		w.hear(c, data)
	}
}

func (w *world) hear(c *client, data []byte) {
	seq, frame, err := protocol.DecodeServer(data)
	if err != nil {
		w.t.Fatal(err)
	}
	if seq != 0 {
		if seq != c.received+1 {
			w.t.Fatalf("%s got number %d after %d", c.name, seq, c.received)
		}
		c.received = seq
	}
	switch f := frame.(type) {
	case protocol.Welcome:
		c.entered = true
		again := f.Resumed || c.open // a second one on the same socket: let in
		c.welcome = f
		c.view = map[identity.PeerID]protocol.Participant{}
		for _, p := range f.Roster {
			c.view[p.ID] = p
		}
		if !again {
			c.received, c.seq = 0, 0
			for i := range c.sent {
				c.seq++
				c.sent[i].seq = c.seq
			}
		} else if f.Resumed {
			w.acked(c, f.Received)
		}
		if !c.open {
			c.open = true
			for _, s := range c.sent {
				w.write(c, s.seq, s.frame)
			}
		}
	case protocol.Joined:
		c.view[f.Participant.ID] = f.Participant
	case protocol.Updated:
		c.view[f.Participant.ID] = f.Participant
	case protocol.Left:
		delete(c.view, f.ID)
	case protocol.Signal:
		c.heard = append(c.heard, f.Box)
	case protocol.Ack:
		w.acked(c, f.Received)
	case protocol.Bye:
		c.conn, c.up, c.down = 0, nil, nil
		c.out = c.out || f.Why == protocol.ByeRemoved
	}
}

func (w *world) acked(c *client, received int64) {
	c.sent = slices.DeleteFunc(c.sent, func(s numbered) bool { return s.seq <= received })
}

// settle gives everybody a socket and delivers everything.
func (w *world) settle() {
	for range 10 {
		w.now = w.now.Add(400 * time.Millisecond)
		for _, c := range w.clients {
			w.connect(c)
			w.flow(c, 1000)
			w.write(c, 0, protocol.Ack{Received: c.received})
			w.flow(c, 1000)
		}
		if d := w.room.Deadline(); !d.IsZero() && !w.now.Before(d) {
			w.step(Tick{})
		}
	}
}

func (w *world) checkViews() {
	want := map[identity.PeerID]protocol.Participant{}
	for _, p := range w.room.Roster() {
		want[p.ID] = p
	}
	for _, c := range w.clients {
		if c.out || c.welcome.Waiting {
			continue
		}
		if d := diff.Diff(want, c.view); d != "" {
			w.t.Fatalf("%s sees another roster (-server +client):\n%s", c.name, d)
		}
	}
}

// Guards resume: over cuts at any moment, noticed or not, with frames under way in
// both directions, every signal arrives once and in order, and everybody ends
// with the same roster.
func TestExactlyOnceOverCuts(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		w := newWorld(t, testMeeting(), 4)
		for _, c := range w.clients {
			w.connect(c)
		}
		w.settle()
		sent := map[string][]string{}
		for range rapid.IntRange(1, 120).Draw(t, "steps") {
			c := w.clients[rapid.IntRange(0, 3).Draw(t, "client")]
			switch rapid.SampledFrom([]string{"signal", "signal", "flow", "flow", "cut", "connect", "presence", "ack"}).Draw(t, "do") {
			case "signal":
				to := w.clients[rapid.IntRange(0, 3).Draw(t, "to")]
				if to == c {
					continue
				}
				c.count++
				box := fmt.Sprintf("%s>%s#%d", c.name, to.name, c.count)
				sent[c.name+">"+to.name] = append(sent[c.name+">"+to.name], box)
				w.send(c, protocol.SendSignal{To: peer(to.name), Box: box})
			case "flow":
				w.flow(c, rapid.IntRange(1, 5).Draw(t, "frames"))
			case "cut":
				w.cut(c, rapid.Bool().Draw(t, "noticed"))
			case "connect":
				w.connect(c)
			case "presence":
				c.presence.Mic = !c.presence.Mic
				w.send(c, protocol.SetPresence{Presence: c.presence})
			case "ack":
				w.write(c, 0, protocol.Ack{Received: c.received})
			}
			w.now = w.now.Add(50 * time.Millisecond)
		}
		w.settle()
		heard := map[string][]string{}
		for _, c := range w.clients {
			for _, box := range c.heard {
				from, _, _ := strings.Cut(box, ">")
				heard[from+">"+c.name] = append(heard[from+">"+c.name], box)
			}
		}
		if d := diff.Diff(sent, heard); d != "" {
			t.Fatalf("signals (-sent +heard):\n%s", d)
		}
		w.checkViews()
	})
}

// Guards convergence and admission through everything that can happen to a room:
// whoever is in ends with the server's roster, and who waits or was removed
// got nothing of the room.
func TestViewsConverge(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		m := testMeeting()
		m.Policy.WaitingRoom = rapid.Bool().Draw(t, "waiting room")
		w := newWorld(t, m, 5)
		for range rapid.IntRange(1, 150).Draw(t, "steps") {
			c := w.clients[rapid.IntRange(0, 4).Draw(t, "client")]
			other := w.clients[rapid.IntRange(0, 4).Draw(t, "other")]
			switch rapid.IntRange(0, 11).Draw(t, "do") {
			case 0, 1:
				w.connect(c)
			case 2:
				w.cut(c, rapid.Bool().Draw(t, "noticed"))
			case 3:
				w.cut(c, true)
				c.entered = false // a reload
			case 4:
				w.write(c, 0, protocol.Ping{})
			case 5:
				w.send(w.clients[0], protocol.Admit{ID: peer(other.name)})
			case 6:
				w.send(c, protocol.Remove{ID: peer(other.name)})
			case 7:
				w.send(w.clients[0], protocol.SetRole{ID: peer(other.name), Role: protocol.RoleCoHost})
			case 8:
				w.send(c, protocol.SendSignal{To: peer(other.name), Box: "box"})
			case 9:
				w.now = w.now.Add(rapid.SampledFrom([]time.Duration{time.Second, Grace}).Draw(t, "wait"))
				w.step(Tick{})
			case 10:
				if rapid.IntRange(0, 9).Draw(t, "restart") == 0 {
					for _, c := range w.clients {
						w.cut(c, false)
					}
					w.open(m, w.room.Standings())
				}
			case 11:
				c.presence.Hand = !c.presence.Hand
				w.send(c, protocol.SetPresence{Presence: c.presence})
			}
			w.flow(c, rapid.IntRange(0, 6).Draw(t, "frames"))
			w.now = w.now.Add(time.Millisecond)
			w.check()
		}
		w.settle()
		w.check()
		w.checkViews()
	})
}

// check holds what is true after every step.
func (w *world) check() {
	roster := w.room.Roster()
	if !slices.IsSortedFunc(roster, func(a, b protocol.Participant) int { return cmp.Compare(a.N, b.N) }) {
		w.t.Fatalf("the roster is out of order: %v", roster)
	}
	inside := map[identity.PeerID]bool{}
	numbers := map[int64]bool{}
	for _, p := range roster {
		if inside[p.ID] || numbers[p.N] || p.Session < p.N {
			w.t.Fatalf("an identity or number twice, or a session before its join: %v", roster)
		}
		if inside[p.ID], numbers[p.N] = true, true; p.ID == peer("helper") && p.Role != protocol.RoleParticipant {
			w.t.Fatalf("a helper is %s", p.Role)
		}
	}
	if chair := protocol.ActingHost(roster); chair != w.room.chair {
		w.t.Fatalf("the chair is %q, should be %q", w.room.chair, chair)
	}
	conns := map[Conn]bool{}
	for id, m := range w.room.byID {
		if m.conn != 0 && (conns[m.conn] || w.room.byConn[m.conn] != m) {
			w.t.Fatalf("%s has a socket that is another's", id)
		}
		conns[m.conn] = true
	}
	for _, c := range w.clients {
		if c.welcome.Waiting && !inside[peer(c.name)] && len(c.heard) > 0 && c.entered && len(c.view) > 0 {
			w.t.Fatalf("%s waits and sees %v", c.name, slices.Collect(maps.Keys(c.view)))
		}
	}
	if n := len(w.room.byConn); n > len(w.clients)+int(w.conn) {
		w.t.Fatalf("%d sockets", n)
	}
}
