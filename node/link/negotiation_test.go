package link

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// input is one thing that happens to a negotiation, at a time.
type input func(n *negotiation, now time.Duration) action

func isOpen(n *negotiation, _ time.Duration) action      { return n.open() }
func isAsked(n *negotiation, now time.Duration) action   { return n.asked(now) }
func isDoubted(n *negotiation, now time.Duration) action { return n.doubt(now) }
func ticks(n *negotiation, now time.Duration) action     { return n.tick(now) }

func isOffered(g int64) input {
	return func(n *negotiation, _ time.Duration) action { return n.offered(g) }
}

func isAnswered(g int64) input {
	return func(n *negotiation, _ time.Duration) action { return n.answered(g) }
}

func getsCandidates(g int64) input {
	return func(n *negotiation, _ time.Duration) action { return n.candidates(g) }
}

func iceIs(s iceState) input {
	return func(n *negotiation, now time.Duration) action { return n.ice(s, now) }
}

type timed struct {
	at time.Duration
	in input
}

// play feeds inputs in turn, each at its time; it gives the last state and
// everything that was to be done.
func play(offerer bool, inputs ...timed) (negotiation, []action) {
	n := begin(offerer, 0)
	var done []action
	for _, i := range inputs {
		if a := i.in(&n, i.at*time.Millisecond); a != doNothing {
			done = append(done, a)
		}
	}
	return n, done
}

func offeredThen(more ...timed) []timed {
	return append([]timed{{0, isOpen}, {10, isAnswered(0)}, {20, iceIs(iceConnected)}}, more...)
}

func millis(d time.Duration) time.Duration { return d / time.Millisecond }

// The cases are those of web/src/link/negotiation.test.ts: a link has one of
// these machines at either end.
func TestNegotiation(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name    string
		offerer bool
		inputs  []timed
		want    []action
		state   func(negotiation) bool
	}{
		{
			name: "an offerer offers once, takes one answer, and is still", offerer: true,
			inputs: offeredThen(timed{30, isOpen}, timed{30, isAnswered(0)}, timed{30, ticks}, timed{99_999, ticks}),
			want:   []action{doOffer, doTake},
			state:  func(n negotiation) bool { return n.connected && n.brokenAt == never && n.deadline == never },
		},
		{
			// A rendezvous that was restarted brings frames again: they must not tear a link.
			name: "what comes twice, late or for the other side changes nothing",
			inputs: []timed{
				{0, isOffered(1)},
				{1, isOffered(1)},
				{2, isOffered(0)},
				{3, isAnswered(1)},
				{4, isAsked},
				{5, isOpen},
				{6, getsCandidates(0)},
			},
			want: []action{doAnswer},
			state: func(n negotiation) bool {
				once, _ := play(false, timed{0, isOffered(1)})
				return n == once
			},
		},
		{
			name: "candidates are taken in their generation alone, and not before its answer", offerer: true,
			inputs: []timed{{0, isOpen}, {1, getsCandidates(0)}, {2, isAnswered(0)}, {3, getsCandidates(0)}, {4, getsCandidates(1)}},
			want:   []action{doOffer, doTake, doTake},
		},
		{
			name: "what broke is given a moment to heal by itself", offerer: true,
			inputs: offeredThen(timed{1000, iceIs(iceDisconnected)}, timed{1000 + millis(grace) - 1, ticks},
				timed{1000 + millis(grace), iceIs(iceConnected)}, timed{99_999, ticks}),
			want: []action{doOffer, doTake},
		},
		{
			name: "what broke is restarted by the offerer, with the next generation", offerer: true,
			inputs: offeredThen(timed{1000, iceIs(iceDisconnected)}, timed{1000 + millis(grace), ticks}),
			want:   []action{doOffer, doTake, doOffer},
			state:  func(n negotiation) bool { return n.generation == 1 },
		},
		{
			name:   "what broke is told to the offerer by the other end",
			inputs: []timed{{0, isOffered(0)}, {10, iceIs(iceConnected)}, {1000, iceIs(iceFailed)}},
			want:   []action{doAnswer, doAsk},
		},
		{
			name: "what broke is not waited for when this machine's network changed", offerer: true,
			inputs: offeredThen(timed{1000, isDoubted}),
			want:   []action{doOffer, doTake, doOffer},
			state:  func(n negotiation) bool { return n.generation == 1 },
		},
		{
			name: "what the other end asks for while it is being mended is nothing more to do", offerer: true,
			inputs: offeredThen(timed{5000, iceIs(iceFailed)}, timed{5010, isAsked}, timed{5100, isAnswered(1)},
				timed{5110, isAsked}, timed{5500, iceIs(iceConnected)}, timed{99_999, ticks}),
			want:  []action{doOffer, doTake, doOffer, doTake},
			state: func(n negotiation) bool { return n.generation == 1 && n.deadline == never },
		},
		{
			name: "what an offer does not mend is offered again in its time, asked for or not", offerer: true,
			inputs: offeredThen(timed{5000, iceIs(iceFailed)}, timed{5100, isAnswered(1)}, timed{5110, isAsked},
				timed{5000 + millis(retryAfter) - 1, ticks}, timed{5000 + millis(retryAfter), ticks}),
			want:  []action{doOffer, doTake, doOffer, doTake, doOffer},
			state: func(n negotiation) bool { return n.generation == 2 },
		},
		{
			// The other end's network can change twice within a second.
			name: "what is asked for soon after this end is connected is done when the last offer had its time", offerer: true,
			inputs: offeredThen(timed{5000, isDoubted}, timed{5100, isAnswered(1)}, timed{5200, iceIs(iceConnected)}, timed{6000, isAsked},
				timed{5000 + millis(retryAfter) - 1, ticks}, timed{5000 + millis(retryAfter), ticks}),
			want:  []action{doOffer, doTake, doOffer, doTake, doOffer},
			state: func(n negotiation) bool { return n.generation == 2 },
		},
		{
			name: "what is asked for later is done at once, though this end is connected", offerer: true,
			inputs: offeredThen(timed{millis(retryAfter) - 1, isAsked}, timed{millis(retryAfter) - 1, iceIs(iceConnected)}, timed{9000, isAsked}),
			want:   []action{doOffer, doTake, doOffer},
		},
		{
			// The path healed before the answer, which was lost.
			name: "an offer that is never answered does not have requests ignored", offerer: true,
			inputs: offeredThen(timed{5000, iceIs(iceDisconnected)}, timed{5000 + millis(grace), ticks}, timed{7100, iceIs(iceConnected)},
				timed{20_000, ticks}, timed{60_000, isAsked}, timed{60_250, ticks}),
			want: []action{doOffer, doTake, doOffer, doOffer},
		},
		{
			name: "what is offered already is not asked for",
			inputs: []timed{
				{0, isOffered(0)},
				{10, iceIs(iceConnected)},
				{5000, iceIs(iceDisconnected)},
				{5000 + millis(grace) - 1, isOffered(1)},
				{5000 + millis(grace), ticks},
				{5000 + millis(grace) + millis(retryAfter) - 1, ticks},
			},
			want: []action{doAnswer, doAnswer},
		},
		{
			name: "what is offered and does not help is asked for again",
			inputs: []timed{
				{0, isOffered(0)},
				{10, iceIs(iceConnected)},
				{5000, iceIs(iceDisconnected)},
				{5100, isOffered(1)},
				{5200, iceIs(iceFailed)},
				{5300, iceIs(iceFailed)},
				{5200 + millis(retryAfter), ticks},
			},
			want: []action{doAnswer, doAnswer, doAsk},
		},
		{
			// A first offer whose answer never comes would leave a tile "connecting" for ever.
			name: "a link that never connects is tried again", offerer: true,
			inputs: []timed{{0, isOpen}, {millis(openWithin) - 1, ticks}, {millis(openWithin), ticks}},
			want:   []action{doOffer, doOffer},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			state, done := play(c.offerer, c.inputs...)
			if diff := cmp.Diff(c.want, done); diff != "" {
				t.Error(diff)
			}
			if c.state != nil && !c.state(state) {
				t.Errorf("the state is %+v", state)
			}
		})
	}
}

