package session

import "github.com/parley-mesh/parley/pkg/protocol"

const (
	// How long before a removal is heard of, and after it, the next epoch may come,
	// in milliseconds. The same as in web/src/session/epochs.ts.
	epochBefore = 5_000
	epochAfter  = 10_000

	epochOverdue = "Somebody was removed, and no new key has come since: they may still be able to follow. Join once more."
)

// expectEpoch notes that somebody was removed: who has the chair begins an epoch
// that they have not.
func (l *loop) expectEpoch() {
	if l.cfg.Kind == protocol.KindHelper {
		return
	}
	l.removedAt = l.millis()
	l.next.overdue = sooner(l.next.overdue, l.removedAt+epochAfter)
}

// missEpoch tells people when the epoch that a removal demands has not come. One
// that follows the last removal is enough for all before it.
func (l *loop) missEpoch() {
	due := l.next.overdue
	least := due - epochAfter - epochBefore
	l.next.overdue = 0
	if last := l.removedAt + epochAfter; last > due {
		l.next.overdue = last
	}
	newest := l.keys.ring.Newest()
	if newest == nil || l.keys.taken[newest.ID] < least {
		l.out.tell(Error{Message: epochOverdue})
	}
}
