package room

import (
	"slices"

	"github.com/parley-mesh/parley/pkg/protocol"
)

// judgeLoad marks an SFU whose receivers go on missing too much of what it
// sends: it advertises more than it has.
func (d *draft) judgeLoad() {
	i := d.find(d.arranged.SFU)
	if i < 0 || d.takenOver || !d.rules.Overloaded(d.loss()) {
		d.lossSince = 0
		return
	}
	if d.lossSince == 0 {
		d.lossSince = d.now
	}
	if d.now < d.lossSince+OverloadFor || d.overloaded(d.members[i]) {
		return
	}
	m := d.edit(i)
	m.overAt, m.overs = d.now, m.overs+1
}

// loss returns what the lower median of the SFU's receivers misses, so that it
// takes more than half of them to find it overloaded and not one with a bad
// network. Who does not tell misses nothing.
func (d *draft) loss() int {
	losses := make([]int, 0, len(d.members))
	for _, m := range d.members {
		if m.ID == d.arranged.SFU || m.Kind == protocol.KindHelper {
			continue
		}
		loss := 0
		if m.advertAt >= d.sfuAt+OverloadFor && d.now < m.advertAt+AdvertFor {
			loss = m.capacity.LossMille
		}
		losses = append(losses, loss)
	}
	if len(losses) == 0 {
		return 0
	}
	slices.Sort(losses)
	return losses[(len(losses)-1)/2]
}

// overloaded tells whether a member was found overloaded not long ago. Each time
// it is believed again later, or the strongest advert would have the room try it
// once a minute.
func (s *State) overloaded(m *member) bool {
	return m.overAt != 0 && s.now < m.overAt+int64(LostFor)<<min(m.overs-1, OverloadMost)
}
