package room

import "github.com/parley-mesh/parley/pkg/protocol"

// Deadline returns when to call Step with Clock at the latest, or 0 when only
// an event can change anything.
func Deadline(s State) int64 {
	if s.phase != inside {
		return 0
	}
	next := int64(0)
	by := func(t int64) {
		if t > s.now && t < protocol.MaxInt && (next == 0 || t < next) {
			next = t
		}
	}
	if s.doubtNext != 0 {
		for _, m := range s.members {
			if m.doubted != 0 {
				by(s.doubtEnds(m))
			}
		}
	}
	by(s.showAt)
	if chair := s.member(s.chair); chair != nil && chair.doubted != 0 {
		by(chair.doubted + DoubtFor)
	}
	if s.drains > 0 {
		for _, m := range s.members {
			for i := range m.links {
				if m.links[i].ease != 0 {
					by(m.links[i].ease + DrainFor)
				}
				if m.links[i].drain != 0 {
					by(m.links[i].drain + m.links[i].least())
					by(m.links[i].drain + DrainFor)
				}
			}
		}
	}
	for _, f := range s.held {
		by(f.at + HoldFor)
	}
	if s.arranged.Standby != "" && s.arranged.SFU != s.self {
		if l := s.linkTo(s.arranged.SFU); l != nil {
			by(l.since + ConnectFor)
			if s.takenOver {
				by(l.since + ReturnAfter)
			}
		}
	}
	if s.untold || s.chair == s.self {
		by(s.enteredAt + LearnFor)
	}
	if s.chair == s.self {
		by(s.tenure.repeatAt)
		if s.reviews() {
			by(s.now + ReviewEvery)
		}
	}
	return next
}
