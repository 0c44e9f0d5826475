package e2ee

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/parley-mesh/parley/pkg/protocol"
	"github.com/parley-mesh/parley/pkg/sframe"
)

func encoded(t testing.TB, v any) []byte {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// Whatever passes for a card is of its identity's own making: no other card has
// this key and this signature.
func FuzzCard(f *testing.F) {
	_, ben, _ := room(f)
	f.Add(encoded(f, ben.session.Card))
	f.Add([]byte(`{"key":"AA","at":-1,"sig":"AA\nAA"}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		var c protocol.Card
		if json.Unmarshal(data, &c) != nil {
			return
		}
		if _, err := CheckCard(theMeeting, ben.id(), c, nil); err == nil && c != ben.session.Card {
			t.Errorf("another card passes: %+v", c)
		}
	})
}

// No box opens but the one that was sealed, and that once.
func FuzzBox(f *testing.F) {
	ada, ben, _ := room(f)
	box := committedBox(f)
	f.Add(box)
	f.Add(box[:len(box)-4])
	f.Add("AQ")
	f.Fuzz(func(t *testing.T, given string) {
		to := ben.mailbox()
		messages, err := to.Open(ada.session, given, NewRing(theMeeting))
		if (err == nil) != (given == box) || (err == nil && len(messages) != 1) {
			t.Fatalf("%d messages, %v", len(messages), err)
		}
		if _, err := to.Open(ada.session, given, NewRing(theMeeting)); err == nil {
			t.Fatal("it opens twice")
		}
	})
}

// committedBox is one of Ada's for Ben. Fuzzing runs in several processes, and
// each would seal another one.
func committedBox(f *testing.F) string {
	raw, err := os.ReadFile(filepath.Join("testdata", "vectors", "boxes.json"))
	if err != nil {
		f.Fatal(err)
	}
	var v boxVectors
	if err := json.Unmarshal(raw, &v); err != nil {
		f.Fatal(err)
	}
	for _, b := range v.Boxes {
		if b.From == "ada" && b.Fault == "" && len(b.Messages) == 1 {
			return b.Box
		}
	}
	f.Fatal("no box of one message")
	return ""
}

// What is in a box has passed its sender's key, and is bounded all the same.
func FuzzBoxMessages(f *testing.F) {
	one, err := encodeMessages(nil, signal(1), signal(2))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(one)
	f.Add([]byte{0xff, 0xff, 0xff, 0xff, 0})
	f.Add([]byte{0, 0, 0})
	f.Fuzz(func(t *testing.T, data []byte) {
		messages, err := decodeMessages(data, maxMessages)
		if err == nil && (len(messages) < 1 || len(messages) > maxMessages) {
			t.Errorf("%d messages", len(messages))
		}
	})
}

// No box for everybody opens but the one that was sealed.
func FuzzBroadcast(f *testing.F) {
	ada, ben, _ := room(f)
	ring, epoch := ringOf(ada, 50)
	box, err := ada.mailbox().SealAll(epoch, letter(ada, "{}"))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(box)
	f.Add(box[:40])
	f.Add("Ag")
	f.Fuzz(func(t *testing.T, given string) {
		if _, err := ben.mailbox().Open(ada.session, given, ring); (err == nil) != (given == box) {
			t.Fatal(err)
		}
	})
}

// No grant is taken but one with a member's statement of its own key.
func FuzzGrant(f *testing.F) {
	ada, _, _ := room(f)
	_, epoch := ringOf(ada, 50)
	good := epoch.Grant()
	f.Add(encoded(f, good))
	f.Add([]byte(`{"envelope":{"kind":"epoch","body":"{}"},"key":""}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		var g protocol.Grant
		if json.Unmarshal(data, &g) != nil {
			return
		}
		e, err := NewRing(theMeeting).Take(start, g, anybody)
		if err == nil && e.By == ada.id() && e.ID != epoch.ID {
			t.Error("Ada stated another epoch")
		}
	})
}

// No line of chat opens but one that was sealed under its number.
func FuzzChat(f *testing.F) {
	ada, _, _ := room(f)
	ring, epoch := ringOf(ada, 50)
	body, err := epoch.SealChat(ada.session, theMeeting, 1, []byte("{}"))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(body, int64(1))
	f.Add(body, int64(-1))
	f.Add("AQ", int64(1))
	f.Fuzz(func(t *testing.T, body2 string, seq int64) {
		e := protocol.Envelope{Meeting: theMeeting, From: ada.id(), Session: start, Seq: seq, Kind: protocol.EnvelopeChat, Body: body2}
		if _, err := ring.OpenChat(e); (err == nil) != (body2 == body && seq == 1) {
			t.Fatal(err)
		}
	})
}

// No frame opens but the one that was sealed, and that once.
func FuzzMediaOpen(f *testing.F) {
	ada, _, _ := room(f)
	_, epoch := ringOf(ada, 50)
	sealed := mustFrame(f, sealerIn(ada, epoch))
	f.Add(sealed, uint8(sframe.CodecVP8))
	f.Add(sealed[:12], uint8(sframe.CodecVP8))
	f.Add(sealed, uint8(sframe.CodecOpus))
	f.Add([]byte{}, uint8(9))
	f.Fuzz(func(t *testing.T, data []byte, codec uint8) {
		_, stream := reader(t, ada.session, epoch.Grant())
		_, _, _, err := stream.Open(nil, sframe.Codec(codec), data)
		if (err == nil) != (string(data) == string(sealed) && sframe.Codec(codec) == sframe.CodecVP8) {
			t.Fatal(err)
		}
		if _, _, _, err := stream.Open(nil, sframe.Codec(codec), data); err == nil {
			t.Fatal("it opens twice")
		}
	})
}
