package router

import (
	"github.com/parley-mesh/parley/pkg/identity"
	"github.com/parley-mesh/parley/pkg/protocol"
)

// Media is the kind of a source and of a slot.
type Media uint8

// The kinds of media.
const (
	UnknownMedia Media = iota
	Audio
	Video
)

// String names the kind as SDP does.
func (m Media) String() string {
	switch m {
	case Audio:
		return "audio"
	case Video:
		return "video"
	default:
		return "unknown"
	}
}

// MediaOf is the kind of media that a source has.
func MediaOf(source protocol.Source) Media {
	switch source {
	case protocol.SourceMic, protocol.SourceScreenAudio:
		return Audio
	case protocol.SourceCamera, protocol.SourceScreen:
		return Video
	default:
		return UnknownMedia
	}
}

// clock is the RTP clock rate in hertz.
func (m Media) clock() int64 {
	if m == Audio {
		return 48_000
	}
	return 90_000
}

// Codec is how a packet's payload is coded.
type Codec uint8

// The codecs that links negotiate.
const (
	UnknownCodec Codec = iota
	Opus
	VP8
	VP9
)

// String names the codec as SDP does.
func (c Codec) String() string {
	switch c {
	case Opus:
		return "opus"
	case VP8:
		return "VP8"
	case VP9:
		return "VP9"
	default:
		return "unknown"
	}
}

// Media is the kind of media that the codec codes.
func (c Codec) Media() Media {
	switch c {
	case Opus:
		return Audio
	case VP8, VP9:
		return Video
	default:
		return UnknownMedia
	}
}

// Bounds of what the router takes.
const (
	MaxLayers  = 3    // simulcast layers of a source
	MaxPayload = 1500 // bytes of one packet's payload
	MaxNack    = 512  // sequence numbers that one call may ask for again
)

// NoLevel is the Level of a packet that does not tell how loud it is.
const NoLevel = 0xff

// Key names a source: who publishes it, and which of theirs it is.
type Key struct {
	From   identity.PeerID
	Source protocol.Source
}

// Packet is one RTP packet of a source. The zero Layer is the smallest.
type Packet struct {
	Layer   int
	Codec   Codec
	Seq     uint16
	Time    uint32
	Marker  bool
	Level   uint8 // RFC 6464: 0 loudest … 127 silent; NoLevel
	Payload []byte
}

// Out is one RTP packet towards a receiver, with the slot's own numbers.
type Out struct {
	Codec      Codec
	Seq        uint16
	Time       uint32
	Marker     bool
	Level      uint8 // as in Packet
	Payload    []byte
	Retransmit bool // the receiver asked for it again
}

// Slot is one receiving place of a receiver. A pinned one carries that source
// only; any other whatever has its kind of media.
type Slot struct {
	Media  Media
	Pinned protocol.Source // "" for any
}

// Flow tells what flows in a slot, by its number.
type Flow struct {
	Slot int
	Key  Key
}

// Scope is what a receiver may be shown at all, never its own sources.
type Scope uint8

// The scopes.
const (
	OwnSources Scope = iota // what this node publishes: a mesh
	Everybody               // and what others gave it to forward: a star
)
