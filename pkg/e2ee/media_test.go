package e2ee

import (
	"bytes"
	"testing"

	"github.com/parley-mesh/parley/pkg/identity"
	"github.com/parley-mesh/parley/pkg/meeting"
	"github.com/parley-mesh/parley/pkg/protocol"
	"github.com/parley-mesh/parley/pkg/sframe"
)

type mediaVectors struct {
	Grants []protocol.Grant `json:"grants"` // that the receiver holds
	People []string         `json:"people"` // whom it accepts
	// Frames come in this order on the streams that they name.
	Frames []frameVector `json:"frames"`
}

type frameVector struct {
	Says   string          `json:"says"`
	Stream int             `json:"stream"`
	Codec  string          `json:"codec"` // VP8, Opus or Other
	Sealed string          `json:"sealed"`
	Plain  string          `json:"plain,omitempty"`
	From   identity.PeerID `json:"from,omitempty"`
	Source protocol.Source `json:"source,omitempty"`
	Fault  string          `json:"fault,omitempty"`
}

var codecs = map[string]sframe.Codec{"VP8": sframe.CodecVP8, "Opus": sframe.CodecOpus, "Other": sframe.CodecOther}

func makeMediaVectors(t *testing.T) mediaVectors {
	people := named(t)
	ada, ben := people["ada"], people["ben"]
	ring := NewRing(theMeeting)
	one := ring.Begin(start, seed(50), ada.who, start, 1, meeting.EntryAny)
	two := ring.Begin(start, seed(51), ada.who, start, 2, meeting.EntryAny)
	_, unknown := ringOf(ada, 52)
	v := mediaVectors{Grants: []protocol.Grant{one.Grant(), two.Grant()}, People: []string{"ada", "ben"}}
	key := append([]byte{0x10, 0x02, 0x00, 0x9d, 0x01, 0x2a, 0x80, 0x02, 0x68, 0x01}, "picture"...)
	inter := append([]byte{0x11, 0x02, 0x00}, "change"...)
	voice := append([]byte{0x78}, "sound"...)
	seal := func(p person, e *Epoch, ctr uint64, source protocol.Source, codec string, frame []byte) []byte {
		s := NewMediaSealer(p.session)
		s.Use(e)
		s.next[sourceNumber(source)].Store(ctr)
		sealed, err := s.Seal(nil, source, codecs[codec], frame)
		if err != nil {
			t.Fatal(err)
		}
		return sealed
	}
	add := func(says string, stream int, p person, e *Epoch, ctr uint64, source protocol.Source, codec string, frame []byte, fault string) {
		f := frameVector{Says: says, Stream: stream, Codec: codec, Sealed: hexOf(seal(p, e, ctr, source, codec, frame)), Fault: fault}
		if fault == "" {
			f.Plain, f.From, f.Source = hexOf(frame), p.id(), source
		}
		v.Frames = append(v.Frames, f)
	}
	bad := func(says string, stream int, codec, fault string, sealed []byte) {
		v.Frames = append(v.Frames, frameVector{Says: says, Stream: stream, Codec: codec, Sealed: hexOf(sealed), Fault: fault})
	}
	add("a key frame", 0, ben, one, 0, protocol.SourceCamera, "VP8", key, "")
	add("the next", 0, ben, one, 1, protocol.SourceCamera, "VP8", inter, "")
	add("again", 0, ben, one, 1, protocol.SourceCamera, "VP8", inter, "replayed")
	add("again on another line", 1, ben, one, 1, protocol.SourceCamera, "VP8", inter, "")
	add("in the next epoch", 0, ben, two, 0, protocol.SourceCamera, "VP8", key, "")
	add("voice", 2, ada, two, 300, protocol.SourceMic, "Opus", voice, "")
	add("late", 2, ada, two, 10, protocol.SourceMic, "Opus", voice, "")
	add("a screen", 3, ada, two, 1<<40, protocol.SourceScreen, "VP8", key, "")
	add("too far below to be the first of a line", 0, ada, two, 1<<40-257, protocol.SourceScreen, "VP8", key, "replayed")
	add("not as far, on another line", 0, ada, two, 1<<40-256, protocol.SourceScreen, "VP8", key, "")
	add("far above", 3, ada, two, 1<<40+4000, protocol.SourceScreen, "VP8", key, "")
	add("far below the other line's", 0, ada, two, 1<<40-97, protocol.SourceScreen, "VP8", key, "replayed")
	add("not as far below", 0, ada, two, 1<<40-96, protocol.SourceScreen, "VP8", key, "")
	add("out of the window", 3, ada, two, 1<<40-1024, protocol.SourceScreen, "VP8", key, "replayed")
	add("a screen's sound, of no known codec", 3, ada, two, 5, protocol.SourceScreenAudio, "Other", voice, "")
	add("of nobody here", 0, people["cleo"], two, 0, protocol.SourceCamera, "VP8", key, "no-key")
	add("of Ben's next page", 0, people["ben again"], two, 0, protocol.SourceCamera, "VP8", key, "no-key")
	// This epoch has the number of the first, so that key IDs are the same.
	add("in an epoch that is not held", 0, ben, unknown, 9, protocol.SourceCamera, "VP8", key, "altered")
	good := seal(ben, one, 20, protocol.SourceCamera, "VP8", key)
	for _, c := range []struct {
		says string
		at   int
	}{{"altered in its clear bytes", 4}, {"altered in its middle", 20}, {"altered in its tag", len(good) - 1}} {
		b := bytes.Clone(good)
		b[c.at] ^= 1
		bad(c.says, 0, "VP8", "altered", b)
	}
	bad("taken for sound", 0, "Opus", "no-key", good)
	bad("not sealed", 0, "VP8", "no-key", key)
	bad("cut short", 0, "VP8", "altered", good[:len(good)-8])
	bad("nothing", 0, "VP8", "altered", nil)
	add("and it itself", 0, ben, one, 20, protocol.SourceCamera, "VP8", key, "")
	return v
}

// Guards sealed media in both languages, and every way in which a forwarder can
// spoil it.
func TestMediaVectors(t *testing.T) {
	t.Parallel()
	make := func() mediaVectors { return makeMediaVectors(t) }
	have := vectors(t, "media.json", make)
	same(t, have, make())
	people := named(t)
	ring := NewRing(theMeeting)
	for _, g := range have.Grants {
		if _, err := ring.Take(start, g, anybody); err != nil {
			t.Fatal(err)
		}
	}
	var sessions []Session
	for _, name := range have.People {
		sessions = append(sessions, people[name].session)
	}
	opener := NewMediaOpener()
	opener.Set(ring.Held(), sessions)
	streams := []*Stream{opener.Stream(), opener.Stream(), opener.Stream(), opener.Stream()}
	for _, f := range have.Frames {
		plain, from, source, err := streams[f.Stream].Open([]byte("before"), codecs[f.Codec], unhex(t, f.Sealed))
		if fault(err) != f.Fault || from != f.From || source != f.Source {
			t.Errorf("%s: %s %s %v", f.Says, from, source, err)
		}
		if err == nil && !bytes.Equal(plain, append([]byte("before"), unhex(t, f.Plain)...)) {
			t.Errorf("%s: %x", f.Says, plain)
		}
	}
}
