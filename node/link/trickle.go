package link

import (
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/parley-mesh/parley/pkg/protocol"
)

const (
	// gatherFor is how long candidates wait for others, once the first is out.
	gatherFor = 20 * time.Millisecond
	// maxTogether is how many one signal brings.
	maxTogether = 64
)

// trickle is ICE candidates on their way: sent as they are found, the first at
// once, the next ones together.
type trickle struct {
	all     []protocol.Candidate // of mine, in this generation
	waiting []protocol.Candidate // to be told
	timer   *time.Timer          // running while more are waited for
	taken   int                  // of the peer's, in this generation
}

// reset forgets what belongs to an earlier generation.
func (t *trickle) reset() {
	t.stop()
	t.all, t.waiting = nil, nil
}

func (t *trickle) stop() {
	if t.timer != nil {
		t.timer.Stop()
		t.timer = nil
	}
}

// found is a candidate of mine.
func (l *Link) found(candidate, ufrag string) {
	if ufrag != l.connection.local().ufrag {
		return // of a generation that is over
	}
	c := protocol.Candidate{Candidate: candidate, Mid: l.lines[0].Mid, Ufrag: ufrag}
	l.trickle.all = append(l.trickle.all, c)
	l.trickle.waiting = append(l.trickle.waiting, c)
	if l.trickle.timer == nil || len(l.trickle.waiting) == maxTogether {
		l.tellFound()
	}
}

// repeatFound tells my candidates again, with an offer that is made again.
func (l *Link) repeatFound() {
	l.trickle.waiting = slices.Clone(l.trickle.all)
	l.tellFound()
}

func (l *Link) tellFound() {
	l.trickle.stop()
	if len(l.trickle.waiting) == 0 {
		return
	}
	together := l.trickle.waiting
	l.trickle.waiting = nil
	l.signal(protocol.Candidates{Ends: l.ends(), Generation: l.negotiation.generation, Candidates: together})
	l.trickle.timer = time.AfterFunc(gatherFor, func() { l.post(l.tellFound) })
}

// addCandidates gives the peer's candidates to ICE. One that it does not like
// must not cost the others.
func (l *Link) addCandidates(candidates []protocol.Candidate) {
	for _, c := range candidates {
		if c.Candidate == "" {
			continue // the end of the list: checks end by themselves
		}
		if l.trickle.taken++; l.trickle.taken > maxCandidates {
			l.incoming.refused.Add(1)
			return
		}
		if fields := strings.Fields(c.Candidate); len(fields) > 4 && strings.HasSuffix(fields[4], ".local") {
			l.addNamed(fields)
			continue
		}
		l.addCandidate(c.Candidate)
	}
}

func (l *Link) addCandidate(candidate string) {
	if err := l.connection.addCandidate(candidate); err != nil {
		l.incoming.refused.Add(1)
	}
}

// addNamed adds a candidate whose address is behind a name, when it is found.
func (l *Link) addNamed(fields []string) {
	generation := l.negotiation.generation
	name := fields[4]
	found := func(addr netip.Addr) {
		if l.negotiation.generation == generation {
			fields[4] = addr.String()
			l.addCandidate(strings.Join(fields, " "))
		}
	}
	l.asking.Go(func() {
		if addr, ok := l.config.Transport.names.find(l.ctx, name); ok {
			l.post(func() { found(addr) })
		}
	})
}
