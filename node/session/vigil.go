package session

import "github.com/parley-mesh/parley/pkg/room"

// watch looks whether the SFU and its standby live, by each other and by whom
// else there is a link with. The standby is authorised already: where the SFU
// falls silent, nobody waits for its link to find out.
func (l *loop) watch(now int64) {
	l.next.watch = 0
	var served []*tie
	for _, t := range l.links.ties {
		if t.line.Shape == room.ShapeSFU {
			served = append(served, t)
		}
	}
	if len(served) == 0 {
		return
	}
	l.next.watch = now + lookEvery
	for _, t := range served {
		// One that has never come up is the room core's to judge.
		at := signs{now: now, beatAt: t.beatAt(l), mediaAt: t.mediaAt(), otherAt: -1}
		if !t.opened {
			continue
		}
		at.beatAt = max(at.beatAt, t.openedAt)
		for _, other := range l.links.ties {
			if other.party.id != t.party.id && other.opened {
				at.otherAt = max(at.otherAt, other.beatAt(l), other.mediaAt())
			}
		}
		was := t.up()
		t.heart = t.heart.look(at)
		if was != t.up() {
			l.revived(t)
			l.linkJudged(t)
		}
	}
}

// mediaAt is when the last of the peer's media came, in the loop's milliseconds;
// 0 for never.
func (t *tie) mediaAt() int64 {
	if at := t.port.mediaAt.Load(); at != 0 {
		return at/1_000_000 + 1
	}
	return 0
}

// beatAt is when the peer's last beat came.
func (t *tie) beatAt(l *loop) int64 {
	if at := t.link.Heard(); !at.IsZero() {
		return at.Sub(l.began).Milliseconds() + 1
	}
	return 0
}
