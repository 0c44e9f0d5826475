package media_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/parley-mesh/parley/node/media"
	"github.com/parley-mesh/parley/node/media/mediatest"
)

// readAll returns a reader's frames of a track, and how it ended.
func readAll(t *testing.T, r media.Reader, track int) ([]media.Frame, error) {
	t.Helper()
	var frames []media.Frame
	for {
		frame, err := r.Next(t.Context())
		if err != nil {
			return frames, err
		}
		if frame.Track == track {
			frame.Data = bytes.Clone(frame.Data)
			frames = append(frames, frame)
		}
	}
}

func open(t *testing.T, file []byte) media.Stepper {
	t.Helper()
	r, err := media.Read("test", bytes.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// same compares frames by what a container must keep: bytes, key marks and times to the millisecond.
func same(t *testing.T, what string, want, got []media.Frame) {
	t.Helper()
	if len(want) != len(got) {
		t.Errorf("%s: %d frames, want %d", what, len(got), len(want))
		return
	}
	for i := range want {
		if !bytes.Equal(want[i].Data, got[i].Data) || want[i].Key != got[i].Key || (want[i].Time-got[i].Time).Abs() > time.Millisecond {
			t.Errorf("%s: frame %d is %d bytes at %v key %v, want %d bytes at %v key %v", what, i,
				len(got[i].Data), got[i].Time, got[i].Key, len(want[i].Data), want[i].Time, want[i].Key)
			return
		}
	}
}

// Guards every container: what was written comes out, twice.
func TestReaders(t *testing.T) {
	t.Parallel()
	vp8, vp9, sounds := mediatest.Pictures(2), mediatest.PicturesVP9(), mediatest.Sounds()
	for _, test := range []struct {
		name   string
		file   []byte
		tracks []media.Track
		want   [][]media.Frame
	}{
		{"IVF VP8", mediatest.IVF(media.VP8, vp8), []media.Track{{Source: "camera", Codec: media.VP8, Layers: 1, Width: 160, Height: 90}}, [][]media.Frame{vp8}},
		{"IVF VP9", mediatest.IVF(media.VP9, vp9), []media.Track{{Source: "camera", Codec: media.VP9, Layers: 1, Width: 160, Height: 90}}, [][]media.Frame{vp9}},
		{"Ogg, one a page", mediatest.Ogg(sounds, 1), []media.Track{{Source: "mic", Codec: media.Opus, Layers: 1}}, [][]media.Frame{sounds}},
		{"Ogg, fifty a page", mediatest.Ogg(sounds, 50), []media.Track{{Source: "mic", Codec: media.Opus, Layers: 1}}, [][]media.Frame{sounds}},
		{"WebM", mediatest.WebM(media.VP8, vp8, sounds), []media.Track{
			{Source: "camera", Codec: media.VP8, Layers: 1, Width: 160, Height: 90}, {Source: "mic", Codec: media.Opus, Layers: 1},
		}, [][]media.Frame{vp8, sounds}},
		{"WebM VP9", mediatest.WebM(media.VP9, vp9, nil), []media.Track{{Source: "camera", Codec: media.VP9, Layers: 1, Width: 160, Height: 90}}, [][]media.Frame{vp9}},
		{"WebM of sound", mediatest.WebM("", nil, sounds), []media.Track{{Source: "mic", Codec: media.Opus, Layers: 1}}, [][]media.Frame{sounds}},
	} {
		r := open(t, test.file)
		if diff := cmp.Diff(test.tracks, r.Tracks()); diff != "" {
			t.Errorf("%s: tracks (-want +got):\n%s", test.name, diff)
		}
		for track, want := range test.want {
			got, err := readAll(t, r, track)
			if !errors.Is(err, io.EOF) {
				t.Errorf("%s: ended with %v", test.name, err)
			}
			same(t, test.name, want, got)
			if err := r.Rewind(); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// Guards newcomers: after stepping back the next picture is the last key frame.
func TestStepBack(t *testing.T) {
	t.Parallel()
	pictures := append(mediatest.Pictures(0), mediatest.Pictures(0)...)
	half := len(pictures) / 2
	for i := range pictures {
		pictures[i].Time = time.Duration(i) * mediatest.PictureEvery
	}
	for name, file := range map[string][]byte{"IVF": mediatest.IVF(media.VP8, pictures), "WebM": mediatest.WebM(media.VP8, pictures, mediatest.Sounds())} {
		r := open(t, file)
		if err := r.StepBack(); err == nil {
			t.Errorf("%s: stepped back before any key frame", name)
		}
		next := func() media.Frame {
			for {
				frame, err := r.Next(t.Context())
				if err != nil {
					t.Fatalf("%s: %v", name, err)
				}
				if frame.Track == 0 {
					return frame
				}
			}
		}
		for range half + 7 {
			next()
		}
		for range 2 {
			if err := r.StepBack(); err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			if frame := next(); !frame.Key || !bytes.Equal(frame.Data, pictures[half].Data) {
				t.Errorf("%s: stepped back to a frame of %d bytes, key %v", name, len(frame.Data), frame.Key)
			}
		}
	}
}

// Guards what the user reads about a file that stops being one, and that what came before is played.
func TestBrokenInTheMiddle(t *testing.T) {
	t.Parallel()
	pictures, sounds := mediatest.Pictures(0), mediatest.Sounds()
	ivf := mediatest.IVF(media.VP8, pictures)
	third := 32
	for _, picture := range pictures[:3] {
		third += 12 + len(picture.Data)
	}
	damage := func(file []byte, at int, with ...byte) []byte {
		file = bytes.Clone(file)
		copy(file[at:], with)
		return file
	}
	ogg := mediatest.Ogg(sounds, 10)
	web := mediatest.WebM(media.VP8, pictures, sounds)
	for _, test := range []struct {
		name   string
		file   []byte
		format string
		good   int
		offset int64
		says   string
	}{
		{"IVF, absurd size", damage(ivf, third, 0xFF, 0xFF, 0xFF, 0xFF), "IVF", 3, int64(third), "a picture of 4294967295 bytes"},
		{"IVF, no size", damage(ivf, third, 0, 0, 0, 0), "IVF", 3, int64(third), "a picture of 0 bytes"},
		{"IVF, absurd time", damage(ivf, third+4, 0, 0, 0, 0, 0, 0, 0, 0x7F), "IVF", 3, int64(third), "time is absurd"},
		{"IVF, no key frame where one must be", damage(ivf, 32+12+3, 0, 0, 0), "IVF", 0, 32, "not vp8"},
		{"IVF, cut off", ivf[:third+20], "IVF", 3, int64(third), "ends in the middle"},
		{"Ogg, a flipped bit", damage(ogg, len(ogg)/2, ogg[len(ogg)/2]^1), "Ogg", 40, -1, "checksum is wrong"},
		{"Ogg, cut off", ogg[:len(ogg)-1], "Ogg", (len(sounds) - 1) / 10 * 10, -1, "ends in the middle"},
		{"WebM, cut off", web[:len(web)/2], "WebM", -1, -1, "ends in the middle"},
	} {
		got, err := readAll(t, open(t, test.file), 0)
		var broken *media.BrokenError
		if !errors.As(err, &broken) {
			t.Errorf("%s: %v, want a BrokenError", test.name, err)
			continue
		}
		if broken.Format != test.format || test.offset >= 0 && broken.Offset != test.offset || !strings.Contains(err.Error(), test.says) {
			t.Errorf("%s: %v", test.name, err)
		}
		if test.good >= 0 && len(got) != test.good {
			t.Errorf("%s: %d frames before it, want %d", test.name, len(got), test.good)
		}
	}
}

// Guards the sentences for what cannot be played, and that nothing is allocated on a header's word.
func TestOpenRefuses(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write := func(name string, content []byte) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	header := mediatest.IVF(media.VP8, mediatest.Pictures(0))[:32]
	h264 := bytes.Clone(header)
	copy(h264[8:], "H264")
	long := bytes.Clone(header)
	binary.LittleEndian.PutUint16(long[6:], 60000)
	for _, test := range []struct {
		name, path string
		is         error
		says       string
	}{
		{"nothing there", filepath.Join(dir, "missing.ivf"), os.ErrNotExist, "missing.ivf"},
		{"no camera", "/dev/video9123", os.ErrNotExist, "no camera \"/dev/video9123\""},
		{"no name", "", media.ErrNoMedia, "a name is missing"},
		{"a folder", dir, media.ErrNoMedia, "is a folder"},
		{"empty", write("empty.webm", nil), media.ErrNoMedia, "is empty"},
		{"a film, without ffmpeg", write("film.mp4", []byte("\x00\x00\x00\x20ftypisom\x00\x00\x02\x00")), media.ErrNoFFmpeg, "install ffmpeg"},
		{"IVF with H.264, without ffmpeg", write("h264.ivf", h264), media.ErrNoFFmpeg, "install ffmpeg"},
		{"IVF with an absurd header", write("long.ivf", long), media.ErrNoMedia, "60000 bytes"},
		{"IVF cut off in its header", write("short.ivf", header[:20]), media.ErrNoMedia, "IVF header"},
		{"Ogg cut off", write("short.ogg", mediatest.Ogg(mediatest.Sounds(), 1)[:20]), media.ErrNoMedia, "middle of a page"},
		{"WebM cut off", write("short.webm", mediatest.WebM(media.VP8, mediatest.Pictures(0), nil)[:60]), media.ErrNoMedia, "short.webm"},
		{"a URL, without ffmpeg", "rtsp://camera:secret@127.0.0.1/1", media.ErrNoFFmpeg, "camera:xxxxx@"},
	} {
		_, err := media.Open(t.Context(), test.path, media.Options{FFmpeg: filepath.Join(dir, "no-such-program")})
		if !errors.Is(err, test.is) || err != nil && !strings.Contains(err.Error(), test.says) {
			t.Errorf("%s: %v, want %v with %q", test.name, err, test.is, test.says)
		}
		if err != nil && strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: the error shows a password: %v", test.name, err)
		}
	}
}

func fuzzReader(f *testing.F, seeds ...[]byte) {
	for _, seed := range seeds {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, file []byte) {
		r, err := media.Read("fuzz", bytes.NewReader(file))
		if err != nil {
			return
		}
		tracks := r.Tracks()
		for frames := 0; ; frames++ {
			frame, err := r.Next(context.Background())
			if err != nil {
				break
			}
			if frame.Track >= len(tracks) || frame.Layer >= tracks[frame.Track].Layers || len(frame.Data) == 0 || frame.Time < 0 {
				t.Fatalf("an impossible frame %+v", frame)
			}
			if frames > 256*len(file) {
				t.Fatal("no end")
			}
		}
		if err := r.Rewind(); err != nil {
			t.Fatal(err)
		}
	})
}

// Guards the parsers of outside files.
func FuzzIVF(f *testing.F) {
	fuzzReader(f, mediatest.IVF(media.VP8, mediatest.Pictures(0)[:3]), mediatest.IVF(media.VP9, mediatest.PicturesVP9()[:2]))
}

func FuzzOgg(f *testing.F) { fuzzReader(f, mediatest.Ogg(mediatest.Sounds()[:4], 2)) }

func FuzzWebM(f *testing.F) {
	fuzzReader(f, mediatest.WebM(media.VP8, mediatest.Pictures(0)[:2], mediatest.Sounds()[:3]))
}
