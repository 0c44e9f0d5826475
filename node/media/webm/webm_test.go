package webm

import (
	"bytes"
	"errors"
	"io"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

const ms = time.Millisecond

func testMuxer() (*Muxer, []byte) {
	return NewMuxer(MuxerConfig{
		App: "test", Date: time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC),
		Tracks: []Track{
			{Codec: CodecVP8, Video: true, Width: 160, Height: 90},
			{Codec: CodecOpus, Audio: true, Channels: 2, Private: []byte("OpusHead")},
		},
	})
}

// clusters are three, each begun by a key frame.
func clusters() [][]Block {
	var all [][]Block
	for i := range 3 {
		at := time.Duration(i) * 400 * ms
		all = append(all, []Block{
			{Track: 1, Time: at, Key: true, Data: bytes.Repeat([]byte{byte(i)}, 30)},
			{Track: 2, Time: at + 10*ms, Key: true, Data: []byte("sound"), Duration: 20 * ms},
			{Track: 1, Time: at + 33*ms, Data: []byte("delta")},
		})
	}
	return all
}

// write makes a whole file; finished says whether its writer ended in order.
func write(finished bool) []byte {
	m, file := testMuxer()
	for _, blocks := range clusters() {
		file = append(file, m.Cluster(blocks)...)
	}
	if finished {
		tail, patches := m.Finish(true)
		file = apply(append(file, tail...), patches)
	}
	return file
}

func apply(file []byte, patches []Patch) []byte {
	for _, p := range patches {
		copy(file[p.Offset:], p.Data)
	}
	return file
}

// read returns the frames, without the durations that only a writer knows.
func read(t *testing.T, file []byte) (*Reader, []Block, error) {
	t.Helper()
	r, err := NewReader(bytes.NewReader(file))
	if err != nil {
		return nil, nil, err
	}
	var blocks []Block
	for {
		block, err := r.Next()
		if err != nil {
			return r, blocks, err
		}
		block.Data = bytes.Clone(block.Data)
		block.Duration = 0
		blocks = append(blocks, block)
	}
}

func flat() []Block {
	var all []Block
	for _, blocks := range clusters() {
		for _, block := range blocks {
			block.Duration = 0
			all = append(all, block)
		}
	}
	return all
}

// Guards the container both ways, with the segment's size known and unknown.
func TestRoundTrip(t *testing.T) {
	t.Parallel()
	for _, finished := range []bool{false, true} {
		r, blocks, err := read(t, write(finished))
		if !errors.Is(err, io.EOF) {
			t.Fatalf("finished %v: ended with %v, want EOF", finished, err)
		}
		if diff := cmp.Diff(flat(), blocks); diff != "" {
			t.Errorf("finished %v: frames changed on the way (-want +got):\n%s", finished, diff)
		}
		if got := r.Duration(); finished && got != 833*ms || !finished && got != 0 {
			t.Errorf("finished %v: duration %v", finished, got)
		}
		if got := r.Tracks(); len(got) != 2 || got[0].Width != 160 || got[1].Channels != 2 {
			t.Errorf("finished %v: tracks %+v", finished, got)
		}
	}
}

// Guards recordings against a crash at any byte: what was written stays, and
// the completed file is one that its writer could have ended there.
func TestRecoverCutAnywhere(t *testing.T) {
	t.Parallel()
	whole := write(false)
	head, want := len(func() []byte { _, h := testMuxer(); return h }()), flat()
	last := 0
	for cut := head; cut <= len(whole); cut++ {
		c, done, err := Recover(bytes.NewReader(whole[:cut]))
		if err != nil || done {
			t.Fatalf("cut at %d: done %v, %v", cut, done, err)
		}
		file := append(bytes.Clone(whole[:c.Size]), c.Tail...)
		r, blocks, err := read(t, apply(file, c.Patches))
		if !errors.Is(err, io.EOF) {
			t.Fatalf("cut at %d: the recovered file ends with %v", cut, err)
		}
		if diff := cmp.Diff(want[:len(blocks)], blocks); len(blocks) > 0 && diff != "" {
			t.Fatalf("cut at %d: (-want +got):\n%s", cut, diff)
		}
		if len(blocks) < last {
			t.Fatalf("cut at %d: %d frames, fewer than of a shorter file", cut, len(blocks))
		}
		last = len(blocks)
		if last > 1 && r.Duration() < want[last-1].Time {
			t.Fatalf("cut at %d: duration %v does not reach the last frame", cut, r.Duration())
		}
		if _, done, err := Recover(bytes.NewReader(file)); err != nil || !done {
			t.Fatalf("cut at %d: recovered twice: done %v, %v", cut, done, err)
		}
	}
	if last != len(want) {
		t.Errorf("the whole file gave %d frames, want %d", last, len(want))
	}
}

