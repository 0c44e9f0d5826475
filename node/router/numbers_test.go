package router

import (
	"bytes"
	"encoding/hex"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func unhex(t *testing.T, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// Guards the reading of descriptors against RFC 7741 section 4.2 and RFC 9628
// section 4.2: whatever is misread here is miswritten in every receiver's stream.
func TestDescriptors(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name    string
		codec   Codec
		payload string
		want    descriptor
		bad     bool
	}{
		{name: "vp8 bare, key", codec: VP8, payload: "1000", want: descriptor{key: true}},
		{name: "vp8 bare, delta", codec: VP8, payload: "1001", want: descriptor{}},
		{name: "vp8 second partition", codec: VP8, payload: "1100", want: descriptor{}},
		{name: "vp8 in the middle", codec: VP8, payload: "0000", want: descriptor{}},
		{name: "vp8 short picture", codec: VP8, payload: "90801100", want: descriptor{key: true, pictureAt: 2, picture: 0x11}},
		{name: "vp8 long picture", codec: VP8, payload: "9080923401", want: descriptor{pictureAt: 2, pictureLong: true, picture: 0x1234}},
		{name: "vp8 everything", codec: VP8, payload: "90f0923456e000aabb9d012a8002e001", want: descriptor{
			key: true, pictureAt: 2, pictureLong: true, picture: 0x1234, tl0At: 4, tl0: 0x56, width: 640, height: 480,
		}},
		{name: "vp8 scaled size", codec: VP8, payload: "10000000" + "9d012a" + "8042e041", want: descriptor{key: true, width: 640, height: 480}},
		{name: "vp8 nothing", codec: VP8, payload: "10", bad: true},
		{name: "vp8 no extension", codec: VP8, payload: "9080", bad: true},
		{name: "vp8 half a picture", codec: VP8, payload: "908092", bad: true},
		{name: "vp8 no tl0", codec: VP8, payload: "90c011", bad: true},
		{name: "vp8 no tid", codec: VP8, payload: "902000", bad: true},
		{name: "vp8 only a descriptor", codec: VP8, payload: "90809234", bad: true},
		{name: "vp9 bare, key", codec: VP9, payload: "0c00", want: descriptor{key: true}},
		{name: "vp9 delta", codec: VP9, payload: "4c00", want: descriptor{}},
		{name: "vp9 layers", codec: VP9, payload: "ac92340056aa", want: descriptor{
			key: true, pictureAt: 1, pictureLong: true, picture: 0x1234, tl0At: 4, tl0: 0x56,
		}},
		{name: "vp9 upper spatial layer", codec: VP9, payload: "ac11025600", want: descriptor{pictureAt: 1, picture: 0x11, tl0At: 3, tl0: 0x56}},
		{name: "vp9 flexible", codec: VP9, payload: "fc1100030507", bad: true},
		{name: "vp9 flexible, two references", codec: VP9, payload: "fc1100030400", want: descriptor{pictureAt: 1, picture: 0x11}},
		{name: "vp9 structure", codec: VP9, payload: "0e30" + "014000b4" + "02800168" + "00", want: descriptor{key: true, width: 640, height: 360}},
		{name: "vp9 structure with groups", codec: VP9, payload: "0e08020004" + "01" + "00", want: descriptor{key: true}},
		{name: "vp9 structure cut", codec: VP9, payload: "0e10014000", bad: true},
		{name: "vp9 groups cut", codec: VP9, payload: "0e08ff0c", bad: true},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got, err := describe(test.codec, unhex(t, test.payload))
			if (err != nil) != test.bad {
				t.Fatalf("error %v", err)
			}
			if diff := cmp.Diff(test.want, got, cmp.AllowUnexported(descriptor{})); !test.bad && diff != "" {
				t.Error(diff)
			}
		})
	}
}

