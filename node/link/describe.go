package link

import (
	"crypto/rand"
	"encoding/binary"
	"fmt"
	"strings"

	"github.com/parley-mesh/parley/pkg/protocol"
)

// describer writes this end's session descriptions (RFC 8866, RFC 9429): the same
// lines in every one, with the credentials of its generation.
type describer struct {
	lines       []Line
	outgoing    *outgoing
	fingerprint fingerprint
	session     uint64
	version     int
}

func newDescriber(lines []Line, out *outgoing, certificate fingerprint) *describer {
	var random [8]byte
	_, _ = rand.Read(random[:]) // it never fails
	// RFC 9429 wants the number below 2^63.
	session := binary.BigEndian.Uint64(random[:]) >> 1
	return &describer{lines: lines, outgoing: out, fingerprint: certificate, session: session}
}

// offer describes this end to somebody of whom nothing is known.
func (o *describer) offer(own credentials) string { return o.describe(own, "actpass", nil) }

// answer describes it to who made an offer: with the offer's numbers, and nothing
// that the offer does not have. This end is DTLS' server: as the client it would
// get the first of a browser's ciphers, which is the slowest.
func (o *describer) answer(own credentials, to *description) string {
	return o.describe(own, "passive", to)
}

func (o *describer) describe(own credentials, setup string, to *description) string {
	o.version++
	var b strings.Builder
	b.Grow(1024 * (len(o.lines) + 1))
	fmt.Fprintf(&b, "v=0\r\no=- %d %d IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\n", o.session, o.version)
	fmt.Fprintf(&b, "a=fingerprint:sha-256 %s\r\n", o.fingerprint)
	b.WriteString("a=ice-options:trickle\r\na=extmap-allow-mixed\r\na=msid-semantic:WMS *\r\na=group:BUNDLE")
	for mid := range len(o.lines) + 1 {
		fmt.Fprintf(&b, " %d", mid)
	}
	b.WriteString("\r\n")
	transport := func(mid int) {
		fmt.Fprintf(&b, "c=IN IP4 0.0.0.0\r\na=mid:%d\r\na=setup:%s\r\na=ice-ufrag:%s\r\na=ice-pwd:%s\r\n",
			mid, setup, own.ufrag, own.password)
	}
	for i, line := range o.lines {
		named := offered(line.Media)
		if to != nil {
			named = to.numbers[i].of(line.Media)
		}
		fmt.Fprintf(&b, "m=%s 9 UDP/TLS/RTP/SAVPF", line.Media)
		for _, number := range named.list() {
			fmt.Fprintf(&b, " %d", number)
		}
		b.WriteString("\r\n")
		transport(i)
		b.WriteString("a=rtcp-mux\r\na=rtcp-rsize\r\n")
		named.describe(&b)
		o.describeStreams(&b, i, to)
		fmt.Fprintf(&b, "a=%s\r\n", directionOfOwn(line))
	}
	b.WriteString("m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\n")
	transport(len(o.lines))
	fmt.Fprintf(&b, "a=sctp-port:5000\r\na=max-message-size:%d\r\n", protocol.MaxFrame)
	return b.String()
}

// describeStreams names what a line carries. Layers are not declared by number:
// their packets say what they are (RFC 8853). Each line is a group of its own, for
// a slot may carry anybody's.
func (o *describer) describeStreams(b *strings.Builder, line int, to *description) {
	layers := o.outgoing.layers[line]
	if len(layers) > 0 {
		fmt.Fprintf(b, "a=msid:slot%d line%d\r\n", line, line)
	}
	if len(layers) == 1 {
		fmt.Fprintf(b, "a=ssrc:%d cname:slot%d\r\n", layers[0].ssrc, line)
	}
	if len(layers) > 1 {
		var sent []layer
		for _, each := range layers {
			sent = append(sent, layer{rid: each.rid})
		}
		describeLayers(b, "send", sent)
	}
	if to != nil && len(to.layers[line]) > 0 {
		describeLayers(b, "recv", to.layers[line])
	}
}

// describeLayers writes RFC 8851 and RFC 8853.
func describeLayers(b *strings.Builder, direction string, layers []layer) {
	names := make([]string, len(layers))
	for i, each := range layers {
		fmt.Fprintf(b, "a=rid:%s %s\r\n", each.rid, direction)
		if names[i] = each.rid; each.paused {
			names[i] = "~" + each.rid
		}
	}
	fmt.Fprintf(b, "a=simulcast:%s %s\r\n", direction, strings.Join(names, ";"))
}

func directionOfOwn(line Line) string {
	switch {
	case line.Send && line.Receive:
		return "sendrecv"
	case line.Send:
		return "sendonly"
	default:
		return "recvonly"
	}
}