func TestWhatRestartsDoNotHelpIsMadeAnew(t *testing.T) {
	t.Parallel()
	n, _ := play(true, offeredThen(timed{1000, iceIs(iceFailed)})...)
	var done []action
	for at := time.Second; at < time.Second+retryAfter<<(maxAttempts+1); at += 250 * time.Millisecond {
		if a := n.tick(at); a != doNothing {
			done = append(done, a)
		}
	}
	want := append(slices.Repeat([]action{doOffer}, maxAttempts-1), doRemake)
	if diff := cmp.Diff(want, done); diff != "" {
		t.Error(diff)
	}
	if n.deadline != never {
		t.Error("it goes on trying")
	}
}

// Whatever comes: generations only rise, one end offers, and tries are bounded.
func TestNegotiationIsTotal(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		offerer := rapid.Bool().Draw(t, "offerer")
		n := begin(offerer, 0)
		var now time.Duration
		for range rapid.IntRange(0, 60).Draw(t, "steps") {
			now += time.Duration(rapid.IntRange(0, 9000).Draw(t, "passed")) * time.Millisecond
			g := rapid.Int64Range(0, 5).Draw(t, "generation")
			in := rapid.SampledFrom([]input{
				isOpen, isAsked, isDoubted, ticks, isOffered(g), isAnswered(g), getsCandidates(g),
				iceIs(iceOther), iceIs(iceConnected), iceIs(iceDisconnected), iceIs(iceFailed),
			}).Draw(t, "input")
			before := n
			did := in(&n, now)
			forbidden := []action{doOffer, doRemake}
			if offerer {
				forbidden = []action{doAnswer, doAsk}
			}
			if slices.Contains(forbidden, did) || n.generation < before.generation || n.attempts > maxAttempts {
				t.Fatalf("%v: %+v became %+v", did, before, n)
			}
		}
	})
}
