package link

import (
	"fmt"
	"strconv"
	"strings"
)

// The RTP header extensions of a link (RFC 8285).
const (
	midURI         = "urn:ietf:params:rtp-hdrext:sdes:mid"
	ridURI         = "urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id"
	levelURI       = "urn:ietf:params:rtp-hdrext:ssrc-audio-level"
	transportCCURI = "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01"
)

// extensions are the numbers that a link's header extensions have; 0: none.
// They are the same on all lines (RFC 8843, section 14).
type extensions struct {
	mid, rid, level, transportCC uint8
}

func (e *extensions) read(extmap string) error {
	number, uri, _ := strings.Cut(extmap, " ")
	number, _, _ = strings.Cut(number, "/")
	uri, _, _ = strings.Cut(uri, " ")
	id, err := strconv.ParseUint(number, 10, 8)
	if err != nil || id == 0 {
		return fmt.Errorf("%w: an extension without a number", ErrShape)
	}
	return e.set(uri, uint8(id))
}

func (e *extensions) set(uri string, id uint8) error {
	var at *uint8
	switch uri {
	case midURI:
		at = &e.mid
	case ridURI:
		at = &e.rid
	case levelURI:
		at = &e.level
	case transportCCURI:
		at = &e.transportCC
	default:
		return nil
	}
	if *at != 0 && *at != id {
		return fmt.Errorf("%w: an extension with two numbers", ErrShape)
	}
	*at = id
	return nil
}
