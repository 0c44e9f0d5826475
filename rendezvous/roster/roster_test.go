package roster

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/parley-mesh/parley/pkg/identity"
	"github.com/parley-mesh/parley/pkg/meeting"
	"github.com/parley-mesh/parley/pkg/protocol"
)

var epoch = time.Date(2026, 11, 30, 18, 0, 0, 0, time.UTC)

// peer is the identity of somebody by name.
func peer(name string) identity.PeerID {
	return identity.FromSeed(sha256.Sum256([]byte(name))).PeerID()
}

// bench drives a room by hand.
type bench struct {
	t    *testing.T
	room *Room
	now  time.Time
	conn Conn
	seq  map[Conn]int64
	got  map[Conn][]protocol.ServerFrame
	seqs map[Conn][]int64
	hung map[Conn]protocol.ByeWhy
	kept []Output
}

func testMeeting() Meeting {
	return Meeting{ID: "482913006", Title: "Weekly", HostID: peer("host"), Policy: meeting.DefaultPolicy()}
}

func newBench(t *testing.T, m Meeting) *bench {
	b := &bench{t: t, now: epoch, seq: map[Conn]int64{}, got: map[Conn][]protocol.ServerFrame{}, seqs: map[Conn][]int64{}, hung: map[Conn]protocol.ByeWhy{}}
	b.reopen(m)
	return b
}

// reopen is a restart of the rendezvous.
func (b *bench) reopen(m Meeting) {
	var remembered []Standing
	if b.room != nil {
		remembered = b.room.Standings()
	}
	b.room = New(b.now, Config{Meeting: m, Standings: remembered, Ticket: func(_ time.Time, c Claims) string {
		data, err := json.Marshal(c)
		if err != nil {
			b.t.Fatal(err)
		}
		return string(data)
	}})
}

func (b *bench) step(in Input) {
	b.t.Helper()
	for _, out := range b.room.Step(b.now, in) {
		switch out := out.(type) {
		case Send:
			if _, over := b.hung[out.Conn]; over {
				b.t.Fatalf("a frame to %d after its hangup", out.Conn)
			}
			seq, frame, err := protocol.DecodeServer(out.AppendTo(nil))
			if err != nil {
				b.t.Fatalf("a frame that no client can read: %v: %s", err, out.Body)
			}
			b.got[out.Conn] = append(b.got[out.Conn], frame)
			b.seqs[out.Conn] = append(b.seqs[out.Conn], seq)
		case Hangup:
			b.hung[out.Conn] = out.Why
		default:
			b.kept = append(b.kept, out)
		}
	}
}

func hello(name string) protocol.Hello {
	return protocol.Hello{MeetingID: "482-913-006", Ticket: "x", Kind: protocol.KindBrowser, Presence: protocol.Presence{Name: name}}
}

// enter brings somebody in with a ticket for joining.
func (b *bench) enter(name string) Conn { return b.enterBy(name, protocol.ViaInvitation) }

func (b *bench) enterBy(name string, via protocol.Via) Conn {
	b.t.Helper()
	return b.enterWith(Claims{ID: peer(name), Via: via, Issued: b.now}, hello(name))
}

func (b *bench) enterWith(c Claims, h protocol.Hello) Conn {
	b.t.Helper()
	b.now = b.now.Add(10 * time.Millisecond)
	b.conn++
	b.step(Enter{Conn: b.conn, Claims: c, Hello: h})
	return b.conn
}

// resume comes back on a new socket with the ticket that a welcome gave.
func (b *bench) resume(name string, w protocol.Welcome, received int64) Conn {
	b.t.Helper()
	h := hello(name)
	h.Session, h.Received = w.Self.Session, received
	c := b.enterWith(b.claims(w), h)
	return c
}

func (b *bench) claims(w protocol.Welcome) Claims {
	b.t.Helper()
	var c Claims
	if err := json.Unmarshal([]byte(w.Resume.Ticket), &c); err != nil {
		b.t.Fatal(err)
	}
	return c
}

func (b *bench) say(c Conn, f protocol.ClientFrame) {
	b.t.Helper()
	b.seq[c]++
	b.step(Receive{Conn: c, Seq: b.seq[c], Frame: f})
}

func (b *bench) wait(d time.Duration) {
	b.t.Helper()
	b.now = b.now.Add(d)
	b.step(Tick{})
}

// take returns what a socket got since the last take, and forgets it.
func (b *bench) take(c Conn) []protocol.ServerFrame {
	got := b.got[c]
	b.got[c], b.seqs[c] = nil, nil
	return got
}

func (b *bench) welcome(c Conn) protocol.Welcome {
	b.t.Helper()
	for _, f := range b.got[c] {
		if w, ok := f.(protocol.Welcome); ok {
			return w
		}
	}
	b.t.Fatalf("no welcome in %s", show(b.got[c]))
	return protocol.Welcome{}
}

