package main

import (
	"bytes"
	"errors"
	"io"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/parley-mesh/parley/node"
	"github.com/parley-mesh/parley/node/media"
	"github.com/parley-mesh/parley/node/media/mediatest"
	"github.com/parley-mesh/parley/node/router"
	"github.com/parley-mesh/parley/node/session"
	"github.com/parley-mesh/parley/pkg/client"
	"github.com/parley-mesh/parley/pkg/identity"
	"github.com/parley-mesh/parley/pkg/meeting"
	"github.com/parley-mesh/parley/pkg/protocol"
)

// pictureSize is the published film's; its bytes when they are shown as grey.
const (
	pictureWidth, pictureHeight = 160, 90
	pictureBytes                = pictureWidth * pictureHeight
)

// A film goes from one node to the recording of another, frame for frame as it was
// published, by each of the ways that media can take. Who forwards has nothing of
// it: what they have in hand shows nobody a picture, nor makes a sound, until the
// meeting's key opens it.
func TestForwardersHaveNothing(t *testing.T) {
	t.Parallel()
	for name, arrange := range map[string]func(*testing.T) (*live, client.Created, identity.PeerID){
		"mesh":   func(t *testing.T) (*live, client.Created, identity.PeerID) { return inMesh(t) },
		"node":   throughANode,
		"helper": throughAHelper,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, made, sfu := arrange(t)
			dir := t.TempDir()
			film, sound, folder := filepath.Join(dir, "film.ivf"), filepath.Join(dir, "sound.ogg"), filepath.Join(dir, "recording")
			pictures, sounds := mediatest.Pictures(mediatest.Layers-1), mediatest.Sounds()
			for path, data := range map[string][]byte{film: mediatest.IVF(media.VP8, pictures), sound: mediatest.Ogg(sounds, 10)} {
				if err := os.WriteFile(path, data, 0o600); err != nil {
					t.Fatal(err)
				}
			}
			recorder := takePart(t, made.Invitation, 11, func(c *node.Config) { c.NeverSFU, c.Record = true, folder })
			next(recorder, func(e session.Recording) bool { return e.On })
			publisher := takePart(t, made.Invitation, 12, func(c *node.Config) { c.NeverSFU, c.Publish = true, []string{film, sound} })
			go drain(publisher)
			go drain(recorder)
			dumps := tapIn(t, made.Invitation, 13)
			camera := router.Key{From: publisher.ID(), Source: protocol.SourceCamera}
			mic := router.Key{From: publisher.ID(), Source: protocol.SourceMic}
			if sfu != "" {
				dumps.through(sfu)
			}
			dumps.until(camera, dumps.count(camera)+40)
			dumps.until(mic, dumps.count(mic)+100)
			sealed, spoken := dumps.dump(camera), dumps.dump(mic)
			seen, heard := dumps.opened(camera, media.VP8, sealed), dumps.opened(mic, media.Opus, spoken)
			dumps.end()
			publisher.Leave()
			recorder.Leave()
			if err := errors.Join(<-publisher.done, <-recorder.done); err != nil {
				t.Error(err)
			}

			published := map[string][]media.Frame{media.SourceCamera: pictures, media.SourceMic: sounds}
			areAmong(t, "opened pictures", seen, pictures)
			areAmong(t, "opened sounds", heard, sounds)
			recorded := framesIn(t, folder)
			for source, frames := range recorded {
				areAmong(t, "recorded of the "+source, frames, published[source])
			}
			if len(recorded[media.SourceCamera]) < 5 || len(recorded[media.SourceMic]) < 10 {
				t.Errorf("recorded %d pictures, %d sounds", len(recorded[media.SourceCamera]), len(recorded[media.SourceMic]))
			}
			haveNothing(t, "pictures", sealed, pictures)
			haveNothing(t, "sounds", spoken, sounds)
			t.Run("decoder", func(t *testing.T) { isNoFilm(t, sealed, seen) })
		})
	}
}

// drain reads a member's events, so that it goes on.
func drain(m *member) {
	for range m.Events() {
	}
}

func inMesh(t *testing.T) (*live, client.Created, identity.PeerID) {
	l := start(t)
	return l, createIn(t, l, nil), ""
}

// throughANode makes a meeting that is a star on one of its nodes as soon as there
// are three.
func throughANode(t *testing.T) (*live, client.Created, identity.PeerID) {
	l, two := start(t), 2
	made := createIn(t, l, &meeting.PolicyPatch{MeshMax: &two})
	sfu := takePart(t, made.Invitation, 10, func(c *node.Config) { c.Network.UplinkKbps = 1_000_000 })
	next[session.Joined](sfu, nil)
	go drain(sfu)
	t.Cleanup(func() { sfu.Leave(); <-sfu.done })
	return l, made, sfu.ID()
}

