package router

import "time"

// Loudness in decibels over the quietest that RFC 6464 can tell, so 0 is silence.
const (
	loudest       = 127
	unknownLoud   = 64                            // of a packet that tells no level
	silentAfter   = int64(500 * time.Millisecond) // without packets: senders save silence
	holderBonus   = 8                             // how much louder a challenger must be than who has the slot
	holdAudio     = int64(time.Second)            // nobody loses a slot sooner, unless silent
	silentBelow   = 40                            // quieter than a whisper
	loudnessScale = 16
)

// loudness follows a source's level: up within two packets, down within a third
// of a second, so that pauses between words lose nobody the slot.
type loudness struct {
	score int32 // in sixteenths
	at    int64
}

func (l *loudness) hear(at int64, level uint8) {
	heard := int32(unknownLoud * loudnessScale)
	if level != NoLevel {
		heard = int32(loudest-min(level, loudest)) * loudnessScale
	}
	if heard > l.score {
		l.score += (heard - l.score + 1) / 2
	} else {
		l.score -= (l.score - heard) / loudnessScale
	}
	l.at = at
}

func (l *loudness) value(at int64) int {
	if at-l.at > silentAfter {
		return 0
	}
	return int(l.score / loudnessScale)
}
