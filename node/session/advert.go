package session

import (
	"cmp"
	"slices"

	"github.com/parley-mesh/parley/pkg/identity"
	"github.com/parley-mesh/parley/pkg/protocol"
	"github.com/parley-mesh/parley/pkg/room"
)

const (
	advertEvery = 10_000
	advertLook  = 2_000 // how often it is looked whether there is something new to say
	epochWait   = 2_000 // in which a newcomer is sent the epoch, and may then speak to all at once
)

// advertise looks at what this node can lend and says so to everybody, every ten
// seconds and when it is another than it said.
func (l *loop) advertise(now int64) {
	l.next.advert = now + advertLook
	if !l.core.state.Inside() {
		return
	}
	if l.keys.inUse == nil && l.cfg.Kind != protocol.KindHelper && now < l.inAt+epochWait {
		l.next.advert = l.inAt + epochWait // or as soon as there is an epoch
		return
	}
	l.gauge.look(l.paths())
	c := l.gauge.capacity(l.machine())
	slices.SortFunc(c.RTTs, func(a, b protocol.RTT) int { return cmp.Compare(a.To, b.To) })
	if now < l.told.capacityAt+advertEvery && !differs(c, l.told.capacity) {
		return
	}
	e, err := makeEnvelope(l.envelopes, l.number, protocol.EnvelopeCapacity, c)
	if err != nil {
		l.log.Error("an advert could not be said", "error", err)
		return
	}
	l.told.capacity, l.told.capacityAt = c, now
	l.spread(e)
	l.core.happened(room.Advert{From: l.self, Capacity: c})
}

func (l *loop) paths() []path {
	paths := make([]path, 0, len(l.links.ties))
	for _, t := range l.links.ties {
		if t.up() {
			paths = append(paths, path{t.serves(), t.vitals.SendKbps, t.vitals.SendLossMille})
		}
	}
	return paths
}

func (l *loop) machine() machine {
	m := machine{
		cores: l.cores.look(), willing: l.cfg.Willing, reachable: true,
		rtts: make(map[identity.PeerID]int),
	}
	if l.cfg.Overlay != nil {
		m.reachable = l.cfg.Overlay.Reachable()
	}
	for id, t := range l.links.each() {
		if t.vitals.RTT > 0 {
			m.rtts[id] = int(t.vitals.RTT.Milliseconds())
		}
	}
	if t := l.links.to(l.core.state.Router()); t != nil {
		m.lossMille = t.vitals.LossMille
	}
	return m
}
