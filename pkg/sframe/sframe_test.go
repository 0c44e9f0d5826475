package sframe

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

var suites = []Suite{AES128CTRHMAC80, AES128CTRHMAC64, AES128CTRHMAC32, AES128GCM, AES256GCM}

func testKey(tb testing.TB, s Suite) *Key {
	tb.Helper()
	return must(tb, s, bytes.Repeat([]byte{7}, 32), 1<<47|5)
}

func must(tb interface{ Fatal(...any) }, s Suite, baseKey []byte, kid uint64) *Key {
	k, err := NewKey(s, baseKey, kid)
	if err != nil {
		tb.Fatal(err)
	}
	return k
}

func open(k *Key, frame, metadata []byte) ([]byte, error) {
	h, err := ParseHeader(frame)
	if err != nil {
		return nil, err
	}
	return k.Open(nil, h, metadata)
}

// anyNumber gives numbers of every length alike, not mostly of eight bytes.
var anyNumber = rapid.Custom(func(t *rapid.T) uint64 {
	return rapid.Uint64().Draw(t, "n") >> rapid.IntRange(0, 63).Draw(t, "shift")
})

// Guards every suite against giving back other bytes than it was given, and
// against taking what is changed anywhere, cut short, or under other metadata.
func TestSealedOpensAndNothingElseDoes(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		suite := rapid.SampledFrom(suites).Draw(t, "suite")
		k := must(t, suite, rapid.SliceOfN(rapid.Byte(), 16, 64).Draw(t, "base key"), anyNumber.Draw(t, "kid"))
		metadata := rapid.SliceOfN(rapid.Byte(), 0, 16).Draw(t, "metadata")
		plaintext := rapid.SliceOfN(rapid.Byte(), 0, 300).Draw(t, "plaintext")
		before := rapid.SliceOfN(rapid.Byte(), 0, 16).Draw(t, "before")

		all := k.Seal(bytes.Clone(before), anyNumber.Draw(t, "ctr"), metadata, plaintext)
		if !bytes.HasPrefix(all, before) {
			t.Fatal("what was in dst changed")
		}
		frame := all[len(before):]
		if len(frame) > len(plaintext)+k.Overhead() {
			t.Fatalf("%d bytes became %d, more than the overhead", len(plaintext), len(frame))
		}
		if got, err := open(k, frame, metadata); err != nil || !bytes.Equal(got, plaintext) {
			t.Fatalf("opened to %x (%v), want %x", got, err, plaintext)
		}

		flipped := bytes.Clone(frame)
		flipped[rapid.IntRange(0, len(frame)-1).Draw(t, "at")] ^= byte(1 << rapid.IntRange(0, 7).Draw(t, "bit"))
		cut := frame[:rapid.IntRange(0, len(frame)-1).Draw(t, "cut")]
		for what, bad := range map[string][]byte{"flipped": flipped, "cut": cut, "longer": append(bytes.Clone(frame), 0)} {
			if _, err := open(k, bad, metadata); !errors.Is(err, ErrOpen) && !errors.Is(err, ErrHeader) {
				t.Fatalf("%s: %v", what, err)
			}
		}
		if _, err := open(k, frame, append(bytes.Clone(metadata), 0)); !errors.Is(err, ErrOpen) {
			t.Fatalf("other metadata: %v", err)
		}
	})
}

// Guards the promise that other keys are other keys: another base key, key ID or
// suite opens nothing.
func TestOnlyTheKeyOpens(t *testing.T) {
	t.Parallel()
	base, other := bytes.Repeat([]byte{1}, 32), bytes.Repeat([]byte{2}, 32)
	for _, s := range suites {
		frame := must(t, s, base, 9).Seal(nil, 1, nil, []byte("hello"))
		strangers := []*Key{must(t, s, other, 9), must(t, s, base, 10)}
		for _, another := range suites {
			if another != s {
				strangers = append(strangers, must(t, another, base, 9))
			}
		}
		for _, k := range strangers {
			if _, err := open(k, frame, nil); !errors.Is(err, ErrOpen) {
				t.Errorf("%v: %v", s, err)
			}
		}
	}
}

// A browser reuses buffers: opening in place and sealing behind the clear bytes
// must give what copying gives.
func TestInPlace(t *testing.T) {
	t.Parallel()
	for _, s := range suites {
		k := testKey(t, s)
		clearPart, rest := []byte{1, 2, 3}, []byte("the rest of the frame")
		frame := k.Seal(append([]byte(nil), clearPart...), 77, clearPart, rest)
		h, err := ParseHeader(frame[len(clearPart):])
		if err != nil {
			t.Fatal(err)
		}
		got, err := k.Open(h.Body[:0], h, frame[:len(clearPart)])
		if err != nil || !bytes.Equal(got, rest) {
			t.Errorf("%v: %q (%v)", s, got, err)
		}
	}
}

