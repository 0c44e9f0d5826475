package session

import (
	"cmp"
	"slices"

	"github.com/parley-mesh/parley/pkg/e2ee"
	"github.com/parley-mesh/parley/pkg/identity"
	"github.com/parley-mesh/parley/pkg/protocol"
)

const (
	// foundWithin is how long no way is found to who is known to live until that is
	// told, milliseconds.
	foundWithin = 20_000
	// goneWithin is the same for who may have died without a word: by then an honest
	// rendezvous has said so, and nobody is accused.
	goneWithin = foundWithin + (protocol.SilentFor+protocol.ResumeWithin)*1000

	reachedMost = 4 * protocol.MaxRoster // past them the oldest are forgotten
)

// unreached knows who is kept apart from self: to whom the plan wants a link that
// comes up by no way, for as long as people would wait. It belongs to the loop.
// The same as web/src/session/apart.ts.
type unreached struct {
	waits   map[party]wait
	reached []party // in this stay, the oldest first
}

// wanted is somebody to whom a link is planned.
type wanted struct {
	up    bool
	key   fingerprint // of their session: it stays when that gets another number
	later bool        // the session came after self's, so it lived when self was here
}

type wait struct {
	key   fingerprint
	since int64 // when it began that there is no way; 0 while there is one, or nothing can be said of it
	gone  bool  // there was one
	// livedAt is its first sign of life since the link is wanted: that it came after
	// self, or something that it sealed. 0 for none.
	livedAt int64
}

// end is when it is long enough. Who comes back to life late is given the time
// that everybody has.
func (w wait) end() int64 {
	switch latest := w.since + goneWithin; {
	case w.since == 0:
		return 0
	case w.gone || w.livedAt == 0:
		return latest
	default:
		return min(latest, max(w.since, w.livedAt)+foundWithin)
	}
}

// look takes in to whom links are planned. Who is not online, its own rendezvous
// away, accuses nobody: all begins to count when it is back. now is in
// milliseconds from 1.
func (u *unreached) look(now int64, online bool, plan map[party]wanted) {
	waits := make(map[party]wait, len(plan))
	for p, is := range plan {
		w, known := u.waits[p]
		if !known {
			w = u.before(p.id, is.key)
			w.gone = w.gone || slices.Contains(u.reached, p)
		}
		w.key = is.key
		if is.later && w.livedAt == 0 {
			w.livedAt = now
		}
		w.gone = w.gone || is.up
		if is.up && !slices.Contains(u.reached, p) {
			u.reached = append(u.reached, p)
			u.reached = u.reached[max(0, len(u.reached)-reachedMost):]
		}
		switch {
		case is.up || !online:
			w.since = 0
		case w.since == 0:
			w.since = now
		}
		waits[p] = w
	}
	u.waits = waits
}

// before is the wait of the same session by another number, which it goes on with:
// numbers are the rendezvous' to give. A sign of life was one of that number.
func (u *unreached) before(id identity.PeerID, key fingerprint) (sum wait) {
	for p, w := range u.waits {
		if p.id == id && w.key == key && key != (fingerprint{}) {
			sum.since = sooner(sum.since, w.since)
			sum.gone = sum.gone || w.gone
		}
	}
	return sum
}

// heard notes that something was opened that a session sealed: it lives. It
// reports whether that is news.
func (u *unreached) heard(now int64, p party) bool {
	w, waits := u.waits[p]
	if !waits || w.livedAt != 0 {
		return false
	}
	w.livedAt = now
	u.waits[p] = w
	return true
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
	plan := make(map[party]wanted, len(l.links.plan))
	for _, line := range l.links.plan {
		if !line.Waits && !line.Draining {
			w := wanted{later: line.Session > l.number}
			if g := l.door.guests[line.Peer]; g.entry.Session == line.Session {
				w.key = g.session.Fingerprint
			}
			plan[party{line.Peer, line.Session}] = w
		}
	}
	for _, t := range l.links.ties {
		if w, is := plan[t.party]; is && t.up() {
			w.up = true
			plan[t.party] = w
		}
	}
	l.unreached.look(now, l.connected, plan)
	for _, p := range l.unreached.parties(now) {
		if who := l.core.person(p.id); who != nil && who.Confirmed {
			l.alarm(e2ee.Alarm{Code: e2ee.AlarmUnreachable, ID: p.id, Name: l.nameOf(p.id)})
		}
	}
	return l.unreached.deadline(now)
}
