package media

// MTU is the largest RTP payload that a Packetizer makes, in bytes: with the RTP
// header, its extensions, SRTP and UDP it passes every path that carries 1280.
const MTU = 1200

// Packet is one RTP packet of a track's layer, without its header's constants.
type Packet struct {
	Track   int
	Layer   int
	Codec   Codec
	Seq     uint16
	Time    uint32 // in ticks of Codec.ClockRate
	Marker  bool   // last packet of a picture
	Key     bool   // belongs to a key frame
	Level   uint8  // loudness as in RFC 6464, 0 loudest, 127 silent; NoLevel for pictures
	Payload []byte
}

// NoLevel is the Level of a packet that has none.
const NoLevel uint8 = 255
