package session

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/parley-mesh/parley/node/router"
	"github.com/parley-mesh/parley/pkg/identity"
	"github.com/parley-mesh/parley/pkg/protocol"
	"github.com/parley-mesh/parley/pkg/room"
)

// Guards against nodes that come back all at once, or not at all.
func TestBackoffDoublesAndIsSpread(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		failures int
		chance   float64
		want     int64
	}{{0, 1, 0}, {1, 0, 125}, {1, 1, 250}, {2, 1, 500}, {6, 1, 8000}, {60, 1, 8000}, {60, 0, 4000}} {
		if got := backoff(c.failures, c.chance); got != c.want {
			t.Errorf("backoff(%d, %v) = %d, want %d", c.failures, c.chance, got, c.want)
		}
	}
}

// Guards against an envelope being taken twice, whatever the order, and against
// memory that grows with what strangers send.
func TestSeenTakesEachOnce(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		s := newSeen()
		taken := map[int64]bool{}
		for range rapid.IntRange(1, 200).Draw(t, "n") {
			seq := rapid.Int64Range(1, 500).Draw(t, "seq")
			e := protocol.Envelope{From: "a", Session: 1, Seq: seq}
			if got := s.add(e); got == taken[seq] {
				t.Fatalf("add(%d) = %v after %v", seq, got, taken[seq])
			}
			taken[seq] = true
		}
	})
	s := newSeen()
	for i := range int64(3 * seenSessions) {
		s.add(protocol.Envelope{From: "a", Session: i, Seq: 1})
	}
	if len(s.sessions) > seenSessions {
		t.Errorf("%d sessions are remembered", len(s.sessions))
	}
	for i := range int64(5 * seenWindow) {
		s.add(protocol.Envelope{From: "b", Session: 1, Seq: i})
	}
	if n := len(s.sessions[author{"b", 1}].seqs); n > seenWindow+1 {
		t.Errorf("%d numbers are remembered", n)
	}
	if s.add(protocol.Envelope{From: "b", Session: 1, Seq: 1}) {
		t.Error("what is older than the window was taken")
	}
}

// Guards against a history whose messages no link takes.
func TestHistoryFitsItsMessages(t *testing.T) {
	t.Parallel()
	var h history
	_, id := who(t, 1)
	for i := range 2 * protocol.MaxHistory {
		e := protocol.Envelope{Meeting: "482913006", From: id, Session: 1, Seq: int64(i + 1), Kind: protocol.EnvelopeChat, Body: strings.Repeat("x", i*13%4000), Sig: strings.Repeat("A", 86)}
		h.add(e, int64(1000-i%7))
	}
	count := 0
	var last int64
	for _, part := range h.parts() {
		data, err := protocol.EncodeControl(part)
		if err != nil || len(data) > protocol.MaxFrame {
			t.Fatalf("a part of %d bytes: %v", len(data), err)
		}
		count += len(part.(protocol.History).Envelopes)
	}
	for _, k := range h.kept {
		if k.at < last {
			t.Fatal("out of order")
		}
		last = k.at
	}
	if count != protocol.MaxHistory {
		t.Errorf("%d envelopes, want %d", count, protocol.MaxHistory)
	}
}

