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
// RFC 9429): who it is, how to tell its RTP packets apart, and what it calls what
// is sent to it.
type description struct {
	remote     remoteEnd
	candidates []protocol.Candidate
	codecs     [128]router.Codec // by payload type
	extensions extensions
	ssrcs      map[uint32]int  // declared streams, by their line
	layers     map[int][]layer // of the lines that are sent in layers
	numbers    []numbers       // by line
}

// layer is one that a line is sent in. One that begins paused must be answered as
// such, or it begins to flow (RFC 8853, section 5.2).
type layer struct {
	rid    string
	paused bool
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
	d := &description{ssrcs: make(map[uint32]int), layers: make(map[int][]layer), numbers: make([]numbers, len(lines))}
	if err := d.readTransport(&parsed); err != nil {
		return nil, err
	}
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
	d.candidates = candidatesOf(text)
	if len(d.candidates) > maxCandidates {
		return nil, fmt.Errorf("%w: more than %d candidates", ErrShape, maxCandidates)
	}
	return d, nil
}

// readTransport reads who describes itself: of bundled sections the first tells for
// all (RFC 9143, section 7).
func (d *description) readTransport(parsed *sdp.SessionDescription) error {
	of := func(name string) string {
		if value, ok := parsed.MediaDescriptions[0].Attribute(name); ok {
			return value
		}
		value, _ := parsed.Attribute(name)
		return value
	}
	const (
		leastUfrag, leastPassword, most = 4, 22, 256 // RFC 8445, section 5.3
	)
	r := &d.remote
	r.ufrag, r.password = of("ice-ufrag"), of("ice-pwd")
	if len(r.ufrag) < leastUfrag || len(r.ufrag) > most || len(r.password) < leastPassword || len(r.password) > most {
		return fmt.Errorf("%w: no ICE credentials", ErrShape)
	}
	var ok bool
	if r.fingerprint, ok = parseFingerprint(of("fingerprint")); !ok {
		return fmt.Errorf("%w: no fingerprint by SHA-256", ErrShape)
	}
	switch of("setup") {
	case "actpass":
		r.client, r.undecided = true, true
	case "active":
		r.client = true
	case "passive":
	default:
		return fmt.Errorf("%w: no role in DTLS", ErrShape)
	}
	return nil
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
	named := &d.numbers[i]
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
			d.readCodec(a.Value, line.Media, notProfile0, named)
		case "rtcp-fb":
			named.feedback |= readFeedback(a.Value)
		case "extmap":
			if err := named.extensions.read(a.Value); err != nil {
				return err
			}
			if err := d.extensions.read(a.Value); err != nil {
				return err
			}
		case "rid":
			if name, direction, _ := strings.Cut(a.Value, " "); strings.HasPrefix(direction, "send") {
				if layerOfRid([]byte(name)) < 0 {
					return fmt.Errorf("%w: line %d has a layer of another name", ErrShape, i)
				}
				d.layers[i] = append(d.layers[i], layer{rid: name})
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
	if simulcast, ok := section.Attribute("simulcast"); ok {
		pause(d.layers[i], simulcast)
	}
	if named.types == (types{}) {
		return fmt.Errorf("%w: line %d has no codec in common", ErrShape, i)
	}
	if streams > maxSSRCs {
		return fmt.Errorf("%w: more than %d streams on line %d", ErrShape, maxSSRCs, i)
	}
	return nil
}

func (d *description) readCodec(rtpmap string, media router.Media, notProfile0 map[string]bool, named *numbers) {
	format, name, _ := strings.Cut(rtpmap, " ")
	number, err := strconv.ParseUint(format, 10, 7)
	if err != nil || notProfile0[format] {
		return
	}
	name, _, _ = strings.Cut(name, "/")
	for _, codec := range []router.Codec{router.Opus, router.VP8, router.VP9} {
		if codec.Media() == media && strings.EqualFold(name, codec.String()) {
			d.codecs[number] = codec
			if named.types[codec] == 0 {
				named.types[codec] = uint8(number)
			}
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

// pause notes which layers an attribute "simulcast" sends paused.
func pause(layers []layer, simulcast string) {
	_, sent, _ := strings.Cut(simulcast, "send ")
	sent, _, _ = strings.Cut(sent, " ")
	names := strings.FieldsFunc(sent, func(r rune) bool { return r == ';' || r == ',' })
	for i := range layers {
		layers[i].paused = slices.Contains(names, "~"+layers[i].rid)
	}
}

// readFeedback reads one attribute "rtcp-fb" of any payload type.
func readFeedback(value string) feedback {
	_, name, _ := strings.Cut(value, " ")
	if i := slices.Index(feedbacks[:], strings.TrimSpace(name)); i >= 0 {
		return 1 << i
	}
	return 0
}

// candidatesOf lists the candidates in a description: they go the way of the ones
// that come later.
func candidatesOf(text string) (found []protocol.Candidate) {
	for line := range strings.Lines(text) {
		if candidate, ok := strings.CutPrefix(line, "a=candidate:"); ok {
			found = append(found, protocol.Candidate{Candidate: "candidate:" + strings.TrimRight(candidate, "\r\n")})
		}
	}
	return found
}
