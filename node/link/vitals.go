package link

import "time"

// settledAfter is after what time without anything new a link is settled: streams
// that ended have been found, and who owns the link has drawn its conclusions.
const settledAfter = 5 * time.Second

// tick is the heart's n-th beat, and everything that is done now and then.
func (l *Link) tick(n int) {
	now := l.now()
	if l.opened && l.beats.due(n, l.config.Shape, l.outgoing.flow(now)) {
		l.sendBeat(now)
	}
	if l.negotiation.brokenAt != never && !l.negotiation.pending {
		// A restart of what still worked changes no state, so no event tells its end.
		l.feedICE()
	}
	l.act(l.negotiation.tick(now), nil)
	l.incoming.review(now)
	l.incoming.tellArrivals(now)
	if n%int(reportsEvery) == 0 {
		if reports := l.incoming.receiverReports(now); len(reports) > 0 {
			l.sendRTCP(reports)
		}
	}
	if n%int(figuresEvery) == 0 {
		l.measure(now)
	}
	l.judge()
}

// sendBeat sends one. A beat that could not be sent is a beat that is lost.
func (l *Link) sendBeat(now time.Duration) {
	_ = l.channels.sendBeat(l.beats.next(now, int(l.level.Load())))
}

// wakes tells whether there is anything to do at a half beat. The heart asks.
func (l *Link) wakes(half int) bool {
	now := l.now()
	settled := now > settledAfter && now-time.Duration(l.connection.mediaAt.Load()) > settledAfter &&
		l.connection.works()
	return wakes(half, l.config.Shape, l.outgoing.flow(now), settled)
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
	rtt := max(0, l.beats.rtt)
	l.mu.Lock()
	v := &l.stats.Vitals
	v.RTT, v.Relayed, v.PeerLevel, v.Asked = rtt, l.connection.relayed.Load(), l.beats.level, l.asked
	v.Quality = qualityOf(signs{
		everConnected: l.negotiation.connected,
		iceConnected:  l.connection.works(),
		silent:        min(l.beats.silence(now), now-time.Duration(l.connection.openedAt.Load())),
		rtt:           rtt,
		lossMille:     v.LossMille,
	})
	v.Up = l.opened && l.channels.open() && v.Quality != Connecting && v.Quality != Lost
	told := *v
	l.mu.Unlock()
	l.config.Events.Vitals(l, told)
}