// Guards against an old link being let go of while the new one's answer only
// means that nothing has reached the SFU yet.
func TestCarriesWaitsForWhatWasAskedFor(t *testing.T) {
	t.Parallel()
	mic, camera := router.Key{From: "a", Source: protocol.SourceMic}, router.Key{From: "a", Source: protocol.SourceCamera}
	for _, c := range []struct {
		name   string
		demand demand
		now    int64
		want   bool
	}{
		{"nothing was said yet", demand{askedAt: 1000}, 9000, false},
		{"nothing is there", demand{askedAt: 1000, told: true}, 1000, true},
		{"what is there is not in the answer yet", demand{askedAt: 1000, told: true, expected: []router.Key{mic}}, 1500, false},
		{"nor is it ever", demand{askedAt: 1000, told: true, expected: []router.Key{mic}}, 3000, true},
		{"it is said but did not arrive", demand{askedAt: 1000, told: true, expected: []router.Key{mic}, flows: []inflow{{mic, false}}}, 4000, false},
		{"and never does", demand{askedAt: 1000, told: true, expected: []router.Key{mic}, flows: []inflow{{mic, false}}}, 6000, true},
		{"half of it", demand{askedAt: 1000, told: true, expected: []router.Key{mic, camera}, flows: []inflow{{mic, true}}}, 1500, false},
		{"all of it", demand{askedAt: 1000, told: true, expected: []router.Key{mic, camera}, flows: []inflow{{mic, true}, {camera, true}}}, 1001, true},
	} {
		if got := c.demand.carries(c.now); got != c.want {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}

// Guards against voices that find no room in the message because of pictures
// that nobody sends.
func TestViewsPutFirstWhatIsThereAndHeard(t *testing.T) {
	t.Parallel()
	people := []protocol.Participant{
		{ID: "a", Presence: protocol.Presence{Camera: true}},
		{ID: "b", Presence: protocol.Presence{Mic: true, Camera: true, Screen: true}},
	}
	all := func(protocol.Participant, protocol.Source) (int, int, bool) { return 9000, 300, true }
	got := viewsOf(people, all)
	want := []protocol.View{
		{From: "b", Source: "mic"},
		{From: "b", Source: "screen-audio"},
		{From: "b", Source: "screen", Width: 8192, Height: 300},
		{From: "a", Source: "camera", Width: 8192, Height: 300},
		{From: "b", Source: "camera", Width: 8192, Height: 300},
		{From: "a", Source: "mic"},
		{From: "a", Source: "screen-audio"},
		{From: "a", Source: "screen", Width: 8192, Height: 300},
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	var many []protocol.Participant
	for i := range 100 {
		many = append(many, protocol.Participant{ID: identity.PeerID(rune('a' + i)), Presence: protocol.Presence{Mic: true}})
	}
	if got := viewsOf(many, all); len(got) != protocol.MaxViews || got[protocol.MaxViews-1].Source != protocol.SourceMic {
		t.Errorf("%d views, the last %v", len(got), got[len(got)-1])
	}
}

// Guards against a star that never forms because more speak than there are slots.
func TestExpectedLeavesOutWhatHasNoSlot(t *testing.T) {
	t.Parallel()
	views := []protocol.View{{From: "a", Source: "mic"}, {From: "b", Source: "mic"}, {From: "a", Source: "camera"}, {From: "b", Source: "camera"}, {From: "c", Source: "camera"}}
	here := func(id identity.PeerID) (protocol.Presence, bool) {
		return protocol.Presence{Mic: true, Camera: true}, id != "c"
	}
	got := expectedOf(views, here, map[router.Media]int{router.Audio: 1, router.Video: 1})
	if d := cmp.Diff([]router.Key{{From: "a", Source: "camera"}}, got); d != "" {
		t.Error(d)
	}
	got = expectedOf(views, here, map[router.Media]int{router.Audio: 2, router.Video: 2})
	if len(got) != 4 {
		t.Errorf("%v", got)
	}
}

// Guards against a node that goes on saying what it was told of its line when
// half the room misses packets, and against one whose word one bad receiver takes.
func TestGaugeBelievesWhatArrives(t *testing.T) {
	t.Parallel()
	g := newGauge(50_000, 0)
	g.look([]path{{true, 1000, 300}, {true, 1000, 0}, {true, 1000, 0}})
	if got := g.capacity(machine{}).UplinkKbps; got != 50_000 {
		t.Errorf("one bad path: %d", got)
	}
	g.look([]path{{true, 1000, 300}, {true, 1000, 200}, {true, 1000, 0}})
	if got := g.capacity(machine{}).UplinkKbps; got != 2500 {
		t.Errorf("a full line: %d", got)
	}
	g.look(nil)
	if got := g.capacity(machine{}).UplinkKbps; got != 7500 {
		t.Errorf("on its way back: %d", got)
	}
}

// Guards against a dead SFU that is noticed late, and against a living one that
// is taken for dead because this process was busy or its own network is away.
func TestHeartFindsTheDeadAndOnlyThem(t *testing.T) {
	t.Parallel()
	const never = int64(1) << 60
	for _, c := range []struct {
		name       string
		dies, cut  int64
		falls      int64 // when the sound ends that there is; 0: there is none
		busy, free int64
		by         int64 // when it is to be found dead; 0 for never
	}{
		{"it lives", never, never, never, 0, 0, 0},
		{"it lives and is silent", never, never, 0, 0, 0, 0},
		{"it lives and has no more to send", never, never, 5000, 0, 0, 0},
		{"it dies", 5000, never, never, 0, 0, 5400},
		{"it dies in a silent room", 5000, never, 0, 0, 0, 6500},
		{"our own network goes", never, 5000, never, 0, 0, 0},
		{"we were busy", never, never, never, 5000, 5700, 0},
	} {
		for phase := int64(0); phase < 1000; phase += 7 {
			var h heart
			at := signs{}
			found := int64(0)
			for now := int64(1); now < 10_000 && found == 0; now++ {
				// Sound, and beats as due and anxious of node/link have them.
				alive, soundAt := now < min(c.dies, c.cut), min(now, c.falls)
				sounds := c.falls > 0 && now-soundAt < 60
				anxious := c.falls > 0 && !sounds && now-soundAt < 1000
				whole := (now+phase)%250 == 0 && (!sounds || (now+phase)%1000 == 0)
				if alive && (whole || anxious && (now+phase)%125 == 0) {
					at.beatAt = now
				}
				if alive && c.falls > 0 && soundAt == now && now%20 == 0 {
					at.mediaAt = now
				}
				if now < c.cut && (now+130)%250 == 0 {
					at.otherAt = now
				}
				if at.now = now; now%lookEvery == 0 && (now < c.busy || now >= c.free) {
					if h = h.look(at); h.stoppedAt != 0 {
						found = now
					}
				}
			}
			if (found == 0) != (c.by == 0) || found > c.by {
				t.Errorf("%s (phase %d): found dead at %d, want by %d", c.name, phase, found, c.by)
			}
		}
	}
}

// Guards against a star's early offer tearing down the mesh link that carries.
func TestIsStarCountsMediaLines(t *testing.T) {
	t.Parallel()
	if isStar("v=0\r\n" + strings.Repeat("m=audio 9\r\n", 5)) {
		t.Error("four sources and the data channels are a mesh link")
	}
	if !isStar("v=0\r\n" + strings.Repeat("m=audio 9\r\n", 6)) {
		t.Error("more is a star's")
	}
}

// Guards against a slow reader losing what matters without being told, or
// holding up the session.
func TestOutboxWaitsForNobody(t *testing.T) {
	t.Parallel()
	o := newOutbox()
	for range 2 * outboxMost {
		o.tell(Stats{})
	}
	if n := len(o.ch); n > outboxMost/2+1 {
		t.Errorf("%d figures wait", n)
	}
	for range 2 * outboxMost {
		o.tell(Error{Message: "x"})
	}
	for len(o.ch) > outboxMost/4 {
		<-o.ch
	}
	o.tell(Left{})
	o.close()
	told := false
	for e := range o.ch {
		if e, is := e.(Error); is && strings.Contains(e.Message, "lost") {
			told = true
		}
	}
	if !told {
		t.Error("nobody was told what was lost")
	}
}

// Guards against one scale for files and another for microphones.
func TestLoudnessIsTheWebClients(t *testing.T) {
	t.Parallel()
	for level, want := range map[uint8]int{0: 127, 10: 127, 35: 63, 60: 0, 127: 0, router.NoLevel: 0} {
		if got := Loudness(level); got != want {
			t.Errorf("Loudness(%d) = %d, want %d", level, got, want)
		}
	}
}

// Guards against a line of chat pinned to the end by its author's clock.
func TestChatKeepsTheOrderOfTimes(t *testing.T) {
	t.Parallel()
	c := newChat()
	now := time.UnixMilli(5000)
	c.add(protocol.Envelope{From: "a"}, protocol.Chat{Text: "2", At: 2000}, now)
	c.add(protocol.Envelope{From: "a"}, protocol.Chat{Text: "1", At: 1000}, now)
	c.add(protocol.Envelope{From: "a"}, protocol.Chat{Text: "future", At: 1 << 50}, now)
	c.add(protocol.Envelope{From: "a"}, protocol.Chat{Text: "now", At: 5000}, now)
	var got []string
	for _, line := range c.lines {
		got = append(got, line.Text)
	}
	if d := cmp.Diff([]string{"1", "2", "future", "now"}, got); d != "" {
		t.Error(d)
	}
}

// Guards against adverts that nobody chooses by: what somebody could lend who is
// not willing may waver as it likes.
func TestAdvertsAreSaidEarlyOnlyWhereTheyMatter(t *testing.T) {
	t.Parallel()
	willing := protocol.Capacity{Willing: true, Reachable: true, UplinkKbps: 1000, CoresMilli: 2000}
	with := func(c protocol.Capacity, change func(*protocol.Capacity)) protocol.Capacity {
		change(&c)
		return c
	}
	unwilling := with(willing, func(c *protocol.Capacity) { c.Willing = false })
	for name, c := range map[string]struct {
		before, now protocol.Capacity
		want        bool
	}{
		"the same":                 {willing, willing, false},
		"wavers by a tenth":        {willing, with(willing, func(c *protocol.Capacity) { c.UplinkKbps = 900 }), false},
		"half of its cores":        {willing, with(willing, func(c *protocol.Capacity) { c.CoresMilli = 1000 }), true},
		"not willing any more":     {willing, unwilling, true},
		"unwilling, and half":      {unwilling, with(unwilling, func(c *protocol.Capacity) { c.CoresMilli, c.UplinkKbps = 500, 100 }), false},
		"unwilling, out of reach":  {unwilling, with(unwilling, func(c *protocol.Capacity) { c.Reachable = false }), false},
		"unwilling, misses a lot":  {unwilling, with(unwilling, func(c *protocol.Capacity) { c.LossMille = lossyMille }), true},
		"misses a little":          {willing, with(willing, func(c *protocol.Capacity) { c.LossMille = lossyMille - 1 }), false},
		"willing and out of reach": {willing, with(willing, func(c *protocol.Capacity) { c.Reachable = false }), true},
	} {
		if got := differs(c.now, c.before); got != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}

// Guards against adverts to everybody, which grow with the square of a room, and
// against a chair that changes hands to somebody who knows none.
func TestChoosersAreTheNextInLine(t *testing.T) {
	t.Parallel()
	people := func(yield func(room.Person) bool) {
		for _, p := range []protocol.Participant{
			{ID: "helper", N: 1, Kind: protocol.KindHelper},
			{ID: "guest", N: 2, Role: protocol.RoleParticipant, Via: protocol.ViaPassword},
			{ID: "second", N: 4, Role: protocol.RoleParticipant, Via: protocol.ViaInvitation},
			{ID: "first", N: 3, Role: protocol.RoleParticipant, Via: protocol.ViaInvitation},
			{ID: "host", N: 9, Role: protocol.RoleHost, Via: protocol.ViaInvitation},
		} {
			if !yield(room.Person{Participant: p}) {
				return
			}
		}
	}
	if diff := cmp.Diff([]identity.PeerID{"host", "first", "second"}, choosers(people)); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if got := choosers(func(func(room.Person) bool) {}); len(got) != 0 {
		t.Errorf("of nobody: %v", got)
	}
}
