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

// A member's death is nobody's emergency, an SFU's is everybody's, and sound tells
// that it lives.
func TestWhoBeatsSeldom(t *testing.T) {
	t.Parallel()
	const long = time.Hour
	quiet, sounding, pictures := outflow{long, long}, outflow{20 * ms, 20 * ms}, outflow{long, 20 * ms}
	for _, c := range []struct {
		shape room.Shape
		flow  outflow
		want  int
	}{
		{room.ShapeMesh, quiet, 40},
		{room.ShapeMesh, sounding, 40},
		{room.ShapeServe, quiet, 40},
		{room.ShapeServe, pictures, 40},
		{room.ShapeServe, sounding, 11},
		{room.ShapeSFU, quiet, 11},
	} {
		b, sent := newBeats(), 0
		for n := 3; n < 43; n++ {
			if b.due(n, c.shape, c.flow) {
				sent++
				b.next(time.Duration(n)*beatEvery, 0)
			}
			if n == 3 && sent != 1 {
				t.Errorf("%s: the first has to wait", c.shape)
			}
		}
		if sent != c.want {
			t.Errorf("%s, %+v: %d of 40", c.shape, c.flow, sent)
		}
	}
}

// Who is taken for dead after 240 ms without a sign must give one in time, whatever
// stops when.
func TestNoMemberMissesASignOfLife(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		soundStops := rapid.IntRange(0, 4000).Draw(t, "soundStops")
		soundAgain := soundStops + rapid.IntRange(0, 2000).Draw(t, "soundAgain")
		mediaStops := rapid.IntRange(0, 4000).Draw(t, "mediaStops")
		phase := rapid.IntRange(0, 249).Draw(t, "phase")
		settled := rapid.Bool().Draw(t, "settled")
		b, sign, soundAt, mediaAt := newBeats(), 0, 0, 0
		for now := 1; now < 5000; now++ {
			if now%20 == 0 && (now < soundStops || now >= soundAgain) {
				sign, soundAt, mediaAt = now, now, now
			}
			if now%33 == 0 && now < mediaStops {
				mediaAt = now // and may be whole nowhere
			}
			flow := outflow{time.Duration(now-soundAt) * ms, time.Duration(now-mediaAt) * ms}
			if half := (now + phase) / 125; (now+phase)%125 == 0 && wakes(half, room.ShapeServe, flow, settled) &&
				(half%2 == 1 || b.due(half/2, room.ShapeServe, flow)) {
				sign = now
				b.next(time.Duration(now)*ms, 0)
			}
			most := 250
			if now-mediaAt < 1000 {
				most = 185
			}
			if now-sign > most {
				t.Fatalf("at %d there was no sign for %d ms, at most %d", now, now-sign, most)
			}
		}
	})
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
