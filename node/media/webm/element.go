package webm

import (
	"encoding/binary"
	"math"
)

// Element IDs (RFC 9559 section 5.1), with the length markers that they carry.
const (
	idEBML            = 0x1A45DFA3
	idEBMLVersion     = 0x4286
	idEBMLReadVersion = 0x42F7
	idEBMLMaxID       = 0x42F2
	idEBMLMaxSize     = 0x42F3
	idDocType         = 0x4282
	idDocVersion      = 0x4287
	idDocReadVersion  = 0x4285
	idVoid            = 0xEC
	idCRC32           = 0xBF

	idSegment     = 0x18538067
	idSeekHead    = 0x114D9B74
	idSeek        = 0x4DBB
	idSeekID      = 0x53AB
	idSeekPos     = 0x53AC
	idTags        = 0x1254C367
	idAttachments = 0x1941A469
	idChapters    = 0x1043A770

	idInfo       = 0x1549A966
	idScale      = 0x2AD7B1
	idDuration   = 0x4489
	idDate       = 0x4461
	idMuxingApp  = 0x4D80
	idWritingApp = 0x5741

	idTracks          = 0x1654AE6B
	idTrackEntry      = 0xAE
	idTrackNumber     = 0xD7
	idTrackUID        = 0x73C5
	idTrackType       = 0x83
	idFlagLacing      = 0x9C
	idDefaultDuration = 0x23E383
	idCodecID         = 0x86
	idCodecPrivate    = 0x63A2
	idSeekPreRoll     = 0x56BB
	idVideo           = 0xE0
	idPixelWidth      = 0xB0
	idPixelHeight     = 0xBA
	idAudio           = 0xE1
	idSampling        = 0xB5
	idChannels        = 0x9F

	idCluster        = 0x1F43B675
	idTimestamp      = 0xE7
	idSilentTracks   = 0x5854
	idPosition       = 0xA7
	idPrevSize       = 0xAB
	idSimpleBlock    = 0xA3
	idBlockGroup     = 0xA0
	idBlock          = 0xA1
	idBlockDuration  = 0x9B
	idReferenceBlock = 0xFB

	idCues       = 0x1C53BB6B
	idCuePoint   = 0xBB
	idCueTime    = 0xB3
	idCueTrackAt = 0xB7
	idCueTrack   = 0xF7
	idCueCluster = 0xF1
)

// unknownSize marks an element that ends where the next of its level begins.
const unknownSize = math.MaxUint64

// appendID writes an ID, whose marker bits already say its length.
func appendID(b []byte, id uint32) []byte {
	switch {
	case id > 0xFFFFFF:
		return binary.BigEndian.AppendUint32(b, id)
	case id > 0xFFFF:
		return append(b, byte(id>>16), byte(id>>8), byte(id))
	case id > 0xFF:
		return append(b, byte(id>>8), byte(id))
	default:
		return append(b, byte(id))
	}
}

// appendSize writes a size in the fewest bytes (RFC 8794 section 4).
func appendSize(b []byte, size uint64) []byte {
	for length := 1; length < 8; length++ {
		if size < 1<<(7*length)-1 {
			size |= 1 << (7 * length)
			for shift := 8 * (length - 1); shift >= 0; shift -= 8 {
				b = append(b, byte(size>>shift))
			}
			return b
		}
	}
	return appendWideSize(b, size)
}

// appendWideSize writes a size in eight bytes, so that it can be patched.
func appendWideSize(b []byte, size uint64) []byte {
	const marker = 1 << 56
	if size == unknownSize {
		return binary.BigEndian.AppendUint64(b, marker|(marker-1))
	}
	return binary.BigEndian.AppendUint64(b, marker|size)
}

func appendElement(b []byte, id uint32, content []byte) []byte {
	b = appendSize(appendID(b, id), uint64(len(content)))
	return append(b, content...)
}

func appendUint(b []byte, id uint32, value uint64) []byte {
	var raw [8]byte
	binary.BigEndian.PutUint64(raw[:], value)
	at := 0
	for at < 7 && raw[at] == 0 {
		at++
	}
	return appendElement(b, id, raw[at:])
}

// appendFixedUint writes a number in exactly length bytes, so that it can be patched.
func appendFixedUint(b []byte, id uint32, value uint64, length int) []byte {
	var raw [8]byte
	binary.BigEndian.PutUint64(raw[:], value)
	return appendElement(b, id, raw[8-length:])
}

func appendFloat(b []byte, id uint32, value float64) []byte {
	return appendElement(b, id, binary.BigEndian.AppendUint64(nil, math.Float64bits(value)))
}

func appendString(b []byte, id uint32, value string) []byte {
	return appendElement(b, id, []byte(value))
}

// appendVoid fills exactly length bytes, 2 to 127, that a patch may take.
func appendVoid(b []byte, length int) []byte {
	b = append(b, idVoid, 0x80|byte(length-2))
	return append(b, make([]byte, length-2)...)
}

// element is one element of a master element held in memory.
type element struct {
	id      uint32
	content []byte
}

// next cuts the first element off a master's content; ok is false when there
// is none or it does not fit.
func next(content []byte) (e element, rest []byte, ok bool) {
	id, n := parseID(content)
	if n == 0 {
		return element{}, nil, false
	}
	size, m := parseSize(content[n:])
	if m == 0 || size > uint64(len(content)-n-m) {
		return element{}, nil, false
	}
	content = content[n+m:]
	return element{id, content[:size]}, content[size:], true
}

// parseID returns an ID and its length in bytes, 0 when it is not one.
func parseID(b []byte) (id uint32, length int) {
	if len(b) == 0 || b[0] < 0x10 {
		return 0, 0
	}
	length = 1
	for marker := byte(0x80); b[0]&marker == 0; marker >>= 1 {
		length++
	}
	if len(b) < length {
		return 0, 0
	}
	for _, c := range b[:length] {
		id = id<<8 | uint32(c)
	}
	return id, length
}

// parseSize returns a variable-length size and its length in bytes, 0 when it is not one.
func parseSize(b []byte) (size uint64, length int) {
	if len(b) == 0 || b[0] == 0 {
		return 0, 0
	}
	length = 1
	for marker := byte(0x80); b[0]&marker == 0; marker >>= 1 {
		length++
	}
	if len(b) < length {
		return 0, 0
	}
	for _, c := range b[:length] {
		size = size<<8 | uint64(c)
	}
	marker := uint64(1) << (7 * length)
	size &^= marker
	if size == marker-1 {
		size = unknownSize
	}
	return size, length
}

// number reads an unsigned integer of at most eight bytes.
func (e element) number() (uint64, bool) {
	if len(e.content) > 8 {
		return 0, false
	}
	var n uint64
	for _, c := range e.content {
		n = n<<8 | uint64(c)
	}
	return n, true
}

// float reads a float of four or eight bytes; anything else is 0.
func (e element) float() float64 {
	switch len(e.content) {
	case 4:
		return float64(math.Float32frombits(binary.BigEndian.Uint32(e.content)))
	case 8:
		return math.Float64frombits(binary.BigEndian.Uint64(e.content))
	default:
		return 0
	}
}
