package room

import (
	"slices"

	"github.com/parley-mesh/parley/pkg/elect"
	"github.com/parley-mesh/parley/pkg/protocol"
)

func (e Advert) apply(d *draft) Reason {
	i := d.find(e.From)
	switch {
	case d.phase != inside:
		return RefusedOutside
	case i < 0:
		return RefusedStranger
	case !soundCapacity(e.Capacity):
		return RefusedMalformed
	}
	m := d.edit(i)
	said := e.Capacity
	said.RTTs = nil
	rtt := d.median(e.Capacity.RTTs)
	if m.advertAt != 0 && d.now < m.advertAt+AdvertFor {
		said.UplinkKbps = int(smooth(int64(m.capacity.UplinkKbps), int64(said.UplinkKbps)))
		said.DownlinkKbps = int(smooth(int64(m.capacity.DownlinkKbps), int64(said.DownlinkKbps)))
		said.CoresMilli = int(smooth(int64(m.capacity.CoresMilli), int64(said.CoresMilli)))
		rtt = smooth(m.rtt, rtt)
	}
	m.capacity, m.advertAt, m.rtt = said, d.now, rtt
	return ""
}

// smooth takes in a measurement so that one that wavers around the truth by a
// tenth does not make a choice waver.
func smooth(before, now int64) int64 { return (3*before + now) / 4 }

const (
	maxKbps       = 10_000_000
	maxCoresMilli = 1_000_000
)

func soundCapacity(c protocol.Capacity) bool {
	for _, r := range c.RTTs {
		if r.Millis < 0 || r.Millis > maxMillis {
			return false
		}
	}
	return c.UplinkKbps >= 0 && c.UplinkKbps <= maxKbps && c.DownlinkKbps >= 0 && c.DownlinkKbps <= maxKbps &&
		c.CoresMilli >= 0 && c.CoresMilli <= maxCoresMilli && len(c.RTTs) <= protocol.MaxRoster &&
		c.LossMille >= 0 && c.LossMille <= 1000
}

// median returns the lower median of the round trips to present members.
func (d *draft) median(rtts []protocol.RTT) int64 {
	known := make([]int64, 0, len(rtts))
	for _, r := range rtts {
		if d.member(r.To) != nil {
			known = append(known, int64(r.Millis))
		}
	}
	if len(known) == 0 {
		return 0
	}
	slices.Sort(known)
	return known[(len(known)-1)/2]
}

// electorate is the roster as the election sees it.
func (d *draft) electorate() []elect.Member {
	members := make([]elect.Member, len(d.members))
	for i, m := range d.members {
		e := elect.Member{ID: m.ID, N: m.N, Kind: elect.Kind(m.Kind)}
		if m.Kind != protocol.KindBrowser && d.believed(m) {
			c := m.capacity
			e.Willing, e.Reachable, e.Lost, e.Overloaded = c.Willing, c.Reachable, d.lost(m), d.overloaded(m)
			e.UplinkKbps, e.DownlinkKbps, e.CoresMilli = int64(c.UplinkKbps), int64(c.DownlinkKbps), int64(c.CoresMilli)
			e.RTTMillis = m.rtt
			if e.RTTMillis == 0 {
				e.RTTMillis = ownRTT(m)
			}
		}
		members[i] = e
	}
	return members
}

// believed tells whether a member's advert still counts: a recent one, or that
// of who serves and is connected.
func (d *draft) believed(m *member) bool {
	if m.advertAt == 0 {
		return false
	}
	serving := m.ID == d.arranged.SFU || m.ID == d.arranged.Standby
	return d.now < m.advertAt+AdvertFor || m.ID == d.self ||
		(serving && slices.ContainsFunc(m.links, func(l link) bool { return l.up }))
}

func ownRTT(m *member) int64 {
	for i := range m.links {
		if m.links[i].rtt != 0 {
			return m.links[i].rtt
		}
	}
	return 0
}
