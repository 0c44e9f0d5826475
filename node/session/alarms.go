package session

import (
	"errors"
	"slices"

	"github.com/parley-mesh/parley/pkg/e2ee"
	"github.com/parley-mesh/parley/pkg/identity"
	"github.com/parley-mesh/parley/pkg/protocol"
)

const (
	alarmsKept = 20
	alarmsMost = 1000 // causes that are remembered as told

	// One box that does not open may be a race after somebody's reload; this many
	// within this time are none.
	suspectAfter  = 3
	suspectWithin = 60_000 // milliseconds
	// What was not acknowledged is sent again by who got another session number, and
	// all of it after the rendezvous began anew.
	againFor = 30_000
)

// alarms are what people were told of attempts to come between them, each cause
// once. It belongs to the loop.
type alarms struct {
	told     map[cause]struct{}
	last     []e2ee.Alarm // oldest first
	suspects map[cause][]int64
}

type cause struct {
	code e2ee.AlarmCode
	id   identity.PeerID
}

func newAlarms() alarms {
	return alarms{told: make(map[cause]struct{}), suspects: make(map[cause][]int64)}
}

// suspect notes that something of somebody was not good, and reports whether
// that has happened too often to be an accident.
func (a *alarms) suspect(c cause, now int64) bool {
	times := slices.DeleteFunc(append(a.suspects[c], now), func(at int64) bool { return at <= now-suspectWithin })
	if len(a.suspects) >= alarmsMost {
		clear(a.suspects)
	}
	a.suspects[c] = times[max(0, len(times)-suspectAfter):]
	return len(times) >= suspectAfter
}

// alarm tells people, unless they know.
func (l *loop) alarm(a e2ee.Alarm) {
	c := cause{a.Code, a.ID}
	if _, told := l.alarms.told[c]; told || len(l.alarms.told) >= alarmsMost {
		return
	}
	l.alarms.told[c] = struct{}{}
	l.alarms.last = append(l.alarms.last, a)
	l.alarms.last = l.alarms.last[max(0, len(l.alarms.last)-alarmsKept):]
	l.out.tell(Error{Alarm: a.Code, Message: a.Sentence()})
}

// tellAlarms tells what the doorkeeper noticed.
func (l *loop) tellAlarms() {
	for _, a := range l.door.keeper.Alarms() {
		l.alarm(a)
	}
}

// unopened draws the consequences of a box that did not open, the first of its
// session or not. Who was here before self may have sealed it to self's session
// of before; and a rendezvous that was restarted passes on twice what it had.
func (l *loop) unopened(from guest, err error, first bool) {
	switch {
	case errors.Is(err, e2ee.ErrNoEpoch): // it is told in another way
	case errors.Is(err, e2ee.ErrReplayed):
		now := l.millis()
		anew := l.restartedAt != 0 && now < l.restartedAt+againFor
		if !anew && !l.door.renumbered(party{from.entry.ID, from.entry.Session}, now) {
			l.suspect(e2ee.AlarmReplayed, from.entry.ID, false)
		}
	default:
		l.suspect(e2ee.AlarmAltered, from.entry.ID, first && from.entry.Session > l.number)
	}
}

// suspect tells of something that was not good when it is surely no accident.
func (l *loop) suspect(code e2ee.AlarmCode, id identity.PeerID, surely bool) {
	if l.alarms.suspect(cause{code, id}, l.millis()) || surely {
		l.alarm(e2ee.Alarm{Code: code, ID: id, Name: l.nameOf(id)})
	}
}

func (l *loop) nameOf(id identity.PeerID) string {
	p, _ := l.presenceOf(id)
	return p.Name
}

// presentable are those who wait to be let in, as this client takes them.
func (l *loop) presentable(waiting []protocol.Participant) []protocol.Participant {
	list := make([]protocol.Participant, 0, len(waiting))
	for _, p := range waiting {
		as, _, refused := l.door.keeper.Judge(p)
		if refused.Code != "" {
			if l.door.accuses(refused) {
				l.alarm(refused)
			}
			continue
		}
		as.Card = protocol.Card{}
		list = append(list, as)
	}
	l.tellAlarms()
	return list
}
