package link

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// Two of these machines with a path and a rendezvous between them, which
// web/src/link/negotiation.ends.test.ts has too. The path breaks, and is mended
// by whichever offer is answered once it can be.

const (
	simStep   = 25 * time.Millisecond
	checksFor = 5 * time.Second // what ICE cannot connect fails
)

// post is a signal under way to the other end.
type post struct {
	says       action
	generation int64
	at         time.Duration
}

type simEnd struct {
	n         negotiation
	ice       iceState
	becomes   iceState
	becomesAt time.Duration // never for not
	beatsAt   time.Duration // when its heart beats, within beatEvery
	inbox     []post        // in order
}

type simulation struct {
	now      time.Duration
	ends     [2]*simEnd // the offerer first
	travels  func() (delay time.Duration, lost bool)
	connects func() time.Duration
	healsAt  time.Duration // no offer mends the path before
	offers   []time.Duration
	asks     []time.Duration
	arrived  []time.Duration // requests that did
	joined   []time.Duration // the offerer's path
	remade   bool
}

func newSimulation(t *rapid.T) *simulation {
	beat := rapid.Int64Range(0, int64(beatEvery/simStep)-1)
	s := &simulation{
		travels:  func() (time.Duration, bool) { return 0, false },
		connects: func() time.Duration { return drawTime(t, "connects", 500*ms) },
	}
	for i := range s.ends {
		s.ends[i] = &simEnd{n: begin(i == 0, 0), becomesAt: never, beatsAt: simStep * time.Duration(beat.Draw(t, "beats at"))}
	}
	return s
}

func drawTime(t *rapid.T, label string, most time.Duration) time.Duration {
	return simStep * time.Duration(rapid.Int64Range(0, int64(most/simStep)).Draw(t, label))
}

// drawTravel has signals take up to most, and get lost by a drawn pattern that
// ends.
func (s *simulation) drawTravel(t *rapid.T, most time.Duration, losses int) {
	lost := rapid.SliceOfN(rapid.Bool(), 0, losses).Draw(t, "lost")
	s.travels = func() (time.Duration, bool) {
		if len(lost) > 0 {
			var is bool
			if is, lost = lost[0], lost[1:]; is {
				return 0, true
			}
		}
		return drawTime(t, "travels", most), false
	}
}

func (s *simulation) send(to *simEnd, says action, generation int64) {
	delay, lost := s.travels()
	if lost {
		return
	}
	at := s.now + delay
	if last := len(to.inbox) - 1; last >= 0 {
		at = max(at, to.inbox[last].at)
	}
	to.inbox = append(to.inbox, post{says, generation, at})
}

func (e *simEnd) will(become iceState, at time.Duration) { e.becomes, e.becomesAt = become, at }

func (s *simulation) do(e *simEnd, a action) {
	offerer, answerer := s.ends[0], s.ends[1]
	switch a {
	case doOffer:
		s.offers = append(s.offers, s.now)
		s.send(answerer, doOffer, e.n.generation)
	case doAsk:
		s.asks = append(s.asks, s.now)
		s.send(offerer, doAsk, 0)
	case doAnswer:
		e.ice = iceOther
		e.will(iceFailed, s.now+checksFor)
		s.send(offerer, doAnswer, e.n.generation)
	case doTake:
		e.ice = iceOther
		if s.now < s.healsAt {
			e.will(iceFailed, s.now+checksFor)
			return
		}
		offerer.will(iceConnected, s.now+s.connects())
		answerer.will(iceConnected, s.now+s.connects())
	case doRemake:
		s.remade = true
	}
}

func (s *simulation) deliver(e *simEnd, p post) {
	switch p.says {
	case doOffer:
		s.do(e, e.n.offered(p.generation))
	case doAnswer:
		s.do(e, e.n.answered(p.generation))
	case doAsk:
		s.arrived = append(s.arrived, s.now)
		s.do(e, e.n.asked(s.now))
	}
}

