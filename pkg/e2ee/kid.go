package e2ee

import (
	"github.com/parley-mesh/parley/pkg/protocol"
	"github.com/parley-mesh/parley/pkg/sframe"
)

// A key ID of SFrame (RFC 9605 section 4.4) says which epoch, session and source
// a frame is of:
//
//	number mod 4096 (12 bits) ‖ tag (32 bits) ‖ source (4 bits)
//
// It is a hint: epochs and sessions may share one, and the frame opens under one
// of their keys alone.
type keyID uint64

const (
	epochsInKID = 4096
	sources     = 4
)

func newKeyID(number int64, tag uint32, source int) keyID {
	return keyID(uint64(number%epochsInKID)<<36 | uint64(tag)<<4 | uint64(source))
}

func (k keyID) epoch() uint64 { return uint64(k >> 36) }
func (k keyID) tag() uint32   { return uint32(k >> 4) }
func (k keyID) source() int   { return int(k & 0xf) }

// sourceNumber is a source's place in a key ID, the order of a link's lines, or
// -1.
func sourceNumber(s protocol.Source) int {
	switch s {
	case protocol.SourceMic:
		return 0
	case protocol.SourceCamera:
		return 1
	case protocol.SourceScreen:
		return 2
	case protocol.SourceScreenAudio:
		return 3
	default:
		return -1
	}
}

// mediaKey derives the key of one source of one session in one epoch.
func mediaKey(key [keySize]byte, number int64, s Session, source int) *sframe.Key {
	base := expand(key, fields(nil).text("parley/1/sframe").fixed(s.Fingerprint[:]...).fixed(byte(source)))
	k, err := sframe.NewKey(sframe.AES128GCM, base[:], uint64(newKeyID(number, s.Tag(), source)))
	clear(base[:])
	if err != nil {
		panic("e2ee: " + err.Error()) // for suites and lengths alone, and these are fixed
	}
	return k
}
