package record

import (
	"github.com/pion/rtp/codecs"

	"github.com/parley-mesh/parley/node/media"
)

// assembler puts the payloads of one source together to frames. A frame that
// lacks a packet is dropped and counted.
type assembler struct {
	codec   media.Codec
	data    []byte
	time    uint32
	open    bool // data begins with a frame's beginning and lacks nothing
	begun   bool // the packets of a frame are coming, whole or not
	broken  bool // this frame is counted as dropped
	dropped uint64
}

// frame is a whole frame, sealed.
type frame struct {
	data []byte // until the next packet is added
	time uint32 // RTP timestamp
}

// add takes the next packet in order and returns the frame that it completes.
func (a *assembler) add(p arrived, lost bool) (frame, bool) {
	if p.Codec != a.codec {
		*a = assembler{codec: p.Codec, dropped: a.dropped}
	}
	if len(p.Payload) == 0 {
		if lost {
			a.drop()
		}
		return frame{}, false // padding, by which a sender probes its path
	}
	if !a.codec.Video() {
		return frame{p.Payload, p.Time}, true
	}
	if lost {
		a.drop()
	}
	if a.begun && p.Time != a.time {
		a.drop() // its end never came
		a.begun = false
	}
	if !a.begun {
		a.begun, a.broken, a.open, a.time = true, false, false, p.Time
		a.data = a.data[:0]
	}
	payload, begins, ok := a.unpack(p.Payload)
	switch {
	case !ok, !begins && !a.open, len(a.data)+len(payload) > media.MaxFrame:
		a.drop()
	case begins && !a.open && !a.broken:
		a.open = true
		a.data = append(a.data, payload...)
	case a.open:
		a.data = append(a.data, payload...)
	}
	if !p.Marker {
		return frame{}, false
	}
	whole := a.open && len(a.data) > 0
	a.begun, a.open = false, false
	return frame{a.data, a.time}, whole
}

// drop gives the frame up whose packets are coming.
func (a *assembler) drop() {
	if a.begun && !a.broken {
		a.dropped++
	}
	a.broken = a.begun
	a.open, a.data = false, a.data[:0]
}

// unpack returns what a payload holds of a frame, and whether a frame begins there.
func (a *assembler) unpack(payload []byte) (data []byte, begins, ok bool) {
	switch a.codec {
	case media.VP8:
		var p codecs.VP8Packet
		data, err := p.Unmarshal(payload)
		return data, p.S == 1 && p.PID == 0, err == nil
	case media.VP9:
		var p codecs.VP9Packet
		data, err := p.Unmarshal(payload)
		return data, p.B && (!p.L || p.SID == 0), err == nil
	default:
		return nil, false, false
	}
}
