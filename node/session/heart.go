package session

// When an SFU, or its standby, is taken for dead: soon enough that the standby
// carries within half a second, and never because this process was busy or its
// own network is away. The same as web/src/link/heart.ts.
//
// An SFU gives a sign of life, by a beat or by sound, every 185 ms while there is
// media for this end and for a second after, and every 250 otherwise. Dead is one
// that has given none for longer, while the other was heard meanwhile: silence of
// both is this end's own trouble.
const (
	lookEvery   = 40    // milliseconds, as all of these
	signWithin  = 240   // where media flows: its 185, and a little for the way
	quietWithin = 1_100 // with no media to miss, four beats must be missing
	aloneWithin = 3_000 // with no other one to compare it with
	steadyFor   = 400   // media that had stopped this long before the silence says nothing about it
	busyAfter   = 120   // a look that comes later than this finds messages waiting behind it
	reviveAfter = 500   // it must be heard this long before it counts as alive again
)

// signs are what is known at one look. Times are of one clock, in milliseconds;
// 0 for never.
type signs struct {
	now     int64
	beatAt  int64 // its last beat
	mediaAt int64 // the last of its media
	otherAt int64 // the last sign of life of the other one, SFU or standby; −1 where there is only one
}

// heart is what was seen so far. It belongs to one link.
type heart struct {
	lookedAt  int64
	suspected bool
	stoppedAt int64 // taken for dead since then; 0 when not
}

func (h heart) look(at signs) heart {
	heardAt := max(at.beatAt, at.mediaAt)
	if h.stoppedAt != 0 {
		if heardAt >= h.stoppedAt+reviveAfter {
			return heart{lookedAt: at.now}
		}
		h.lookedAt = at.now
		return h
	}
	busy := at.now-h.lookedAt > busyAfter
	alone := at.otherAt <= heardAt
	if busy || !at.silent() || (alone && !at.longSilent()) {
		return heart{lookedAt: at.now}
	}
	// Once more, so that what is on its way into this process has arrived.
	if h.suspected {
		return heart{lookedAt: at.now, suspected: true, stoppedAt: at.now}
	}
	return heart{lookedAt: at.now, suspected: true}
}

// longSilent: with nobody to compare it with. Where that is this end's own
// trouble, nothing is lost by saying so.
func (at signs) longSilent() bool {
	return at.otherAt < 0 && at.now-max(at.beatAt, at.mediaAt) >= aloneWithin
}

func (at signs) silent() bool {
	none := at.now - max(at.beatAt, at.mediaAt)
	if at.mediaAt > 0 && at.beatAt-at.mediaAt < steadyFor && at.now-at.mediaAt < steadyFor+quietWithin {
		return none >= signWithin
	}
	return none >= quietWithin
}