// run plays until a time, and calls each after every step.
func (s *simulation) run(until time.Duration, each func()) {
	for ; s.now < until && !s.remade; s.now += simStep {
		for _, e := range s.ends {
			if e.becomesAt != never && s.now >= e.becomesAt {
				e.ice, e.becomesAt = e.becomes, never
				if e == s.ends[0] && e.ice == iceConnected {
					s.joined = append(s.joined, s.now)
				}
				s.do(e, e.n.ice(e.ice, s.now))
			}
			for len(e.inbox) > 0 && s.now >= e.inbox[0].at {
				p := e.inbox[0]
				e.inbox = e.inbox[1:]
				s.deliver(e, p)
			}
			if s.now%beatEvery == e.beatsAt {
				if e.n.brokenAt != never && !e.n.pending {
					s.do(e, e.n.ice(e.ice, s.now))
				}
				s.do(e, e.n.tick(s.now))
			}
		}
		each()
	}
}

// breaks has both ends notice within so much of each other.
func (s *simulation) breaks(t *rapid.T, within time.Duration) {
	as := rapid.SampledFrom([]iceState{iceDisconnected, iceFailed}).Draw(t, "noticed as")
	for _, e := range s.ends {
		e.will(as, s.now+drawTime(t, "noticed after", within))
	}
}

func (s *simulation) well() bool {
	return s.ends[0].n.well() && s.ends[1].n.well()
}

func (s *simulation) idle() bool {
	return !slices.ContainsFunc(s.ends[:], func(e *simEnd) bool { return e.n.pending || e.n.deadline != never })
}

// A request for what the offer on its way mends anyway caused one more, useless
// offer, and with it a second restart of what had just been mended.
func TestWhatBothEndsNoticeIsMendedOnce(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		s := newSimulation(t)
		lost := rapid.Bool().Draw(t, "the first offer is lost")
		if lost {
			s.travels = func() (time.Duration, bool) { return 0, true }
		}
		s.do(s.ends[0], s.ends[0].n.open())
		s.drawTravel(t, time.Second, 0)
		if !lost {
			s.run(8*time.Second, func() {})
			if !s.well() {
				t.Fatalf("%+v %+v", s.ends[0], s.ends[1])
			}
			s.breaks(t, time.Second)
		}
		s.run(time.Minute, func() {})
		if g := s.ends[0].n.generation; g != 1 || len(s.offers) != 2 || !s.well() || !s.idle() {
			t.Fatalf("generation %d, offers at %v: %+v %+v", g, s.offers, s.ends[0], s.ends[1])
		}
	})
}

// A request that is not followed at once, and whatever is lost, must not leave a
// broken link to itself.
func TestWhatIsBrokenIsTriedAgain(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		s := newSimulation(t)
		s.do(s.ends[0], s.ends[0].n.open())
		s.run(drawTime(t, "breaks at", 10*time.Second), func() {})
		s.drawTravel(t, 2*time.Second, 6)
		s.healsAt = s.now + drawTime(t, "heals after", time.Minute)
		switch rapid.IntRange(0, 2).Draw(t, "who notices") {
		case 0:
			s.breaks(t, time.Second)
		case 1: // the offerer believes in its path, and its network's change is the other's alone
			s.ends[1].will(iceFailed, s.now)
		case 2:
			s.do(s.ends[1], s.ends[1].n.doubt(s.now))
		}
		const longest = retryAfter << maxAttempts
		brokenAt := s.now
		s.run(s.now+5*time.Minute, func() {
			if s.well() {
				brokenAt = s.now
				return
			}
			tried := max(brokenAt, lastOf(s.offers), lastOf(s.asks))
			if s.now > tried+longest+2*beatEvery {
				t.Fatalf("nothing is tried from %v to %v: %+v %+v", tried, s.now, s.ends[0], s.ends[1])
			}
			// One that came before the offerer was connected is about what is mended.
			asked := lastOf(s.arrived)
			if answered := max(brokenAt, lastOf(s.offers), lastOf(s.joined)); asked > answered && s.now > asked+longest/2+2*beatEvery {
				t.Fatalf("the request of %v is not followed by %v: %+v %+v", asked, s.now, s.ends[0], s.ends[1])
			}
		})
		if !s.remade && !s.well() {
			t.Fatalf("%+v %+v", s.ends[0], s.ends[1])
		}
	})
}

func lastOf(times []time.Duration) time.Duration {
	if len(times) == 0 {
		return never
	}
	return times[len(times)-1]
}