// throughAHelper makes one that is a star on a helper.
func throughAHelper(t *testing.T) (*live, client.Created, identity.PeerID) {
	id := identity.FromSeed([32]byte{98})
	l, two := start(t, id.PeerID()), 2
	key := filepath.Join(t.TempDir(), "key")
	pem, err := id.MarshalPEM()
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(key, pem, 0o600); err != nil {
		t.Fatal(err)
	}
	helper := begin(t, "helper", "--rendezvous", l.url, "--uplink", "1G", "--json", "--identity", key)
	helper.event("helping", nil)
	go func() {
		for helper.lines.Scan() {
		}
	}()
	return l, createIn(t, l, &meeting.PolicyPatch{MeshMax: &two}), id.PeerID()
}

// framesIn are all frames of a recording, by source.
func framesIn(t *testing.T, folder string) map[string][][]byte {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(folder, "*.webm"))
	if err != nil {
		t.Fatal(err)
	}
	frames := make(map[string][][]byte)
	for _, file := range files {
		reader, err := media.Open(t.Context(), file, media.Options{})
		if err != nil {
			t.Fatal(err)
		}
		for {
			frame, err := reader.Next(t.Context())
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				t.Fatal(err)
			}
			source := reader.Tracks()[frame.Track].Source
			frames[source] = append(frames[source], bytes.Clone(frame.Data))
		}
		if err := reader.Close(); err != nil {
			t.Error(err)
		}
	}
	return frames
}

// areAmong holds frames to being published ones, bit for bit.
func areAmong(t *testing.T, what string, got [][]byte, published []media.Frame) {
	t.Helper()
	for i, frame := range got {
		if !slices.ContainsFunc(published, func(p media.Frame) bool { return bytes.Equal(p.Data, frame) }) {
			t.Errorf("%s: frame %d of %d was never published", what, i, len(got))
		}
	}
}

// haveNothing holds sealed frames to showing no eight bytes of any published one
// behind what stays clear.
func haveNothing(t *testing.T, what string, sealed [][]byte, published []media.Frame) {
	t.Helper()
	const clear, piece = 10, 8
	for _, frame := range sealed {
		for _, p := range published {
			for at := clear; at+piece <= len(p.Data); at += piece {
				if bytes.Contains(frame, p.Data[at:at+piece]) {
					t.Fatalf("%s: a forwarded frame has bytes %d to %d of a published one", what, at, at+piece)
				}
			}
		}
	}
}

// isNoFilm puts what was forwarded through a decoder, sealed and opened.
func isNoFilm(t *testing.T, sealed, opened [][]byte) {
	t.Helper()
	if _, err := exec.LookPath("ffmpeg"); err != nil {
		t.Skip("ffmpeg is not installed: what was forwarded is not put through a decoder")
	}
	want := decode(t, framesOf(mediatest.Pictures(mediatest.Layers-1)))
	if len(want) == 0 {
		t.Fatal("the decoder shows nothing of the film itself")
	}
	for i, picture := range decode(t, sealed) {
		for _, published := range want {
			if like := likeness(picture, published); like > 0.5 {
				t.Errorf("picture %d of what was forwarded sealed is like a published one: %.2f", i, like)
			}
		}
	}
	shown := decode(t, opened)
	if len(shown) != len(opened) {
		t.Errorf("of %d frames that the key opens the decoder shows %d", len(opened), len(shown))
	}
	for i, picture := range shown {
		if !slices.ContainsFunc(want, func(p []byte) bool { return bytes.Equal(p, picture) }) {
			t.Errorf("picture %d of what the key opens is none that was published", i)
		}
	}
}

func framesOf(pictures []media.Frame) (frames [][]byte) {
	for _, p := range pictures {
		frames = append(frames, p.Data)
	}
	return frames
}

// decode returns the pictures that ffmpeg makes of VP8 frames, in grey.
func decode(t *testing.T, frames [][]byte) (pictures [][]byte) {
	t.Helper()
	var film []media.Frame
	for i, frame := range frames {
		film = append(film, media.Frame{Data: frame, Time: time.Duration(i) * mediatest.PictureEvery})
	}
	path := filepath.Join(t.TempDir(), "dump.ivf")
	if err := os.WriteFile(path, mediatest.IVF(media.VP8, film), 0o600); err != nil {
		t.Fatal(err)
	}
	out, _ := exec.CommandContext(t.Context(), "ffmpeg", "-v", "quiet", "-i", path, "-fps_mode", "passthrough", "-vf", "extractplanes=y", "-f", "rawvideo", "-").Output() // it fails on what it cannot decode
	for len(out) >= pictureBytes {
		pictures, out = append(pictures, out[:pictureBytes]), out[pictureBytes:]
	}
	return pictures
}

// likeness is how much one picture is like another, 0 for nothing alike to 1: the
// correlation of their points.
func likeness(a, b []byte) float64 {
	var sumA, sumB float64
	for i := range a {
		sumA += float64(a[i])
		sumB += float64(b[i])
	}
	meanA, meanB := sumA/float64(len(a)), sumB/float64(len(b))
	var both, varA, varB float64
	for i := range a {
		x, y := float64(a[i])-meanA, float64(b[i])-meanB
		both, varA, varB = both+x*y, varA+x*x, varB+y*y
	}
	if varA == 0 || varB == 0 {
		return 0
	}
	return math.Abs(both / math.Sqrt(varA*varB))
}
