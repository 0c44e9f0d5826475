package media

import (
	"encoding/binary"
	"time"

	"github.com/pion/rtp/codecs/vp9"
)

// Picture is what the clear beginning of an encoded picture says of it.
type Picture struct {
	Key           bool
	Width, Height int // of a key frame; 0 for others
}

// Inspect reads the first bytes of an encoded picture; ok is false when they are
// not that codec's (RFC 6386 section 9.1, VP9 bitstream section 6.2).
func Inspect(codec Codec, data []byte) (p Picture, ok bool) {
	switch codec {
	case VP8:
		return inspectVP8(data)
	case VP9:
		return inspectVP9(data)
	default:
		return Picture{}, false
	}
}

func inspectVP8(data []byte) (Picture, bool) {
	if len(data) < 3 {
		return Picture{}, false
	}
	if data[0]&1 != 0 {
		return Picture{}, true
	}
	if len(data) < 10 || data[3] != 0x9D || data[4] != 0x01 || data[5] != 0x2A {
		return Picture{}, false
	}
	const sizeBits = 1<<14 - 1 // the two above are for upscaling
	return Picture{
		Key:    true,
		Width:  int(binary.LittleEndian.Uint16(data[6:]) & sizeBits),
		Height: int(binary.LittleEndian.Uint16(data[8:]) & sizeBits),
	}, true
}

func inspectVP9(data []byte) (Picture, bool) {
	var header vp9.Header
	if len(data) == 0 || header.Unmarshal(data) != nil {
		return Picture{}, false
	}
	if header.ShowExistingFrame || header.NonKeyFrame {
		return Picture{}, true
	}
	return Picture{Key: true, Width: int(header.Width()), Height: int(header.Height())}, true
}

// MaxOpusPacket is the largest Opus packet that a link carries, in bytes: 20 ms
// at the highest rate (RFC 6716 section 3.4). It fits one RTP packet.
const MaxOpusPacket = 1275

// OpusDuration is how long an Opus packet sounds, 0 when it is not one (RFC 6716 section 3.1).
func OpusDuration(packet []byte) time.Duration {
	if len(packet) == 0 {
		return 0
	}
	frames := 0
	switch packet[0] & 3 {
	case 0:
		frames = 1
	case 1, 2:
		frames = 2
	default:
		if len(packet) < 2 {
			return 0
		}
		frames = int(packet[1] & 63)
	}
	total := time.Duration(frames) * opusFrame(packet[0]>>3)
	if total > 120*time.Millisecond {
		return 0
	}
	return total
}

// opusFrame is the length of one frame by the configuration number.
func opusFrame(configuration byte) time.Duration {
	switch {
	case configuration < 12: // SILK
		return [...]time.Duration{10, 20, 40, 60}[configuration&3] * time.Millisecond
	case configuration < 16: // hybrid
		return [...]time.Duration{10, 20}[configuration&1] * time.Millisecond
	default: // CELT
		return 2500 * time.Microsecond << (configuration & 3)
	}
}