// Guards the rewriting: what is patched is read back, and nothing else changes.
func FuzzDescribe(f *testing.F) {
	for _, seed := range []string{"90f0923456e000aabb9d012a8002e001", "ac92340056aa", "fc1100030400", "0e08020004010000", "90801100", "10"} {
		b, _ := hex.DecodeString(seed)
		f.Add(false, b)
		f.Add(true, b)
	}
	f.Fuzz(func(t *testing.T, vp9 bool, payload []byte) {
		codec := VP8
		if vp9 {
			codec = VP9
		}
		d, err := describe(codec, payload)
		if err != nil {
			return
		}
		e := entry{picture: d.picture, tl0: d.tl0, pictureAt: d.pictureAt, tl0At: d.tl0At}
		if d.pictureLong {
			e.flags |= longPicture
		}
		patched := bytes.Clone(payload)
		e.patch(patched, 300, 200)
		again, err := describe(codec, patched)
		if err != nil {
			t.Fatalf("%x no longer reads when patched to %x: %v", payload, patched, err)
		}
		want := d
		if d.pictureAt != 0 {
			want.picture = (d.picture + 300) & 0x7f
			if d.pictureLong {
				want.picture = (d.picture + 300) & 0x7fff
			}
		}
		if d.tl0At != 0 {
			want.tl0 = d.tl0 + 200
		}
		if again != want {
			t.Fatalf("%x patched to %x reads %+v, want %+v", payload, patched, again, want)
		}
		e.patch(patched, 0, 0)
		if !bytes.Equal(patched, payload) {
			t.Fatalf("%x comes back as %x", payload, patched)
		}
	})
}

// Guards retransmission: the cache gives back what was put into it or nothing,
// at least what is younger than its time and fits its first size, and stays
// within bounds.
func TestCache(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		c := newCache(Video, 128<<10)
		type put struct {
			at   int64
			body []byte
		}
		all := map[uint64]put{}
		number, at := uint64(1<<32), int64(1)
		for range rapid.IntRange(1, 600).Draw(t, "packets") {
			number += uint64(rapid.IntRange(1, 3).Draw(t, "step"))
			at += int64(rapid.IntRange(0, 20).Draw(t, "ms")) * 1e6
			body := bytes.Repeat([]byte{byte(number)}, rapid.IntRange(1, MaxPayload).Draw(t, "size"))
			e := c.put(entry{number: number, at: at}, body)
			if got := c.payload(e); !bytes.Equal(got, body) {
				t.Fatalf("%d is %d bytes of %v", number, len(got), got[:1])
			}
			all[number] = put{at, body}
		}
		if len(c.data) > 128<<10 || len(c.entries) > mostVideoPackets {
			t.Fatalf("%d bytes, %d entries", len(c.data), len(c.entries))
		}
		bytesYoung := 0
		for n := number; n > 1<<32; n-- {
			p, ok := all[n]
			if !ok {
				continue
			}
			if bytesYoung += len(p.body); bytesYoung > firstVideoBytes-MaxPayload {
				break
			}
			e := c.get(n)
			if e == nil {
				if at-p.at < videoKept {
					t.Fatalf("%d is gone after %d ms and %d bytes", n, (at-p.at)/1e6, bytesYoung)
				}
				break
			}
			if !bytes.Equal(c.payload(e), p.body) {
				t.Fatalf("%d is another's", n)
			}
		}
		for n, p := range all {
			if e := c.get(n); e != nil && !bytes.Equal(c.payload(e), p.body) {
				t.Fatalf("%d is another's", n)
			}
		}
	})
}

// Guards retransmission over long paths: at a steady rate a cache keeps all of
// its time, and no more memory than twice what that takes.
func TestCacheKeepsItsTime(t *testing.T) {
	t.Parallel()
	c := newCache(Video, mostVideoBytes)
	const packets, each = 200, 1200 // a second
	body := make([]byte, each)
	for n := range uint64(3 * packets) {
		c.put(entry{number: 1<<32 + n, at: int64(n+1) * 1e9 / packets}, body)
	}
	for n := range uint64(packets - 1) {
		if c.get(1<<32+3*packets-1-n) == nil {
			t.Fatalf("the packet of %d ms ago is gone", n*1000/packets)
		}
	}
	if len(c.data) > 2*packets*each || len(c.entries) > 2*packets {
		t.Errorf("%d bytes, %d entries", len(c.data), len(c.entries))
	}
}

