package link

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/pion/sdp/v3"

	"github.com/parley-mesh/parley/node/router"
	"github.com/parley-mesh/parley/pkg/protocol"
)

// Bounds of a session description, beyond its length.
const (
	maxSSRCs      = 4   // declared on one line
	maxCandidates = 128 // of one generation
	maxCodecs     = 64  // named on one line
	maxAttributes = 256 // of one section
)

// description is what a link needs of the peer's session description (RFC 8866,
// RFC 9429): how to tell its RTP packets apart.
type description struct {
	// text is the description without candidates: those go the way of the
	// ones that come later.
	text       string
	candidates []protocol.Candidate
	codecs     [128]router.Codec // by payload type
	extensions extensions
	ssrcs      map[uint32]int // declared streams, by their line
	layered    map[int]bool   // lines that are sent in layers
}

// readDescription reads the peer's description of a link with these lines, as
// this end sees them. Whatever is no such link is refused with ErrShape; the
// error tells why, and nothing of what stands there.
func readDescription(text string, lines []Line) (*description, error) {
	if len(text) > protocol.MaxSDP {
		return nil, fmt.Errorf("%w: longer than %d bytes", ErrShape, protocol.MaxSDP)
	}
	var parsed sdp.SessionDescription
	if err := parsed.UnmarshalString(text); err != nil {
		return nil, fmt.Errorf("%w: no session description", ErrShape)
	}
	if len(parsed.MediaDescriptions) != len(lines)+1 {
		return nil, fmt.Errorf("%w: %d sections for %d lines and the channels", ErrShape, len(parsed.MediaDescriptions), len(lines))
	}
	group, _ := parsed.Attribute("group")
	bundled := strings.Fields(group)
	if len(bundled) == 0 || bundled[0] != "BUNDLE" {
		return nil, fmt.Errorf("%w: not bundled", ErrShape)
	}
	d := &description{ssrcs: make(map[uint32]int), layered: make(map[int]bool)}
	for i, section := range parsed.MediaDescriptions {
		if len(section.Attributes) > maxAttributes {
			return nil, fmt.Errorf("%w: more than %d attributes on line %d", ErrShape, maxAttributes, i)
		}
		mid, _ := section.Attribute("mid")
		if mid != strconv.Itoa(i) || !slices.Contains(bundled[1:], mid) {
			return nil, fmt.Errorf("%w: line %d is not named by its place", ErrShape, i)
		}
		if i == len(lines) {
			if section.MediaName.Media != "application" {
				return nil, fmt.Errorf("%w: no channels", ErrShape)
			}
			continue
		}
		if err := d.readLine(i, section, lines[i]); err != nil {
			return nil, err
		}
	}
	d.text, d.candidates = withoutCandidates(text)
	if len(d.candidates) > maxCandidates {
		return nil, fmt.Errorf("%w: more than %d candidates", ErrShape, maxCandidates)
	}
	return d, nil
}

func (d *description) readLine(i int, section *sdp.MediaDescription, line Line) error {
	_, muxed := section.Attribute("rtcp-mux")
	switch {
	case section.MediaName.Media != line.Media.String():
		return fmt.Errorf("%w: line %d is not %s", ErrShape, i, line.Media)
	case section.MediaName.Port.Value == 0 || !muxed:
		return fmt.Errorf("%w: line %d is rejected or not multiplexed", ErrShape, i)
	case directionOf(section) != wantedDirection(line):
		return fmt.Errorf("%w: line %d has another direction", ErrShape, i)
	}
	notProfile0 := make(map[string]bool)
	codecs, layers := 0, 0
	for _, a := range section.Attributes {
		switch a.Key {
		case "fmtp":
			// VP9 of another profile has a payload type of its own.
			if format, parameters, _ := strings.Cut(a.Value, " "); hasOtherProfile(parameters) {
				notProfile0[format] = true
			}
		case "rtpmap":
			codecs++
		case "rid":
			layers++
		}
	}
	if codecs > maxCodecs || layers > maxLayers || (layers > 0 && line.Media != router.Video) {
		return fmt.Errorf("%w: line %d has %d codecs and %d layers", ErrShape, i, codecs, layers)
	}
	streams := 0
	for _, a := range section.Attributes {
		switch a.Key {
		case "rtpmap":
			d.readCodec(a.Value, line.Media, notProfile0)
		case "extmap":
			if err := d.extensions.read(a.Value); err != nil {
				return err
			}
		case "rid":
			if _, direction, _ := strings.Cut(a.Value, " "); strings.HasPrefix(direction, "send") {
				d.layered[i] = true
			}
		case "ssrc":
			number, _, _ := strings.Cut(a.Value, " ")
			ssrc, err := strconv.ParseUint(number, 10, 32)
			if err != nil {
				return fmt.Errorf("%w: line %d declares no stream", ErrShape, i)
			}
			if at, known := d.ssrcs[uint32(ssrc)]; known && at != i {
				return fmt.Errorf("%w: two lines with one stream", ErrShape)
			} else if !known {
				streams++
				d.ssrcs[uint32(ssrc)] = i
			}
		}
	}
	if streams > maxSSRCs {
		return fmt.Errorf("%w: more than %d streams on line %d", ErrShape, maxSSRCs, i)
	}
	return nil
}

func (d *description) readCodec(rtpmap string, media router.Media, notProfile0 map[string]bool) {
	format, name, _ := strings.Cut(rtpmap, " ")
	number, err := strconv.ParseUint(format, 10, 7)
	if err != nil || notProfile0[format] {
		return
	}
	name, _, _ = strings.Cut(name, "/")
	for _, codec := range []router.Codec{router.Opus, router.VP8, router.VP9} {
		if codec.Media() == media && strings.EqualFold(name, codec.String()) {
			d.codecs[number] = codec
		}
	}
}

func hasOtherProfile(parameters string) bool {
	for parameter := range strings.SplitSeq(parameters, ";") {
		if name, value, _ := strings.Cut(strings.TrimSpace(parameter), "="); name == "profile-id" && value != "0" {
			return true
		}
	}
	return false
}

func directionOf(section *sdp.MediaDescription) string {
	for _, a := range section.Attributes {
		switch a.Key {
		case "sendrecv", "sendonly", "recvonly", "inactive":
			return a.Key
		}
	}
	return "sendrecv"
}

// wantedDirection is the peer's, of a line as this end sees it.
func wantedDirection(line Line) string {
	switch {
	case line.Send && line.Receive:
		return "sendrecv"
	case line.Send:
		return "recvonly"
	default:
		return "sendonly"
	}
}

func withoutCandidates(text string) (rest string, found []protocol.Candidate) {
	var kept strings.Builder
	kept.Grow(len(text))
	for line := range strings.Lines(text) {
		if candidate, ok := strings.CutPrefix(line, "a=candidate:"); ok {
			found = append(found, protocol.Candidate{Candidate: "candidate:" + strings.TrimRight(candidate, "\r\n")})
			continue
		}
		kept.WriteString(line)
	}
	return kept.String(), found
}

// sentLayersOnly leaves out the layers that a line receives: pion's second
// offer names as such those that the peer's answer took.
func sentLayersOnly(text string) string {
	var kept strings.Builder
	kept.Grow(len(text))
	for line := range strings.Lines(text) {
		rid := strings.HasPrefix(line, "a=rid:") && strings.HasSuffix(strings.TrimSpace(line), " recv")
		if !rid && !strings.HasPrefix(line, "a=simulcast:recv") {
			kept.WriteString(line)
		}
	}
	return kept.String()
}
