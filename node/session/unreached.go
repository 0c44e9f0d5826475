package session

import (
	"cmp"
	"slices"

	"github.com/parley-mesh/parley/pkg/e2ee"
	"github.com/parley-mesh/parley/pkg/protocol"
)

const (
	// foundWithin is how long no way to somebody is found before that is told,
	// milliseconds.
	foundWithin = 20_000
	// goneWithin is the same for who was reached before and may have gone without a
	// word: by then an honest rendezvous has said so, and nobody is accused.
	goneWithin = foundWithin + (protocol.SilentFor+protocol.ResumeWithin)*1000
)

// unreached knows who is kept apart from self: to whom the plan wants a link that
// comes up by no way, for as long as people would wait. It belongs to the loop.
// The same as web/src/session/apart.ts.
type unreached struct{ waits map[party]wait }

type wait struct {
	since   int64 // when it began that there is no way; 0 while there is one, or nothing can be said of it
	reached bool  // there was one
}

func (w wait) end() int64 {
	switch {
	case w.since == 0:
		return 0
	case w.reached:
		return w.since + goneWithin
	default:
		return w.since + foundWithin
	}
}

// look takes in to whom links are planned, and whether one is up. Who is not
// online, its own rendezvous away, accuses nobody: all begins to count when it
// is back. now is in milliseconds from 1.
func (u *unreached) look(now int64, online bool, wanted map[party]bool) {
	waits := make(map[party]wait, len(wanted))
	for p, up := range wanted {
		w := u.waits[p]
		w.reached = w.reached || up
		switch {
		case up || !online:
			w.since = 0
		case w.since == 0:
			w.since = now
		}
		waits[p] = w
	}
	u.waits = waits
}

// parties are those to whom no way is found.
func (u *unreached) parties(now int64) []party {
	var list []party
	for p, w := range u.waits {
		if end := w.end(); end != 0 && end <= now {
			list = append(list, p)
		}
	}
	slices.SortFunc(list, func(a, b party) int { return cmp.Or(cmp.Compare(a.id, b.id), cmp.Compare(a.session, b.session)) })
	return list
}

// deadline is when there will be another, if nothing changes; 0 for never.
func (u *unreached) deadline(now int64) (next int64) {
	for _, w := range u.waits {
		if end := w.end(); end > now {
			next = sooner(next, end)
		}
	}
	return next
}

// seek looks whom the links of the plan do not reach, tells people, and returns
// when to look again; 0 for not before something changes.
func (l *loop) seek(now int64) int64 {
	wanted := make(map[party]bool, len(l.links.plan))
	for _, line := range l.links.plan {
		if !line.Waits && !line.Draining {
			wanted[party{line.Peer, line.Session}] = false
		}
	}
	for _, t := range l.links.ties {
		if _, is := wanted[t.party]; is && t.up() {
			wanted[t.party] = true
		}
	}
	l.unreached.look(now, l.connected, wanted)
	for _, p := range l.unreached.parties(now) {
		if who := l.core.person(p.id); who != nil && who.Confirmed {
			l.alarm(e2ee.Alarm{Code: e2ee.AlarmUnreachable, ID: p.id, Name: l.nameOf(p.id)})
		}
	}
	return l.unreached.deadline(now)
}
