package link

import (
	"time"

	"github.com/pion/ice/v4"
)

// tick is the heart's beat, and everything that is done now and then.
func (l *Link) tick() {
	l.ticks++
	now := l.now()
	if l.opened && l.beats.due(l.ticks, l.config.Shape) {
		// A beat that could not be sent is a beat that is lost.
		_ = l.channels.sendBeat(l.beats.next(now, int(l.level.Load())))
	}
	if l.negotiation.brokenAt != never && !l.negotiation.pending {
		// A restart of what still worked changes no state, so no event tells its end.
		l.feedICE()
	}
	l.act(l.negotiation.tick(now), nil)
	l.incoming.review(now)
	l.incoming.tellArrivals(now)
	if l.ticks%int(reportsEvery) == 0 {
		if reports := l.incoming.receiverReports(now); len(reports) > 0 {
			l.sendRTCP(reports)
		}
	}
	if l.ticks%int(figuresEvery) == 0 {
		l.measure(now)
	}
	l.judge()
}

// measure makes the figures of the last two seconds.
func (l *Link) measure(now time.Duration) {
	out := l.outgoing.totals()
	expected, received := l.incoming.recent()
	_, bytes, _ := l.incoming.totals()
	seconds := (now - l.recent.at).Seconds()
	l.mu.Lock()
	defer l.mu.Unlock()
	l.stats.SendLossMille = out.lossMille
	l.stats.LossMille = 0
	if received < expected {
		l.stats.LossMille = int(1000 * (expected - received) / expected)
	}
	if seconds > 0 {
		l.stats.SendKbps = int(float64(out.bytes-l.recent.sent) * 8 / 1000 / seconds)
		l.stats.ReceiveKbps = int(float64(bytes-l.recent.received) * 8 / 1000 / seconds)
	}
	l.stats.Bandwidth = out.bandwidth
	l.recent = recent{at: now, sent: out.bytes, received: bytes}
}

// judge tells how the link is.
func (l *Link) judge() {
	if l.ctx.Err() != nil {
		return
	}
	now := l.now()
	state := l.connection.state()
	rtt := max(0, l.beats.rtt)
	l.mu.Lock()
	v := &l.stats.Vitals
	v.RTT, v.Relayed, v.PeerLevel, v.Asked = rtt, l.connection.relayed.Load(), l.beats.level, l.asked
	v.Quality = qualityOf(signs{
		everConnected: l.negotiation.connected,
		iceConnected:  state == ice.ConnectionStateConnected || state == ice.ConnectionStateCompleted,
		silent:        min(l.beats.silence(now), now-time.Duration(l.connection.reportedAt.Load())),
		rtt:           rtt,
		lossMille:     v.LossMille,
	})
	v.Up = l.opened && l.channels.open() && v.Quality != Connecting && v.Quality != Lost
	told := *v
	l.mu.Unlock()
	l.config.Events.Vitals(l, told)
}
