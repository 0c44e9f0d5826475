package link

import (
	"time"

	"github.com/parley-mesh/parley/pkg/protocol"
	"github.com/parley-mesh/parley/pkg/room"
)

// beatEvery is how often a link's heart beats.
const beatEvery = 250 * time.Millisecond

// seldom is every how many of its heart's beats a member sends one to an SFU or a
// standby: nobody has to know within half a second that a member is dead, and an
// SFU has a hundred of them.
const seldom = 4

// maxRTT bounds what is believed of a round trip.
const maxRTT = 60 * time.Second

// beats is the heartbeat of a link: how long a round trip takes, how long the
// peer has been silent, how loud it is. Pure; times are since the link was made.
type beats struct {
	sent    int64
	sentAt  time.Duration // the first one, as soon as the channel was open
	heard   bool
	n, at   int64         // the peer's highest number, and its time
	heardAt time.Duration // when that came
	rtt     time.Duration // smoothed; −1 before it was measured
	level   int
}

func newBeats() beats { return beats{rtt: -1} }

// due tells whether a beat goes out with the heart's n-th: the first one at once.
func (b *beats) due(n int, shape room.Shape) bool {
	return shape != room.ShapeSFU || b.sent == 0 || n%seldom == 0
}

// next is the beat to send.
func (b *beats) next(now time.Duration, level int) protocol.Beat {
	if b.sent == 0 {
		b.sentAt = now
	}
	b.sent++
	beat := protocol.Beat{N: b.sent, At: now.Milliseconds(), Level: level}
	if b.heard {
		beat.Echo, beat.Held = b.at, (now - b.heardAt).Milliseconds()
	}
	return beat
}

func (b *beats) hear(beat protocol.Beat, now time.Duration) {
	if b.heard && beat.N <= b.n {
		return // overtaken on the way
	}
	b.heard, b.n, b.at, b.heardAt, b.level = true, beat.N, beat.At, now, beat.Level
	if beat.Echo == 0 {
		return
	}
	sample := now.Milliseconds() - beat.Echo - beat.Held
	// A peer can claim any echo: what is no possible round trip is not believed.
	if sample < -1 || sample > maxRTT.Milliseconds() {
		return
	}
	rtt := time.Duration(max(0, sample)) * time.Millisecond
	if b.rtt < 0 {
		b.rtt = rtt
	} else {
		b.rtt = (4*b.rtt + rtt) / 5
	}
}

// silence is how long the peer has not been heard. One that never was is silent
// since this end's first beat, which goes out when the channel has opened.
func (b *beats) silence(now time.Duration) time.Duration {
	switch {
	case b.heard:
		return now - b.heardAt
	case b.sent > 0:
		return now - b.sentAt
	default:
		return 0
	}
}
