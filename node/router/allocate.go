package router

import "time"

// How often a receiver is looked at again.
const (
	lookAgain  = int64(250 * time.Millisecond) // for bandwidth
	lookAtLoud = int64(100 * time.Millisecond) // when more audio is asked for than there are slots
)

// allocate decides what flows to a receiver and makes it so.
func (r *Router) allocate(rc *Receiver, at int64) {
	var todo errands
	r.mu.RLock()
	rc.mu.Lock()
	if !rc.closed {
		rc.allocateLocked(at, &todo)
	}
	rc.mu.Unlock()
	r.mu.RUnlock()
	todo.run()
	rc.tell()
}

func (rc *Receiver) allocateLocked(at int64, todo *errands) {
	rc.audio = rc.asksLocked(at, Audio, rc.audio[:0])
	all := len(rc.audio)
	rc.loudestLocked(at, rc.audio)
	chosen := rc.fitLocked(Audio, rc.audio)
	rc.crowded = len(chosen) < all
	reserved := 0
	for i := range chosen {
		chosen[i].give = 0
		reserved += chosen[i].shape.rate[0]
	}
	rc.placeLocked(at, Audio, chosen, todo)

	rc.video = rc.asksLocked(at, Video, rc.video[:0])
	shown := rc.fitLocked(Video, rc.video)
	rc.budgetLocked(at, shown, reserved)
	rc.placeLocked(at, Video, shown, todo)

	rc.due = at + lookAgain
	if rc.crowded {
		rc.due = at + lookAtLoud
	}
}

// placeLocked makes the slots of a kind show what was decided. What stays stays
// in its slot.
func (rc *Receiver) placeLocked(at int64, media Media, asks []ask, todo *errands) {
	var kept [mostSlots]bool
	for i := range asks {
		a := &asks[i]
		if a.give < 0 || a.slot < 0 {
			continue
		}
		s := &rc.slots[a.slot]
		kept[a.slot] = true
		if s.source == a.source {
			s.retarget(at, a.layer(), todo)
			continue
		}
		s.detach()
		s.attach(at, a.source, a.layer(), todo)
	}
	for i := range rc.slots {
		if s := &rc.slots[i]; s.Media == media && s.source != nil && !kept[i] {
			s.detach()
		}
	}
	for i := range asks {
		a := &asks[i]
		if a.give < 0 || a.slot >= 0 {
			continue
		}
		for n := range rc.slots {
			if s := &rc.slots[n]; s.Media == media && s.Pinned == "" && s.source == nil {
				s.attach(at, a.source, a.layer(), todo)
				break
			}
		}
	}
}
