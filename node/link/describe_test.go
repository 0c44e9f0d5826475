package link

import (
	"crypto/sha256"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/parley-mesh/parley/pkg/protocol"
	"github.com/parley-mesh/parley/pkg/room"
)

func describerOf(shape room.Shape, extra room.Slots, simulcast [4]int) *describer {
	lines := linesOf(shape, extra)
	return newDescriber(lines, newOutgoing(lines, simulcast, nil), sha256.Sum256([]byte(shape)))
}

// Whatever the link, each end reads what the other writes, and the answer says of
// every line what the offer says.
func TestDescriptionsAreReadAsTheyAreWritten(t *testing.T) {
	t.Parallel()
	full := room.Slots{Audio: 5, Video: maxExtra - 5}
	for name, c := range map[string]struct {
		shape     room.Shape // the offerer's
		extra     room.Slots
		simulcast [4]int
	}{
		"mesh":       {shape: room.ShapeMesh},
		"to an SFU":  {shape: room.ShapeSFU, extra: room.StarSlots, simulcast: [4]int{0, 3, 0, 0}},
		"of an SFU":  {shape: room.ShapeServe, extra: room.StarSlots},
		"a full one": {shape: room.ShapeSFU, extra: full, simulcast: [4]int{1, 2, 3, 1}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			offerer, answerer := describerOf(c.shape, c.extra, c.simulcast), describerOf(mirror(c.shape), c.extra, [4]int{})
			own := newCredentials()
			text := offerer.offer(own)
			if len(text) > protocol.MaxSDP {
				t.Fatalf("%d bytes", len(text))
			}
			offer, err := readDescription(text, answerer.lines)
			if err != nil {
				t.Fatal(err)
			}
			if offer.remote.credentials != own || offer.remote.fingerprint != offerer.fingerprint || !offer.remote.undecided {
				t.Errorf("the offer is from %+v", offer.remote)
			}
			for line, layers := range offerer.outgoing.layers {
				if len(layers) == 1 && offer.ssrcs[layers[0].ssrc] != line {
					t.Errorf("line %d has not the stream %d", line, layers[0].ssrc)
				}
				if len(layers) > 1 && len(offer.layers[line]) != len(layers) {
					t.Errorf("line %d has the layers %v", line, offer.layers[line])
				}
			}
			answer, err := readDescription(answerer.answer(newCredentials(), offer), offerer.lines)
			if err != nil {
				t.Fatal(err)
			}
			if answer.remote.client || answer.remote.undecided {
				t.Error("the answerer is not DTLS' server")
			}
			if diff := cmp.Diff(offer.numbers, answer.numbers, cmp.AllowUnexported(numbers{}, extensions{})); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// A browser's offer is answered in its own numbers, and of what it has alone. A
// layer that begins paused is answered as paused: Chromium has it flow otherwise,
// towards a standby that wants nothing.
func TestAnswerToABrowser(t *testing.T) {
	t.Parallel()
	text := strings.Replace(offerOfBrowser(t), "a=simulcast:send q;h;f", "a=simulcast:send ~q;h;~f", 1)
	here := describerOf(room.ShapeServe, room.StarSlots, [4]int{})
	offer, err := readDescription(text, here.lines)
	if err != nil {
		t.Fatal(err)
	}
	answer := here.answer(newCredentials(), offer)
	if want := "a=simulcast:recv ~q;h;~f\r\n"; !strings.Contains(answer, want) {
		t.Errorf("there is no %q", want)
	}
	for i, section := range strings.Split(answer, "\r\nm=")[1 : len(here.lines)+1] {
		asked := strings.Split(text, "\r\nm=")[i+1]
		for attribute := range strings.Lines(section) {
			for _, kind := range []string{"a=rtpmap:", "a=rtcp-fb:", "a=extmap:"} {
				if strings.HasPrefix(attribute, kind) && !strings.Contains(asked, attribute) {
					t.Errorf("line %d: the offer has no %q", i, attribute)
				}
			}
		}
		if video := strings.HasPrefix(section, "video"); strings.Contains(section, ridURI) != video || strings.Contains(section, levelURI) == video {
			t.Errorf("line %d has other extensions: %s", i, section)
		}
	}
	if again := here.answer(newCredentials(), offer); !strings.Contains(again, fmt.Sprintf("o=- %d 2 IN", here.session)) {
		t.Error("the second description is not the second version of the first")
	}
}
