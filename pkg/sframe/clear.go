package sframe

// A Codec says how a frame begins, as far as a forwarder must see it.
type Codec uint8

const (
	CodecOther Codec = iota // nothing is known of its frames
	CodecVP8
	CodecOpus
)

// String names the codec.
func (c Codec) String() string {
	switch c {
	case CodecVP8:
		return "VP8"
	case CodecOpus:
		return "Opus"
	default:
		return "Other"
	}
}

// The bytes that stay clear.
const (
	vp8KeyFrame   = 10 // frame tag, start code, width and height (RFC 6386, section 9.1)
	vp8InterFrame = 3  // the frame tag
	opusFrame     = 1  // the TOC (RFC 6716, section 3.1)
)

// Clear is how many of a frame's first bytes are sent as they are, so that a
// forwarder finds key frames and their size, and that packetizers of browsers
// recognise what they cut up: 10 of a VP8 key frame, 3 of another VP8 frame, 1
// of Opus, none of anything else, and never more than there are. Since the byte
// that decides is among them, sender and receiver agree on every frame that is
// at least as long as what its codec demands; shorter ones are none, and do not
// open.
func Clear(c Codec, frame []byte) int {
	n := 0
	switch {
	case c == CodecVP8 && len(frame) > 0 && frame[0]&1 == 0:
		n = vp8KeyFrame
	case c == CodecVP8:
		n = vp8InterFrame
	case c == CodecOpus:
		n = opusFrame
	}
	return min(n, len(frame))
}