// Guards against a first key frame that who comes a moment later is not shown: the
// ring took the beginning of time for the beginning of its first lap, and began the
// next one in place of growing.
func TestCacheKeepsItsFirstFrame(t *testing.T) {
	t.Parallel()
	const packets = 40
	for _, at := range []time.Duration{time.Millisecond, time.Hour} {
		c := newCache(Video, mostVideoBytes)
		for n := range uint64(packets) {
			c.put(entry{number: 1<<32 + n, at: int64(at)}, make([]byte, 1200))
		}
		for n := range uint64(packets) {
			if c.get(1<<32+n) == nil {
				t.Fatalf("at %v packet %d of %d is gone", at, n, packets)
			}
		}
	}
}

// Guards against holes that are the router's own: packets without payload leave
// none, lost ones do, and another stream goes on without one.
func TestLayerNumbers(t *testing.T) {
	t.Parallel()
	const none = ^uint64(0)
	type step struct {
		seq    uint16
		empty  bool
		want   uint64 // beyond the first
		judged verdict
	}
	for _, test := range []struct {
		name  string
		steps []step
		holes int
		epoch uint32
	}{
		{name: "in order over the wrap", steps: []step{{65534, false, 0, taken}, {65535, false, 1, taken}, {0, false, 2, taken}}},
		{name: "a gap, filled", steps: []step{{10, false, 0, taken}, {13, false, 3, taken}, {12, false, 2, taken}, {12, false, none, duplicate}}, holes: 1},
		{name: "filling", steps: []step{{10, false, 0, taken}, {11, true, none, filling}, {12, true, none, filling}, {13, false, 1, taken}}},
		{name: "filling, a gap, filling", steps: []step{
			{10, false, 0, taken}, {11, true, none, filling}, {14, true, none, filling}, {15, false, 3, taken}, {13, false, 2, taken}, {12, false, 1, taken},
		}},
		{name: "late filling takes its place", steps: []step{{10, false, 0, taken}, {12, false, 2, taken}, {11, true, 1, taken}}},
		{name: "before the first", steps: []step{{10, false, 0, taken}, {9, false, none, late}}},
		{name: "one stray packet", steps: []step{{10, false, 0, taken}, {40000, false, none, malformed}, {11, false, 1, taken}}},
		{name: "another stream", steps: []step{{10, false, 0, taken}, {40000, false, none, malformed}, {40001, false, 1, taken}, {40002, false, 2, taken}}, epoch: 1},
		{name: "a hole too large to fill", steps: []step{{10, false, 0, taken}, {1000, false, 1, taken}}, epoch: 1},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			l := layer{cache: newCache(Video, mostVideoBytes), missing: missing{wait: firstWait, kept: videoKept}}
			for i, step := range test.steps {
				p := Packet{Codec: VP8, Seq: step.seq, Payload: []byte{0x10, 1}}
				if step.empty {
					p.Payload = nil
				}
				e, judged := l.take(int64(i+1), &p, descriptor{})
				got := none
				if e != nil {
					got = e.number - 1<<32
				}
				if judged != step.judged || got != step.want {
					t.Fatalf("%d is number %d, verdict %d; want %d, %d", step.seq, got, judged, step.want, step.judged)
				}
			}
			if len(l.missing.holes) != test.holes || l.epoch != test.epoch {
				t.Errorf("%d holes, epoch %d", len(l.missing.holes), l.epoch)
			}
		})
	}
}

// Guards what is told apart by a frame's first bytes: they are found behind every
// descriptor, and in the first packet of a frame alone.
func TestFrameIn(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		codec         Codec
		payload, want string
	}{
		{Opus, "78aabb", "78aabb"},
		{VP8, "1000aa", "00aa"},
		{VP8, "90f0923456e000aabb", "00aabb"},
		{VP8, "1100aa", ""},
		{VP8, "0000aa", ""},
		{VP8, "10", ""},
		{VP9, "ac92340056aa", "aa"},
		{VP9, "a492340056aa", ""},
		{VP9, "0e10014000", ""},
		{UnknownCodec, "78aabb", ""},
	} {
		if got := hex.EncodeToString(FrameIn(test.codec, unhex(t, test.payload))); got != test.want {
			t.Errorf("%s %s: %s, want %s", test.codec, test.payload, got, test.want)
		}
	}
}
