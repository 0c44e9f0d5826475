package media

import (
	"time"

	"github.com/pion/rtp/codecs"
)

// MTU is the largest RTP payload that a Packetizer makes of a picture, in bytes:
// with the RTP header, its extensions, SRTP and UDP it passes every path that
// carries 1280. An Opus packet cannot be cut and may be MaxOpusPacket long before it is sealed.
const MTU = 1200

// Packet is one RTP packet of a track's layer, without its header's constants.
type Packet struct {
	Track   int
	Layer   int
	Codec   Codec
	Seq     uint16
	Time    uint32 // in ticks of Codec.ClockRate
	Marker  bool   // last packet of a picture; first sound after a silence
	Key     bool   // belongs to a key frame
	Level   uint8  // loudness as in RFC 6464, 0 loudest, 127 silent; NoLevel for pictures
	Payload []byte
}

// NoLevel is the Level of a packet that has none.
const NoLevel uint8 = 255

// Loudness cannot be known without decoding. An encoder spends next to nothing on
// silence, so a packet's size tells sound from silence, and that is what the
// choice of the loudest needs most: a film that is silent leaves its place.
const (
	silentPacket       = 8   // bytes; less is silence
	silentLevel  uint8 = 127 // RFC 6464
	soundLevel   uint8 = 35  // of somebody speaking at ease
)

// Packetizer cuts the sealed frames of one layer into RTP packets. It is pure: the
// same seed and frames give the same packets.
type Packetizer struct {
	track, layer int
	codec        Codec
	seq          uint16
	base         uint32
	pictureID    uint16
	vp8          codecs.VP8Payloader
	silent       bool
}

// NewPacketizer returns a Packetizer of a track's layer; sequence numbers, time
// stamps and picture ids begin anywhere, by the seed (RFC 3550 section 5.1).
func NewPacketizer(track, layer int, codec Codec, seed uint64) *Packetizer {
	seed = mix(seed)
	return &Packetizer{
		track: track, layer: layer, codec: codec,
		seq: uint16(seed), base: uint32(seed >> 16), pictureID: uint16(seed>>48) & pictureIDs,
		vp8:    codecs.VP8Payloader{EnablePictureID: true},
		silent: true,
	}
}

const pictureIDs = 1<<15 - 1

// mix spreads a seed over all bits (the finalizer of SplitMix64).
func mix(x uint64) uint64 {
	x += 0x9E3779B97F4A7C15
	x = (x ^ x>>30) * 0xBF58476D1CE4E5B9
	x = (x ^ x>>27) * 0x94D049BB133111EB
	return x ^ x>>31
}

// Timestamp is the RTP timestamp of a time since the beginning.
func (p *Packetizer) Timestamp(at time.Duration) uint32 {
	seconds, rest := at/time.Second, at%time.Second
	rate := uint64(p.codec.ClockRate())
	return p.base + uint32(uint64(seconds)*rate+uint64(rest)*rate/uint64(time.Second))
}

// Packetize appends to packets those of a frame that goes out sealed at a time
// since the beginning. What they say of the frame (its size, its loudness) is read
// from the frame itself, what they carry is sealed. Their payloads are their own.
// An Opus packet that no link can carry gives none.
func (p *Packetizer) Packetize(packets []Packet, frame Frame, sealed []byte, at time.Duration) []Packet {
	first := len(packets)
	for _, payload := range p.payloads(frame, sealed) {
		packets = append(packets, Packet{
			Track: p.track, Layer: p.layer, Codec: p.codec,
			Seq: p.seq, Time: p.Timestamp(at), Key: frame.Key, Level: NoLevel, Payload: payload,
		})
		p.seq++
	}
	if len(packets) == first {
		return packets
	}
	last := &packets[len(packets)-1]
	if p.codec.Video() {
		last.Marker = true
		return packets
	}
	silent := len(frame.Data) < silentPacket
	last.Marker = p.silent && !silent // RFC 7587 section 4.1
	last.Level = soundLevel
	if silent {
		last.Level = silentLevel
	}
	p.silent = silent
	return packets
}

func (p *Packetizer) payloads(frame Frame, sealed []byte) [][]byte {
	switch p.codec {
	case VP8:
		return p.vp8.Payload(MTU, sealed)
	case VP9:
		payloads := payloadVP9(frame, sealed, p.pictureID)
		p.pictureID = (p.pictureID + 1) & pictureIDs
		return payloads
	default:
		if len(frame.Data) > MaxOpusPacket {
			return nil
		}
		return [][]byte{append([]byte(nil), sealed...)}
	}
}
