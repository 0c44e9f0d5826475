package link

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/parley-mesh/parley/pkg/protocol"
	"github.com/parley-mesh/parley/pkg/room"
)

// The cases of this file are those of web/src/link/pulse.test.ts.

const ms = time.Millisecond

func TestTwoEndsMeasureTheRoundTrip(t *testing.T) {
	t.Parallel()
	const skew = 1000 * time.Second
	here, there := newBeats(), newBeats()
	there.hear(here.next(1000*ms, 0), skew+1040*ms)  // 40 ms on the way
	here.hear(there.next(skew+1200*ms, 90), 1230*ms) // held for 160, 30 ms back
	if here.rtt != 70*ms || here.level != 90 || here.silence(1500*ms) != 270*ms || there.rtt >= 0 {
		t.Errorf("%+v %+v", here, there)
	}
	before := here
	here.hear(protocol.Beat{N: 1, At: 2}, 2000*ms)
	if here != before {
		t.Error("one that was overtaken is heard")
	}
}

// A peer that dies before its first beat was taken for well until ICE failed.
func TestSilenceCountsFromTheOpening(t *testing.T) {
	t.Parallel()
	b := newBeats()
	if silent := b.silence(9000 * ms); silent != 0 {
		t.Errorf("before the channel is open it is %v", silent)
	}
	b.next(10_000*ms, 0)
	b.next(10_250*ms, 0)
	if silent := b.silence(10_000*ms + lostAfter); silent != lostAfter {
		t.Errorf("without a beat it is %v", silent)
	}
	b.hear(protocol.Beat{N: 1, At: 2}, 17_000*ms)
	if silent := b.silence(17_100 * ms); silent != 100*ms {
		t.Errorf("after the first beat it is %v", silent)
	}
}

// A member's death is nobody's emergency, an SFU's is everybody's.
func TestAMemberBeatsSeldom(t *testing.T) {
	t.Parallel()
	for shape, want := range map[room.Shape]int{room.ShapeMesh: 40, room.ShapeServe: 40, room.ShapeSFU: 11} {
		b, sent := newBeats(), 0
		for n := 3; n < 43; n++ {
			if b.due(n, shape) {
				sent++
				b.next(time.Duration(n)*beatEvery, 0)
			}
			if n == 3 && sent != 1 {
				t.Errorf("%s: the first has to wait", shape)
			}
		}
		if sent != want {
			t.Errorf("%s: %d of 40", shape, sent)
		}
	}
}

// A peer could claim to be nearer than light, or make the room think it is far away.
func TestNoClaimMakesARoundTripImpossible(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		number := rapid.Int64Range(0, protocol.MaxInt)
		b := newBeats()
		b.hear(protocol.Beat{
			N: number.Draw(t, "n"), At: number.Draw(t, "at"), Echo: number.Draw(t, "echo"), Held: number.Draw(t, "held"),
		}, 5*time.Second)
		if b.rtt != -1 && (b.rtt < 0 || b.rtt > maxRTT) {
			t.Fatal(b.rtt)
		}
	})
}

func TestQuality(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		want   Quality
		change func(*signs)
	}{
		{Good, func(*signs) {}},
		{Connecting, func(s *signs) { s.everConnected = false }},
		{Fair, func(s *signs) { s.rtt = 300 * ms }},
		{Fair, func(s *signs) { s.lossMille = 40 }},
		{Poor, func(s *signs) { s.rtt = 800 * ms }},
		{Poor, func(s *signs) { s.lossMille = 200 }},
		{Poor, func(s *signs) { s.iceConnected = false }},
		{Poor, func(s *signs) { s.silent = poorAfter }},
		{Lost, func(s *signs) { s.silent = lostAfter }},
		{Good, func(s *signs) { s.silent, s.rtt, s.lossMille = 0, 0, 0 }},
	} {
		s := signs{everConnected: true, iceConnected: true, silent: 100 * ms, rtt: 20 * ms}
		c.change(&s)
		if got := qualityOf(s); got != c.want {
			t.Errorf("%+v is %v", s, got)
		}
	}
}

// A peer that talks without end must not keep this machine busy.
func TestBucketGivesWhatItHoldsThenWhatTimeBrings(t *testing.T) {
	t.Parallel()
	b := newBucket(3, 2)
	for i, c := range []struct {
		at   time.Duration
		want bool
	}{
		{0, true},
		{0, true},
		{0, true},
		{0, false},
		{400, false},
		{500, true},
		{500, false},
		{60_000, true},
		{60_000, true},
		{60_000, true},
		{60_000, false},
	} {
		if got := b.take(c.at*ms, 1); got != c.want {
			t.Errorf("take %d at %d ms: %v", i, c.at, got)
		}
	}
}
