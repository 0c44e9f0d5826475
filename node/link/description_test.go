package link

import (
	"errors"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/parley-mesh/parley/node/router"
	"github.com/parley-mesh/parley/pkg/protocol"
	"github.com/parley-mesh/parley/pkg/room"
)

// offerOfBrowser is what Chromium offers to an SFU.
func offerOfBrowser(t testing.TB) string {
	t.Helper()
	text, err := os.ReadFile("testdata/chromium-star.sdp")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestBrowsersOfferIsRead(t *testing.T) {
	t.Parallel()
	d, err := readDescription(offerOfBrowser(t), linesOf(room.ShapeServe, room.StarSlots))
	if err != nil {
		t.Fatal(err)
	}
	if len(d.layers[1]) != maxLayers || len(d.layers) != 1 {
		t.Errorf("layers are on %v", d.layers)
	}
	if !d.remote.client || d.remote.ufrag == "" || d.remote.fingerprint == (fingerprint{}) {
		t.Errorf("who it is from: %+v", d.remote)
	}
	seen := make(map[router.Codec]int)
	for _, codec := range d.codecs {
		seen[codec]++
	}
	if seen[router.Opus] != 1 || seen[router.VP8] != 1 || seen[router.VP9] != 1 {
		t.Errorf("the codecs are %v", seen)
	}
	if e := d.extensions; e.mid == 0 || e.rid == 0 || e.level == 0 || e.transportCC == 0 {
		t.Errorf("the extensions are %+v", e)
	}
	if len(d.candidates) != 0 {
		t.Errorf("it has candidates: %v", d.candidates)
	}
}

// A peer could offer anything: what is no link is refused before anything is made of it.
func TestOtherOffersAreRefused(t *testing.T) {
	t.Parallel()
	offer := offerOfBrowser(t)
	swap := func(from, to string) string {
		if !strings.Contains(offer, from) {
			t.Fatalf("%q is not in the offer", from)
		}
		return strings.Replace(offer, from, to, 1)
	}
	sections := strings.Split(offer, "m=")
	without := func(i int) string {
		rest := append([]string{}, sections[:i]...)
		return strings.Join(append(rest, sections[i+1:]...), "m=")
	}
	many := strings.Repeat("a=candidate:1 1 udp 1 192.0.2.1 9 typ host\r\n", maxCandidates+1)
	for name, text := range map[string]string{
		"nothing":              "",
		"no description":       "hello",
		"too long":             offer + strings.Repeat("a=x\r\n", protocol.MaxSDP/5),
		"a line less":          without(3),
		"no credentials":       strings.ReplaceAll(offer, "a=ice-pwd:", "a=x:"),
		"a short password":     regexp.MustCompile("a=ice-pwd:.*").ReplaceAllString(offer, "a=ice-pwd:short"),
		"no fingerprint":       strings.ReplaceAll(offer, "a=fingerprint:sha-256", "a=fingerprint:sha-1"),
		"half a fingerprint":   regexp.MustCompile("(a=fingerprint:sha-256 .{30}).*").ReplaceAllString(offer, "$1"),
		"no role":              strings.ReplaceAll(offer, "a=setup:actpass", "a=setup:holdconn"),
		"no codec in common":   strings.ReplaceAll(offer, "opus/48000", "pcmu/48000"),
		"a layer by its name":  swap("a=rid:q send", "a=rid:9 send"),
		"no channels":          without(len(sections) - 1),
		"not bundled":          swap("a=group:BUNDLE", "a=group:LS"),
		"one out of bundle":    swap("a=group:BUNDLE 0 1", "a=group:BUNDLE 0"),
		"mids of its own":      swap("a=mid:2\r\n", "a=mid:screen\r\n"),
		"another kind":         swap("m=video 9", "m=audio 9"),
		"a rejected line":      swap("m=video 9", "m=video 0"),
		"another direction":    swap("a=sendrecv", "a=recvonly"),
		"too many layers":      swap("a=rid:q send\r\n", "a=rid:q send\r\na=rid:x send\r\n"),
		"layers of sound":      swap("a=mid:0\r\n", "a=mid:0\r\na=rid:q send\r\n"),
		"two numbers":          swap("a=mid:2\r\n", "a=mid:2\r\na=extmap:13 "+transportCCURI+"\r\n"),
		"an extension of none": swap("a=mid:2\r\n", "a=mid:2\r\na=extmap:0 "+transportCCURI+"\r\n"),
		"no stream":            swap("a=mid:2\r\n", "a=mid:2\r\na=ssrc:x cname:y\r\n"),
		"many streams":         swap("a=mid:2\r\n", "a=mid:2\r\na=ssrc:1 a:b\r\na=ssrc:2 a:b\r\na=ssrc:3 a:b\r\na=ssrc:4 a:b\r\na=ssrc:5 a:b\r\n"),
		"one stream twice":     strings.Replace(swap("a=mid:2\r\n", "a=mid:2\r\na=ssrc:1 a:b\r\n"), "a=mid:3\r\n", "a=mid:3\r\na=ssrc:1 a:b\r\n", 1),
		"many candidates":      offer + many,
		"many attributes":      swap("a=mid:2\r\n", "a=mid:2\r\n"+strings.Repeat("a=x\r\n", maxAttributes)),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := readDescription(text, linesOf(room.ShapeServe, room.StarSlots))
			if !errors.Is(err, ErrShape) {
				t.Fatalf("it is taken: %v", err)
			}
			if strings.Contains(err.Error(), "192.0.2.1") {
				t.Error("the error tells an address")
			}
		})
	}
	if _, err := readDescription(offer, linesOf(room.ShapeMesh, room.Slots{})); !errors.Is(err, ErrShape) {
		t.Errorf("a star is taken for a mesh: %v", err)
	}
}

func TestCandidatesAreTakenOut(t *testing.T) {
	t.Parallel()
	const candidate = "candidate:1 1 udp 2122260223 192.0.2.1 54321 typ host"
	offer := strings.Replace(offerOfBrowser(t), "a=mid:0\r\n", "a=mid:0\r\na="+candidate+"\r\n", 1)
	d, err := readDescription(offer, linesOf(room.ShapeServe, room.StarSlots))
	if err != nil {
		t.Fatal(err)
	}
	if len(d.candidates) != 1 || d.candidates[0].Candidate != candidate {
		t.Errorf("taken out is %v", d.candidates)
	}
}

func FuzzDescription(f *testing.F) {
	f.Add(offerOfBrowser(f))
	f.Add("v=0\r\no=- 1 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=group:BUNDLE 0\r\nm=audio 9 UDP/TLS/RTP/SAVPF 111\r\n")
	lines := linesOf(room.ShapeServe, room.StarSlots)
	f.Fuzz(func(t *testing.T, text string) {
		d, err := readDescription(text, lines)
		if err != nil {
			if !errors.Is(err, ErrShape) {
				t.Error(err)
			}
			return
		}
		if len(d.candidates) > maxCandidates || len(d.ssrcs) > maxSSRCs*len(lines) {
			t.Error("it is not bounded")
		}
	})
}
