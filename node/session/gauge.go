package session

import (
	"github.com/parley-mesh/parley/pkg/identity"
	"github.com/parley-mesh/parley/pkg/protocol"
)

const (
	// assumedUplink and assumedDownlink stand for what was neither given nor
	// measured, in kbit/s: a good line of a home, and a better one down.
	assumedUplink   = 20_000
	assumedDownlink = 100_000
	// lossyMille is what a receiver must miss before its path counts as full.
	lossyMille = 50
	// recoverMille is by how much of what it was said to be a line is believed to
	// be larger again after each advert without a sign of being full.
	recoverMille = 100
)

// gauge knows what this node's line carries: what it was told or assumes, and
// less than that as soon as it is seen to carry less. Pure.
type gauge struct {
	uplink, downlink int // kbit/s, at the most
	carries          int // kbit/s of uplink, at present
}

func newGauge(uplink, downlink int) gauge {
	if uplink == 0 {
		uplink = assumedUplink
	}
	if downlink == 0 {
		downlink = assumedDownlink
	}
	return gauge{uplink: uplink, downlink: downlink, carries: uplink}
}

// path is one link as the gauge sees it.
type path struct {
	served    bool // this node sends it everybody's sources
	sendKbps  int
	lossMille int // what the peer misses of it
}

// look takes in how the links are. One peer's bad path is its own; when at least
// half of those served, and two of them, miss packets at once, it is this node's
// line that is full: it carries what arrives and no more.
func (g *gauge) look(paths []path) {
	served, lossy, arriving := 0, 0, 0
	for _, p := range paths {
		arriving += p.sendKbps * (1000 - min(1000, p.lossMille)) / 1000
		if !p.served {
			continue
		}
		served++
		if p.lossMille >= lossyMille {
			lossy++
		}
	}
	switch {
	case lossy >= 2 && lossy*2 >= served:
		g.carries = min(g.carries, arriving)
	default:
		g.carries = max(g.carries, min(g.uplink, g.carries+g.uplink*recoverMille/1000))
		g.uplink = max(g.uplink, arriving)
	}
}

// machine is what a node knows of itself beside its line.
type machine struct {
	cores     int // that could forward, × 1000
	reachable bool
	willing   bool
	lossMille int // of what the SFU sends
	rtts      map[identity.PeerID]int
}

// capacity is what this node can lend.
func (g *gauge) capacity(m machine) protocol.Capacity {
	c := protocol.Capacity{
		UplinkKbps: g.carries, DownlinkKbps: g.downlink, CoresMilli: m.cores,
		Reachable: m.reachable, Willing: m.willing, LossMille: m.lossMille,
	}
	for id, millis := range m.rtts {
		c.RTTs = append(c.RTTs, protocol.RTT{To: id, Millis: millis})
	}
	return c
}

// differs tells whether an advert is worth saying before its time. What somebody
// could lend who does not want to is nobody's concern.
func differs(a, b protocol.Capacity) bool {
	if a.Willing != b.Willing || (a.LossMille >= lossyMille) != (b.LossMille >= lossyMille) {
		return true
	}
	return a.Willing && (a.Reachable != b.Reachable ||
		apart(a.UplinkKbps, b.UplinkKbps) || apart(a.CoresMilli+100, b.CoresMilli+100))
}

// apart tells whether two figures differ by more than a quarter of the larger.
func apart(a, b int) bool { return 4*min(a, b) < 3*max(a, b) }
