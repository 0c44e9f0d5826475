package link

import (
	"fmt"
	"strings"

	"github.com/parley-mesh/parley/node/router"
)

// codec is one that a link negotiates, with the payload type it offers.
type codec struct {
	codec      router.Codec
	name       string // as in a=rtpmap
	parameters string
	number     uint8
}

// codecs in the order of preference. What else a peer offers is not taken.
var codecs = [...]codec{
	{router.Opus, "opus/48000/2", "minptime=10;useinbandfec=1", 111},
	{router.VP8, "VP8/90000", "", 96},
	{router.VP9, "VP9/90000", "profile-id=0", 98},
}

// feedbacks are what a link's ends tell each other of media (RFC 4585, RFC 5104);
// of sound, the first alone.
var feedbacks = [...]string{"transport-cc", "ccm fir", "nack", "nack pli"}

// feedback is which of the feedbacks there are, by bits.
type feedback uint8

func feedbackOf(media router.Media) feedback {
	if media == router.Audio {
		return 1
	}
	return 1<<len(feedbacks) - 1
}

// types are payload types by codec; 0: none.
type types [router.VP9 + 1]uint8

// numbers are what a description calls the codecs and extensions of a line.
type numbers struct {
	types      types
	feedback   feedback
	extensions extensions
}

// offered are the numbers of this end's own descriptions.
func offered(media router.Media) numbers {
	n := numbers{feedback: feedbackOf(media), extensions: extensions{mid: 1, rid: 2, level: 3, transportCC: 4}}
	for _, c := range codecs {
		if c.codec.Media() == media {
			n.types[c.codec] = c.number
		}
	}
	return n.of(media)
}

// of leaves out what no line of these media has.
func (n numbers) of(media router.Media) numbers {
	n.feedback &= feedbackOf(media)
	if media == router.Audio {
		n.extensions.rid = 0
	} else {
		n.extensions.level = 0
	}
	return n
}

// list gives the payload types, the preferred one first.
func (n numbers) list() (all []uint8) {
	for _, c := range codecs {
		if number := n.types[c.codec]; number != 0 {
			all = append(all, number)
		}
	}
	return all
}

// describe writes the attributes of a line.
func (n numbers) describe(b *strings.Builder) {
	for _, c := range codecs {
		number := n.types[c.codec]
		if number == 0 {
			continue
		}
		fmt.Fprintf(b, "a=rtpmap:%d %s\r\n", number, c.name)
		if c.parameters != "" {
			fmt.Fprintf(b, "a=fmtp:%d %s\r\n", number, c.parameters)
		}
		for i, name := range feedbacks {
			if n.feedback&(1<<i) != 0 {
				fmt.Fprintf(b, "a=rtcp-fb:%d %s\r\n", number, name)
			}
		}
	}
	for _, extension := range []struct {
		number uint8
		uri    string
	}{
		{n.extensions.mid, midURI},
		{n.extensions.rid, ridURI},
		{n.extensions.level, levelURI},
		{n.extensions.transportCC, transportCCURI},
	} {
		if extension.number != 0 {
			fmt.Fprintf(b, "a=extmap:%d %s\r\n", extension.number, extension.uri)
		}
	}
}
