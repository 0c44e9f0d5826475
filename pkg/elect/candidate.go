package elect

import "github.com/parley-mesh/parley/pkg/identity"

const (
	largest     = 10_000_000 // of any figure that a member gives
	maxHeadroom = 4000       // per mille of what is needed; more than that helps nobody
)

// An SFU that nobody can replace goes on with a quarter of what is needed, which
// is everybody's smallest picture, and with anything at all where a mesh would be
// more than twice its size: that would ask more of every member.
const (
	lastMille  = 250
	farTooMany = 2
)

// candidate is somebody who could carry a star, judged for this room.
type candidate struct {
	member   Member
	need     int64 // kbps of uplink
	headroom int64 // per mille: the scarcest of uplink, downlink and cores against what is needed
	score    int64
	carries  bool // has what the room needs
	keeps    bool // has enough of it to stay
	lasts    bool // has enough of it to stay while nobody else can carry
}

// room is the input, counted and judged.
type room struct {
	thresholds Thresholds
	members    int64 // without helpers
	candidates []candidate
}

func survey(in Input) room {
	r := room{thresholds: in.Thresholds.bounded()}
	seen := make(map[identity.PeerID]bool, len(in.Members))
	var able []Member
	for _, m := range in.Members {
		if seen[m.ID] {
			continue
		}
		seen[m.ID] = true
		if m.Kind != Helper {
			r.members++
		}
		if m.Kind != Browser && m.Willing {
			able = append(able, m)
		}
	}
	for _, m := range able {
		r.candidates = append(r.candidates, r.judge(m.bounded()))
	}
	return r
}

func (r room) judge(m Member) candidate {
	t := r.thresholds
	others := r.members
	if m.Kind != Helper {
		others--
	}
	others = max(others, 1)
	c := candidate{member: m, need: others * t.ReceiverKbps}
	c.headroom = min(maxHeadroom,
		perMille(m.UplinkKbps, c.need),
		perMille(m.DownlinkKbps, others*t.SenderKbps),
		perMille(m.CoresMilli, others*t.CoresMilliEach))
	c.lasts = !m.Lost && (c.headroom >= lastMille || r.members > farTooMany*t.MeshMax)
	c.keeps = !m.Lost && c.headroom >= t.KeepMille && !m.Overloaded
	c.carries = c.keeps && c.headroom >= 1000
	rtt := m.RTTMillis
	if rtt == 0 {
		rtt = t.UnknownRTTMilli
	}
	c.score = c.headroom * 1000 / (100 + rtt)
	if !m.Reachable {
		c.score /= 2
	}
	return c
}

// fitsMesh applies the margin: what is a star goes back later than what is a
// mesh would have left.
func (r room) fitsMesh(current Current) bool {
	most := r.thresholds.MeshMax
	if current.Topology == Star {
		most = max(most-r.thresholds.MeshMargin, 1)
	}
	return r.members <= most
}

// pick returns who should have the place that incumbent holds: the incumbent,
// unless it cannot keep it or is clearly beaten; in its absence heir, who is
// ready for it, on the same terms; else the best.
func (r room) pick(incumbent, heir, except identity.PeerID) *candidate {
	var best *candidate
	for i := range r.candidates {
		c := &r.candidates[i]
		if c.member.ID != except && c.carries && (best == nil || c.precedes(best)) {
			best = c
		}
	}
	for _, id := range []identity.PeerID{incumbent, heir} {
		holder := r.find(id)
		if holder == nil || id == except || !holder.keeps {
			continue
		}
		if best != nil && r.beats(best, holder) {
			return best
		}
		return holder
	}
	return best
}

// beats tells whether a should replace b: a member a helper when it carries the
// room with a margin, anybody one of its own sort when its score is higher by
// the margin.
func (r room) beats(a, b *candidate) bool {
	if a == b {
		return false
	}
	margin := 1000 + r.thresholds.BeatMille
	if helps := b.member.Kind == Helper; helps != (a.member.Kind == Helper) {
		return helps && a.headroom >= margin
	}
	return a.score*1000 > b.score*margin
}

func (c *candidate) precedes(other *candidate) bool {
	if helps := c.member.Kind == Helper; helps != (other.member.Kind == Helper) {
		return !helps
	}
	if c.score != other.score {
		return c.score > other.score
	}
	if c.member.N != other.member.N {
		return c.member.N < other.member.N
	}
	return c.member.ID < other.member.ID
}

func (r room) find(id identity.PeerID) *candidate {
	for i := range r.candidates {
		if c := &r.candidates[i]; id != "" && c.member.ID == id {
			return c
		}
	}
	return nil
}

func (r room) figures(sfu *candidate) Figures {
	f := Figures{Members: r.members, MeshMax: r.thresholds.MeshMax}
	if sfu == nil {
		return f
	}
	f.Receivers = sfu.need / max(r.thresholds.ReceiverKbps, 1)
	f.NeedKbps = sfu.need
	f.HaveKbps = sfu.member.UplinkKbps
	f.RTTMillis = sfu.member.RTTMillis
	f.Score = sfu.score
	for i := range r.candidates {
		if c := &r.candidates[i]; c != sfu && c.carries && c.score > f.Against {
			f.Against = c.score
		}
	}
	return f
}

func perMille(have, need int64) int64 { return have * 1000 / max(need, 1) }

func bounded(x, low, high int64) int64 { return min(max(x, low), high) }

func (m Member) bounded() Member {
	m.UplinkKbps = bounded(m.UplinkKbps, 0, largest)
	m.DownlinkKbps = bounded(m.DownlinkKbps, 0, largest)
	m.CoresMilli = bounded(m.CoresMilli, 0, largest)
	m.RTTMillis = bounded(m.RTTMillis, 0, largest)
	return m
}

func (t Thresholds) bounded() Thresholds {
	t.MeshMax = bounded(t.MeshMax, 1, 1000)
	t.MeshMargin = bounded(t.MeshMargin, 0, 1000)
	t.BeatMille = bounded(t.BeatMille, 0, 1000)
	t.KeepMille = bounded(t.KeepMille, 0, 1000)
	t.ReceiverKbps = bounded(t.ReceiverKbps, 1, 100_000)
	t.SenderKbps = bounded(t.SenderKbps, 1, 100_000)
	t.CoresMilliEach = bounded(t.CoresMilliEach, 1, 100_000)
	t.UnknownRTTMilli = bounded(t.UnknownRTTMilli, 0, largest)
	return t
}