func TestHeadersThatAreRefused(t *testing.T) {
	t.Parallel()
	for what, frame := range map[string][]byte{
		"nothing":                     {},
		"a key ID cut short":          {0x90, 0x12},
		"a counter cut short":         {0x0f, 1, 2, 3, 4, 5, 6, 7},
		"no byte of either":           {0xff},
		"a key ID that fits inline":   {0x80, 0x07},
		"a counter that fits inline":  {0x08, 0x00},
		"a key ID with leading zeros": {0x90, 0x00, 0x12},
		"a counter with leading zero": {0x0f, 0, 1, 1, 1, 1, 1, 1, 1},
	} {
		if h, err := ParseHeader(frame); !errors.Is(err, ErrHeader) {
			t.Errorf("%s: %+v, %v", what, h, err)
		}
	}
}

// Guards against a header that two texts stand for, which a forwarder could use
// to pass one frame off as two.
func TestHeaderHasOneEncoding(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		kid, ctr := anyNumber.Draw(t, "kid"), anyNumber.Draw(t, "ctr")
		body := rapid.SliceOfN(rapid.Byte(), 0, 8).Draw(t, "body")
		h, err := ParseHeader(append(AppendHeader(nil, kid, ctr), body...))
		if err != nil || h.KID != kid || h.CTR != ctr || !bytes.Equal(h.Body, body) {
			t.Fatalf("%+v, %v", h, err)
		}
	})
	if got := len(AppendHeader(nil, math.MaxUint64, math.MaxUint64)); got != MaxHeader {
		t.Errorf("the longest header has %d bytes", got)
	}
}

func TestKeysThatAreRefused(t *testing.T) {
	t.Parallel()
	for _, s := range []Suite{0, 6, 0xffff} {
		if _, err := NewKey(s, make([]byte, 32), 0); !errors.Is(err, ErrSuite) {
			t.Errorf("suite %v: %v", s, err)
		}
	}
	if _, err := NewKey(AES128GCM, make([]byte, 15), 0); !errors.Is(err, ErrBaseKey) {
		t.Errorf("a short base key: %v", err)
	}
}

// Guards against a key in a log: neither fmt nor slog may walk into it.
func TestKeyPrintsAsPlaceholder(t *testing.T) {
	t.Parallel()
	k := testKey(t, AES128CTRHMAC80)
	var log strings.Builder
	slog.New(slog.NewTextHandler(&log, nil)).Info("", "key", k)
	for _, text := range []string{fmt.Sprintf("%v", k), fmt.Sprintf("%+v", k), fmt.Sprintf("%#v", k), fmt.Sprintf("%x", k)} {
		if text != "sframe.Key(…)" {
			t.Errorf("printed %q", text)
		}
	}
	if !strings.Contains(log.String(), "sframe.Key(…)") {
		t.Errorf("logged %q", log.String())
	}
	fmt.Fprint(io.Discard, k)
}

func TestClear(t *testing.T) {
	t.Parallel()
	long := bytes.Repeat([]byte{0}, 50)
	for _, c := range []struct {
		codec Codec
		frame []byte
		want  int
	}{
		{CodecVP8, long, 10},
		{CodecVP8, bytes.Repeat([]byte{1}, 50), 3},
		{CodecVP8, long[:4], 4},
		{CodecVP8, []byte{1, 1}, 2},
		{CodecVP8, nil, 0},
		{CodecOpus, long, 1},
		{CodecOpus, nil, 0},
		{CodecOther, long, 0},
		{Codec(200), long, 0},
	} {
		if got := Clear(c.codec, c.frame); got != c.want {
			t.Errorf("%v of %d bytes: %d, want %d", c.codec, len(c.frame), got, c.want)
		}
	}
}

// A frame costs no garbage: with twenty streams it would be a few thousand
// allocations a second. (AllocsPerRun rounds down: a collection during the run may
// cost one, and under the race detector a pool loses every fourth scratch on
// purpose, which is a quarter of an allocation each time as long as a scratch is one.)
func TestNoAllocations(t *testing.T) {
	for _, s := range []Suite{AES128GCM, AES256GCM} {
		k := testKey(t, s)
		metadata, plaintext := make([]byte, 10), make([]byte, 1200)
		dst := make([]byte, 0, len(plaintext)+k.Overhead())
		ctr := uint64(0)
		if n := testing.AllocsPerRun(200, func() { ctr++; k.Seal(dst, ctr, metadata, plaintext) }); n != 0 {
			t.Errorf("%v: Seal allocates %v times", s, n)
		}
		frame := k.Seal(nil, 1, metadata, plaintext)
		if n := testing.AllocsPerRun(200, func() {
			h, err := ParseHeader(frame)
			if err == nil {
				_, err = k.Open(dst, h, metadata)
			}
			if err != nil {
				t.Error(err)
			}
		}); n != 0 {
			t.Errorf("%v: Open allocates %v times", s, n)
		}
	}
}
