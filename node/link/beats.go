package link

import (
	"time"

	"github.com/parley-mesh/parley/pkg/protocol"
	"github.com/parley-mesh/parley/pkg/room"
)

const (
	// beatEvery is how often a link's heart beats.
	beatEvery = 250 * time.Millisecond
	// seldom is every how many of its heart's beats one is sent where that is enough:
	// by a member to an SFU or a standby, since nobody has to know within half a second
	// that a member is dead; and by an SFU while its sound shows that it lives. An SFU
	// has a hundred members.
	seldom = 4
	// soundWithin is how long after a packet of sound the next may be expected.
	soundWithin = 60 * time.Millisecond
	// anxiousFor is how long a member misses media that has ended as if it were to
	// come: so long an SFU without sound beats twice as often.
	anxiousFor = time.Second
)

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
func (b *beats) due(n int, shape room.Shape, o outflow) bool {
	often := shape == room.ShapeMesh || (shape == room.ShapeServe && !o.sounds())
	return often || b.sent == 0 || n%seldom == 0
}

// outflow is what this end sends on a link: how long ago the last packet of sound
// went out, and the last of any media.
type outflow struct{ sound, media time.Duration }

// sounds: every receiver notes sound packet by packet, but a picture in a browser
// only when all of it is there.
func (o outflow) sounds() bool { return o.sound < soundWithin }

// wakes tells whether a link has anything to do at its heart's n-th half beat, the
// even ones being whole. One that serves, is settled and sounds has not, but for what
// is done once a second: an SFU has a hundred of them.
func wakes(half int, shape room.Shape, o outflow, settled bool) bool {
	switch {
	case half%2 == 1:
		return shape == room.ShapeServe && o.anxious()
	case shape == room.ShapeServe && settled && o.sounds():
		return half/2%seldom == 0
	default:
		return true
	}
}

// anxious tells whether a beat goes out between two of an SFU's heart. Whoever is
// sent media, or was a second ago, has a sign of life every 185 ms at the latest.
func (o outflow) anxious() bool { return !o.sounds() && o.media < anxiousFor }

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