// Guards the files of others: Recover must not touch what it did not write.
func TestRecoverRefusesForeignFiles(t *testing.T) {
	t.Parallel()
	for name, file := range map[string][]byte{
		"empty": nil, "text": bytes.Repeat([]byte("no film "), 100), "only a head": write(false)[:60],
	} {
		if _, _, err := Recover(bytes.NewReader(file)); !errors.Is(err, ErrNotRecoverable) {
			t.Errorf("%s: %v, want ErrNotRecoverable", name, err)
		}
	}
}

// Guards stepping back: a position must give the very block again.
func TestSeek(t *testing.T) {
	t.Parallel()
	r, err := NewReader(bytes.NewReader(write(true)))
	if err != nil {
		t.Fatal(err)
	}
	var places []Position
	for range flat() {
		if _, err := r.Next(); err != nil {
			t.Fatal(err)
		}
		places = append(places, r.Position())
	}
	for _, i := range []int{8, 0, 4, 3} {
		if err := r.Seek(places[i]); err != nil {
			t.Fatal(err)
		}
		block, err := r.Next()
		if want := flat()[i]; err != nil || block.Time != want.Time || !bytes.Equal(block.Data, want.Data) {
			t.Errorf("position %d gave %v %q, %v", i, block.Time, block.Data, err)
		}
	}
	pipe, err := NewReader(io.MultiReader(bytes.NewReader(write(true))))
	if err != nil {
		t.Fatal(err)
	}
	if err := pipe.Seek(pipe.Start()); err == nil {
		t.Error("a pipe went back")
	}
}

// Guards every way of packing several frames into one block (RFC 9559 section 10.3).
func TestLacing(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name    string
		kind    byte
		content string
		want    []string
	}{
		{"none", 0, "abc", []string{"abc"}},
		{"xiph", 1, "\x02\x01\x02abbccc", []string{"a", "bb", "ccc"}},
		{"fixed", 2, "\x02aabbcc", []string{"aa", "bb", "cc"}},
		{"ebml", 3, "\x02\x81\xC0abbccc", []string{"a", "bb", "ccc"}},
		{"xiph too long", 1, "\x01\xFF\xFFa", nil},
		{"xiph without sizes", 1, "\x05\x01", nil},
		{"fixed that does not divide", 2, "\x01abc", nil},
		{"ebml below nothing", 3, "\x02\x81\x80a", nil},
		{"empty", 3, "", nil},
	} {
		frames, ok := unlace(test.kind, []byte(test.content))
		var got []string
		for _, frame := range frames {
			got = append(got, string(frame))
		}
		if ok != (test.want != nil) || !cmp.Equal(got, test.want) {
			t.Errorf("%s: got %q %v, want %q", test.name, got, ok, test.want)
		}
	}
}

// Guards the reader's sentences: a broken file must say what is wrong and where.
func TestBroken(t *testing.T) {
	t.Parallel()
	good := write(false)
	_, head := testMuxer()
	huge := append(bytes.Clone(good), 0xA3, 0x01, 0x7F, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0, 0, 0, 0, 0)
	for _, test := range []struct {
		name   string
		file   []byte
		cut    bool
		offset int64
	}{
		{"cut off", good[:len(good)-3], true, int64(len(good) - 9 - 2)},
		{"garbage", append(bytes.Clone(good), bytes.Repeat([]byte{0xEE}, 64)...), false, int64(len(good))},
		{"zeros", append(bytes.Clone(good), make([]byte, 64)...), false, int64(len(good))},
		{"a size beyond all bounds", huge, false, int64(len(good))},
		{"another ending in an ID", append(bytes.Clone(head), 0x1F, 0x43), true, int64(len(head))},
	} {
		_, _, err := read(t, test.file)
		var broken *Error
		if !errors.As(err, &broken) {
			t.Errorf("%s: %v, want *Error", test.name, err)
			continue
		}
		if broken.Offset != test.offset || errors.Is(err, io.ErrUnexpectedEOF) != test.cut {
			t.Errorf("%s: %v, want offset %d, cut off %v", test.name, err, test.offset, test.cut)
		}
	}
}

// Guards the parser against everything: it must end, without a panic, and with
// no more memory than its bounds.
func FuzzReader(f *testing.F) {
	f.Add(write(true))
	f.Add(write(false)[:200])
	f.Fuzz(func(t *testing.T, file []byte) {
		_, blocks, err := read(t, file)
		if err == nil {
			t.Fatal("no end")
		}
		if len(blocks) > 256*len(file) {
			t.Fatalf("%d frames from %d bytes", len(blocks), len(file))
		}
		c, done, err := Recover(bytes.NewReader(file))
		if err != nil || done {
			return
		}
		if c.Size > int64(len(file)) {
			t.Fatalf("keeps %d of %d bytes", c.Size, len(file))
		}
		whole := append(bytes.Clone(file[:c.Size]), c.Tail...)
		for _, p := range c.Patches {
			if p.Offset < 0 || p.Offset+int64(len(p.Data)) > int64(len(whole)) {
				t.Fatalf("a patch of %d bytes at %d of a file of %d", len(p.Data), p.Offset, len(whole))
			}
		}
	})
}
