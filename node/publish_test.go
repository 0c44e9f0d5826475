package node

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/parley-mesh/parley/node/media"
	"github.com/parley-mesh/parley/node/media/mediatest"
	"github.com/parley-mesh/parley/node/router"
	"github.com/parley-mesh/parley/node/session"
	"github.com/parley-mesh/parley/pkg/protocol"
	"github.com/parley-mesh/parley/pkg/sframe"
)

func films(t *testing.T) (pictures, sounds, both, notes string) {
	t.Helper()
	dir := t.TempDir()
	write := func(name string, data []byte) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	return write("pictures.ivf", mediatest.IVF(media.VP8, mediatest.Pictures(0))), write("sounds.ogg", mediatest.Ogg(mediatest.Sounds(), 10)),
		write("both.webm", mediatest.WebM(media.VP8, mediatest.Pictures(0), mediatest.Sounds())), write("notes.txt", []byte("Not a film."))
}

// The first pictures are the camera, the second the screen, each with its sound.
func TestPublishedSources(t *testing.T) {
	t.Parallel()
	pictures, sounds, both, notes := films(t)
	camera, mic := protocol.SourceCamera, protocol.SourceMic
	screen, screenAudio := protocol.SourceScreen, protocol.SourceScreenAudio
	for _, test := range []struct {
		names []string
		want  [][]protocol.Source
	}{
		{nil, nil},
		{[]string{both}, [][]protocol.Source{{camera, mic}}},
		{[]string{sounds, pictures}, [][]protocol.Source{{mic}, {camera}}},
		{[]string{pictures, both}, [][]protocol.Source{{camera}, {screen, mic}}},
		{[]string{both, both}, [][]protocol.Source{{camera, mic}, {screen, screenAudio}}},
	} {
		list, err := openPublished(t.Context(), test.names, func(err error) { t.Error(err) })
		if err != nil {
			t.Errorf("%v: %v", test.names, err)
		}
		var got [][]protocol.Source
		for _, p := range list {
			var sources []protocol.Source
			for _, s := range p.Sources() {
				sources = append(sources, s.Source)
			}
			got = append(got, sources)
		}
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%v: %s", test.names, diff)
		}
		closePublished(list)
	}
	for _, test := range []struct {
		names []string
		want  error
	}{
		{[]string{both, both, sounds}, ErrPublish},
		{[]string{notes}, ErrPublish},
		{[]string{both, filepath.Join(t.TempDir(), "missing.ivf")}, fs.ErrNotExist},
		{[]string{t.TempDir()}, media.ErrNoMedia},
	} {
		if list, err := openPublished(t.Context(), test.names, func(err error) { t.Error(err) }); !errors.Is(err, test.want) || !errors.Is(err, ErrPublish) {
			closePublished(list)
			t.Errorf("%v: %v, want %v", test.names, err, test.want)
		}
	}
}

// outlet counts what is published, and ends the play when there is enough.
type outlet struct {
	enough  func(map[protocol.Source]int) bool
	end     context.CancelFunc
	packets map[protocol.Source]int
	codecs  map[protocol.Source]router.Codec
	sealed  map[protocol.Source]sframe.Codec
}

func (o *outlet) Write(s protocol.Source, p *router.Packet) {
	o.packets[s]++
	o.codecs[s] = p.Codec
	if o.enough(o.packets) {
		o.end()
	}
}

func (o *outlet) Seal(dst []byte, source protocol.Source, codec sframe.Codec, frame []byte) ([]byte, error) {
	o.sealed[source] = codec
	return append(dst, frame...), nil
}
func (o *outlet) SenderReport(protocol.Source, int, uint64, uint32) {}
func (o *outlet) Wanted(protocol.Source) []bool                     { return nil }

var _ session.Outlet = (*outlet)(nil)

// Guards against tracks that leave as each other.
func TestPublishedPackets(t *testing.T) {
	t.Parallel()
	_, _, both, _ := films(t)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	list, err := openPublished(ctx, []string{both}, func(err error) { t.Error(err) })
	if err != nil {
		t.Fatal(err)
	}
	defer closePublished(list)
	o := &outlet{end: cancel, packets: make(map[protocol.Source]int), codecs: make(map[protocol.Source]router.Codec), sealed: make(map[protocol.Source]sframe.Codec)}
	o.enough = func(n map[protocol.Source]int) bool {
		return n[protocol.SourceCamera] >= 2 && n[protocol.SourceMic] >= 2
	}
	list[0].RequestKeyFrame(protocol.SourceCamera, 0)
	list[0].RequestKeyFrame(protocol.SourceScreen, 0) // nobody's: harmless
	if err := list[0].Run(ctx, o); err != nil {
		t.Errorf("Run = %v", err)
	}
	want := map[protocol.Source]router.Codec{protocol.SourceCamera: router.VP8, protocol.SourceMic: router.Opus}
	if diff := cmp.Diff(want, o.codecs); diff != "" {
		t.Error(diff)
	}
	sealed := map[protocol.Source]sframe.Codec{protocol.SourceCamera: sframe.CodecVP8, protocol.SourceMic: sframe.CodecOpus}
	if diff := cmp.Diff(sealed, o.sealed); diff != "" {
		t.Error(diff)
	}
}

// Guards against a camera's password in an error.
func TestShown(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"film.ivf":                           "film.ivf",
		"rtsp://user:hidden@192.0.2.1/front": "rtsp://user:xxxxx@192.0.2.1/front",
		"rtsp://user:hidden@%zz/":            "the URL",
	} {
		if got := shown(name); got != want || strings.Contains(got, "hidden") {
			t.Errorf("shown(%q) = %q", name, got)
		}
	}
}

// Guards against a file that is broken in its middle and plays on without a word.
func TestPublishedTells(t *testing.T) {
	t.Parallel()
	whole := mediatest.IVF(media.VP8, mediatest.Pictures(0)[:3])
	path := filepath.Join(t.TempDir(), "cut.ivf")
	if err := os.WriteFile(path, whole[:len(whole)-1], 0o600); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var told error
	list, err := openPublished(ctx, []string{path}, func(err error) {
		told = err
		cancel()
	})
	if err != nil {
		t.Fatal(err)
	}
	defer closePublished(list)
	o := &outlet{end: cancel, packets: make(map[protocol.Source]int), codecs: make(map[protocol.Source]router.Codec), sealed: make(map[protocol.Source]sframe.Codec)}
	o.enough = func(map[protocol.Source]int) bool { return false }
	if err := list[0].Run(ctx, o); err != nil || told == nil || !strings.Contains(told.Error(), "cut.ivf") {
		t.Errorf("Run = %v, told %v", err, told)
	}
}