// show is frames in words, for comparing whole conversations.
func show(frames []protocol.ServerFrame) string {
	var words []string
	for _, f := range frames {
		word := strings.ToLower(strings.TrimPrefix(fmt.Sprintf("%T", f), "protocol."))
		switch f := f.(type) {
		case protocol.Welcome:
			if f.Waiting {
				word += " waiting"
			}
			if f.Resumed {
				word += " resumed"
			}
			word += fmt.Sprintf(" of %d", len(f.Roster))
		case protocol.Joined:
			word += " " + f.Participant.Presence.Name
		case protocol.Updated:
			word += " " + f.Participant.Presence.Name
		case protocol.Left:
			word += " " + string(f.Why)
		case protocol.Refusal:
			word += " " + string(f.Code)
		case protocol.Bye:
			word += " " + string(f.Why)
			if f.Code != "" {
				word += " " + string(f.Code)
			}
		case protocol.Signal:
			word += " " + f.Box
		case protocol.Broadcast:
			word += " " + f.Box
		case protocol.Waiting:
			word += fmt.Sprintf(" %d", len(f.Waiting))
		case protocol.Ack:
			word += fmt.Sprintf(" %d", f.Received)
		}
		words = append(words, word)
	}
	return strings.Join(words, ", ")
}

func (b *bench) expect(c Conn, want string) {
	b.t.Helper()
	if diff := cmp.Diff(want, show(b.take(c))); diff != "" {
		b.t.Errorf("socket %d (-want +got):\n%s", c, diff)
	}
}

// Guards the shape of a meeting: who comes is welcomed with everybody in it, and
// the others are told once.
func TestJoinSignalLeave(t *testing.T) {
	t.Parallel()
	b := newBench(t, testMeeting())
	host := b.enter("host")
	guest := b.enter("guest")
	hw, gw := b.welcome(host), b.welcome(guest)
	if hw.Self.Role != protocol.RoleHost || gw.Self.Role != protocol.RoleParticipant {
		t.Errorf("roles %s and %s", hw.Self.Role, gw.Self.Role)
	}
	if hw.Self.N != hw.Self.Session || gw.Self.N <= hw.Self.N || hw.Self.N < epoch.UnixMilli() {
		t.Errorf("numbers %d/%d then %d/%d", hw.Self.N, hw.Self.Session, gw.Self.N, gw.Self.Session)
	}
	b.expect(host, "welcome of 1, joined guest")
	b.expect(guest, "welcome of 2")

	b.say(guest, protocol.SendSignal{To: peer("host"), Box: "offer"})
	b.say(guest, protocol.SendBroadcast{Box: "all"})
	b.say(guest, protocol.SetPresence{Presence: protocol.Presence{Name: "guest", Mic: true}})
	b.expect(host, "signal offer, broadcast all, updated guest")
	b.expect(guest, "updated guest")

	b.say(guest, protocol.Leave{})
	b.expect(host, "left left")
	if why, hung := b.hung[guest]; !hung || why != "" {
		t.Errorf("the leaver's socket: hung up %v, why %q", hung, why)
	}
	if b.room.Inside() != 1 {
		t.Errorf("%d inside", b.room.Inside())
	}
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	b := newBench(t, testMeeting())
	guest := b.enter("guest")
	b.take(guest)
	b.say(guest, protocol.SendSignal{To: peer("nobody"), Box: "x"})
	b.say(guest, protocol.SendSignal{To: peer("guest"), Box: "x"})
	b.step(Receive{Conn: guest, Frame: protocol.SendBroadcast{Box: "x"}}) // unnumbered
	b.step(Receive{Conn: guest, Frame: protocol.Ack{Received: 99}})
	b.expect(guest, "refusal not-in-room, refusal not-in-room, refusal invalid, refusal invalid")
	b.say(guest, protocol.Hello{})
	b.expect(guest, "bye protocol malformed")
}

// Guards against two tabs of one identity that both believe they are in.
func TestReloadTakesOver(t *testing.T) {
	t.Parallel()
	b := newBench(t, testMeeting())
	host, old := b.enter("host"), b.enter("guest")
	before := b.welcome(old)
	b.take(host)
	b.take(old)
	fresh := b.enter("guest")
	after := b.welcome(fresh)
	b.expect(old, "bye elsewhere")
	b.expect(host, "updated guest")
	if after.Self.N != before.Self.N || after.Self.Session <= before.Self.Session || len(after.Roster) != 2 {
		t.Errorf("before %+v, after %+v", before.Self, after.Self)
	}
	// The older page's socket was lost rather than closed: it does not take over again.
	stale := b.resume("guest", before, 0)
	b.expect(stale, "bye elsewhere")
	if b.hung[stale] != protocol.ByeElsewhere {
		t.Error("the older page was not sent away")
	}
}

func TestResumeIsNotNoticed(t *testing.T) {
	t.Parallel()
	b := newBench(t, testMeeting())
	host, guest := b.enter("host"), b.enter("guest")
	w := b.welcome(guest)
	b.take(host)
	b.take(guest)
	b.say(guest, protocol.SendBroadcast{Box: "one"})
	b.step(Disconnected{Conn: guest})
	b.say(host, protocol.SendSignal{To: peer("guest"), Box: "while away"})
	b.wait(Grace - time.Second)
	again := b.resume("guest", w, 0)
	b.seq[again] = 1
	b.expect(again, "welcome resumed of 2, signal while away")
	b.step(Receive{Conn: again, Seq: 1, Frame: protocol.SendBroadcast{Box: "one"}}) // it cannot know that this arrived
	b.say(again, protocol.SendBroadcast{Box: "two"})
	b.expect(host, "broadcast one, ack 1, broadcast two")
}

func TestGraceEnds(t *testing.T) {
	t.Parallel()
	b := newBench(t, testMeeting())
	host, guest := b.enter("host"), b.enter("guest")
	w := b.welcome(guest)
	b.take(host)
	b.step(Disconnected{Conn: guest})
	b.wait(Grace - time.Second)
	b.step(Receive{Conn: host, Frame: protocol.Ping{}})
	b.wait(time.Second)
	b.expect(host, "pong, left lost")
	back := b.resume("guest", w, 0)
	b.expect(back, "welcome of 2")
	if got := b.room.Roster()[1]; got.N != w.Self.N || got.Session != w.Self.Session {
		t.Errorf("came back as %d/%d, was %d/%d", got.N, got.Session, w.Self.N, w.Self.Session)
	}
}

func TestSilenceIsALostSocket(t *testing.T) {
	t.Parallel()
	b := newBench(t, testMeeting())
	host, guest := b.enter("host"), b.enter("guest")
	b.take(host)
	b.wait(Silence - time.Second)
	b.step(Receive{Conn: host, Frame: protocol.Ping{}})
	b.wait(time.Second)
	if _, hung := b.hung[guest]; !hung || b.room.Inside() != 2 {
		t.Errorf("hung up %v, inside %d", hung, b.room.Inside())
	}
	if want := b.now.Add(Silence - time.Second); !b.room.Deadline().Equal(want) {
		t.Errorf("deadline %v, want %v: the host's silence comes before the guest's grace ends", b.room.Deadline(), want)
	}
}

// Guards sessions across a restart: everybody comes back as who they were,
// whatever the order.
func TestRestartTakesEverybodyBack(t *testing.T) {
	t.Parallel()
	m := testMeeting()
	m.Policy.Capacity = 2
	b := newBench(t, m)
	host, guest := b.enter("host"), b.enter("guest")
	hw, gw := b.welcome(host), b.welcome(guest)
	m.Policy.Locked, m.Policy.WaitingRoom = true, true // neither is for who was in
	b.now = b.now.Add(time.Minute)
	b.reopen(m)
	g2 := b.resume("guest", gw, 5)
	h2 := b.resume("host", hw, 7)
	b.expect(g2, "welcome of 1, joined host")
	b.expect(h2, "welcome of 2")
	want := []protocol.Participant{hw.Self, gw.Self}
	if diff := cmp.Diff(want, b.room.Roster()); diff != "" {
		t.Errorf("roster (-want +got):\n%s", diff)
	}
	// A reload during the restart: the same participant, a new session.
	h := hello("guest")
	c := b.claims(gw)
	again := b.enterWith(c, h)
	if got := b.welcome(again).Self; got.N != gw.Self.N || got.Session <= gw.Self.Session {
		t.Errorf("reloaded as %d/%d, was %d/%d", got.N, got.Session, gw.Self.N, gw.Self.Session)
	}
}

func TestSlowReaderIsCutAndComesBack(t *testing.T) {
	t.Parallel()
	b := newBench(t, testMeeting())
	host, slow := b.enter("host"), b.enter("slow")
	w := b.welcome(slow)
	b.take(slow)
	for i := range MaxLog + 10 {
		b.say(host, protocol.SendBroadcast{Box: fmt.Sprint(i)})
	}
	got := b.take(slow)
	if n := len(got); n != MaxLog+1 || show(got[n-1:]) != "bye slow" {
		t.Errorf("%d frames, the last %s", len(got), show(got[len(got)-1:]))
	}
	back := b.resume("slow", w, 10)
	b.expect(back, "welcome of 2") // not resumed: frames are missing
	b.say(host, protocol.SendBroadcast{Box: "again"})
	b.expect(back, "broadcast again")
	if seqs := b.room.byID[peer("slow")].log.last(); seqs != 1 {
		t.Errorf("numbering went on at %d", seqs)
	}
}

func TestMeetingEnds(t *testing.T) {
	t.Parallel()
	m := testMeeting()
	expires := epoch.Add(time.Hour)
	m.ExpiresAt = &expires
	m.Policy.WaitingRoom = true
	b := newBench(t, m)
	host, waiting := b.enter("host"), b.enter("guest")
	b.take(host)
	b.take(waiting)
	if d := b.room.Deadline(); d.After(expires) {
		t.Errorf("deadline %v is after the expiry", d)
	}
	b.now = expires
	b.step(Tick{})
	b.expect(host, "bye ended")
	b.expect(waiting, "bye ended")
	if !b.room.Empty() {
		t.Error("somebody is left")
	}
	late := b.enter("late")
	b.expect(late, "bye ended")
}
