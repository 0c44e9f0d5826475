package record

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/parley-mesh/parley/node/media"
	"github.com/parley-mesh/parley/node/media/mediatest"
	"github.com/parley-mesh/parley/node/media/webm"
	"github.com/parley-mesh/parley/pkg/identity"
	"github.com/parley-mesh/parley/pkg/protocol"
	"github.com/parley-mesh/parley/pkg/sframe"
)

const (
	anna = identity.PeerID("12D3KooWAnnaAnnaAnna")
	bert = identity.PeerID("12D3KooWBertBertBert")
	ms   = time.Millisecond
)

var annaOptions = Options{Meeting: "482-913-006", Title: "Stand-up", Recorder: bert, scryptWork: 4}

// stream is somebody's camera and mic, as packets on one clock.
type stream struct {
	reader      *mediatest.Reader
	packetizers []*media.Packetizer
	names       []protocol.Source
	pending     media.Frame
	begin       int64
	sealed      uint64        // frames until now
	sealedBy    func(Key) Key // whose key is taken; nil: the source's own
	seal        func(protocol.Source, sframe.Codec, []byte) []byte
}

func newStream(layers int, sound bool, begin time.Duration, names ...protocol.Source) *stream {
	s := &stream{reader: mediatest.NewReader(layers, sound), names: names, begin: int64(begin)}
	for i, t := range s.reader.Tracks() {
		s.packetizers = append(s.packetizers, media.NewPacketizer(i, 0, t.Codec, uint64(i+1)))
	}
	s.pending, _ = s.reader.Next(context.Background())
	return s
}

// until hands on what somebody sends before a time.
func (s *stream) until(from identity.PeerID, end time.Duration, out func(protocol.Source, int64, *Packet)) {
	for s.pending.Time < end {
		f := s.pending
		of := Key{from, s.names[f.Track]}
		if s.sealedBy != nil {
			of = s.sealedBy(of)
		}
		s.sealed++
		codec := s.reader.Tracks()[f.Track].Codec.SFrame()
		sealed := sealAs(of, codec, s.sealed, f.Data)
		if s.seal != nil {
			sealed = s.seal(of.Source, codec, f.Data)
		}
		for _, p := range s.packetizers[f.Track].Packetize(nil, f, sealed, f.Time) {
			out(s.names[f.Track], s.begin+int64(f.Time), &Packet{Layer: p.Layer, Codec: p.Codec, Seq: p.Seq, Time: p.Time, Marker: p.Marker, Payload: p.Payload})
		}
		s.pending, _ = s.reader.Next(context.Background())
	}
}

// running is a recording under test.
type running struct {
	*Recorder
	t      *testing.T
	cancel context.CancelFunc
	done   chan error
}

func start(t *testing.T, dir string, options Options) *running {
	t.Helper()
	return startWith(t, dir, options, openAll)
}

func startWith(t *testing.T, dir string, options Options, open func(Key) Stream) *running {
	t.Helper()
	r, err := New(dir, options)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	run := &running{r, t, cancel, make(chan error, 1)}
	go func() { run.done <- r.Run(ctx, open) }()
	return run
}

// feed records a stream of somebody up to a time.
func (r *running) feed(from identity.PeerID, s *stream, end time.Duration) {
	s.until(from, end, func(source protocol.Source, at int64, p *Packet) {
		r.Packet(Key{from, source}, at, p)
	})
}

func (r *running) end() error {
	r.cancel()
	return <-r.done
}

func readManifest(t *testing.T, dir string) manifest {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(dir, manifestName))
	if err != nil {
		t.Fatal(err)
	}
	var m manifest
	if err := json.Unmarshal(content, &m); err != nil {
		t.Fatal(err)
	}
	return m
}

// content is what a WebM file holds.
type content struct {
	duration time.Duration
	tracks   []webm.Track
	times    map[string][]time.Duration // by codec
	data     map[string][][]byte
}

func readFile(t *testing.T, path string) content {
	t.Helper()
	file, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	r, err := webm.NewReader(bytes.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	c := content{r.Duration(), r.Tracks(), map[string][]time.Duration{}, map[string][][]byte{}}
	for {
		b, err := r.Next()
		if errors.Is(err, io.EOF) {
			return c
		}
		if err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		codec := c.tracks[b.Track-1].Codec
		c.times[codec] = append(c.times[codec], b.Time)
		c.data[codec] = append(c.data[codec], bytes.Clone(b.Data))
	}
}

// Guards the recording of a person: every frame, in one file with both tracks,
// in time, described, and private.
func TestRecordsAPerson(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "recordings")
	r := start(t, dir, annaOptions)
	r.Named(anna, "Anna <script>")
	r.feed(anna, newStream(1, true, time.Hour, protocol.SourceCamera, protocol.SourceMic), 4*time.Second)
	if err := r.end(); err != nil {
		t.Fatal(err)
	}
	m := readManifest(t, dir)
	if len(m.Files) != 1 || m.Meeting != "482-913-006" || m.Title != "Stand-up" || m.Recorder != bert || len(m.Runs) != 1 || m.Runs[0].Ended.IsZero() {
		t.Fatalf("manifest %+v", m)
	}
	entry := m.Files[0]
	if entry.Participant != anna || entry.Name != "Anna <script>" || entry.Duration < 3980 || entry.Ended.Sub(entry.Started) != time.Duration(entry.Duration)*ms ||
		!cmp.Equal(entry.Sources, []protocol.Source{"camera", "mic"}) || !cmp.Equal(entry.Sizes, []pictureSize{{0, 40, 22}}) {
		t.Errorf("entry %+v", entry)
	}
	c := readFile(t, filepath.Join(dir, entry.File))
	if c.duration < 3980*ms || len(c.tracks) != 2 || c.tracks[0].Width != 40 {
		t.Errorf("duration %v, tracks %+v", c.duration, c.tracks)
	}
	for i, picture := range mediatest.Pictures(0) {
		if !bytes.Equal(c.data[webm.CodecVP8][i], picture.Data) || (c.times[webm.CodecVP8][i]-picture.Time).Abs() > 2*ms {
			t.Fatalf("picture %d differs or is at %v instead of %v", i, c.times[webm.CodecVP8][i], picture.Time)
		}
	}
	if got := len(c.data[webm.CodecOpus]); got != 200 {
		t.Errorf("%d sounds in 4 s", got)
	}
	for _, name := range []string{manifestName, entry.File} {
		info, err := os.Stat(filepath.Join(dir, name))
		if err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v, %v", name, info.Mode(), err)
		}
	}
	if stats := r.Stats(); stats.Frames < 260 || stats.Dropped != 0 || stats.Files != 0 {
		t.Errorf("stats %+v", stats)
	}
}

// lateCamera records a mic whose camera comes after a time, and somebody's screen.
func lateCamera(t *testing.T, after time.Duration) (dir string, files []string) {
	t.Helper()
	dir = t.TempDir()
	r := start(t, dir, annaOptions)
	mic := newStream(0, true, 0, protocol.SourceMic)
	r.feed(anna, mic, after)
	camera := newStream(1, false, after, protocol.SourceCamera)
	for at := 100 * ms; at <= 2*time.Second; at += 100 * ms {
		r.feed(anna, mic, after+at)
		r.feed(anna, camera, at)
	}
	r.feed(bert, newStream(1, false, 0, protocol.SourceScreen), time.Second)
	if err := r.end(); err != nil {
		t.Fatal(err)
	}
	for _, entry := range readManifest(t, dir).Files {
		c := readFile(t, filepath.Join(dir, entry.File))
		who := map[identity.PeerID]string{anna: "anna", bert: "bert"}[entry.Participant]
		files = append(files, fmt.Sprintf("%s %v part %d: %d sounds, %d pictures", who, entry.Sources, entry.Part,
			len(c.data[webm.CodecOpus]), len(c.data[webm.CodecVP8])))
	}
	return dir, files
}

// Guards the parts: a camera that comes soon is in the file that the sound
// began, one that comes later begins a file in which both are; no frame is lost
// or there twice.
func TestCameraComesLater(t *testing.T) {
	t.Parallel()
	for after, want := range map[time.Duration][]string{
		100 * ms:        {"anna [camera mic] part 1: 105 sounds, 30 pictures", "bert [screen screen-audio] part 1: 0 sounds, 15 pictures"},
		3 * time.Second: {"anna [camera mic] part 1: 250 sounds, 30 pictures", "bert [screen screen-audio] part 1: 0 sounds, 15 pictures"},
		9 * time.Second: {"anna [mic] part 1: 451 sounds, 0 pictures", "anna [camera mic] part 2: 99 sounds, 30 pictures", "bert [screen screen-audio] part 1: 0 sounds, 15 pictures"},
	} {
		dir, got := lateCamera(t, after)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("after %v (-want +got):\n%s", after, diff)
		}
		if files, _ := filepath.Glob(filepath.Join(dir, "*.webm")); len(files) != len(want) {
			t.Errorf("after %v: files %q", after, files)
		}
	}
}

// Guards the rest of the recording when somebody leaves and comes back.
func TestLeavesAndComesBack(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	r := start(t, dir, annaOptions)
	for i := range 2 {
		r.feed(anna, newStream(1, true, time.Duration(i)*10*time.Second, protocol.SourceCamera, protocol.SourceMic), time.Second)
		r.Left(anna)
		r.Left(bert)
	}
	if err := r.end(); err != nil {
		t.Fatal(err)
	}
	m := readManifest(t, dir)
	if len(m.Files) != 2 || m.Files[0].File == m.Files[1].File || m.Files[0].Part != 1 || m.Files[1].Part != 2 {
		t.Errorf("files %+v", m.Files)
	}
	if r.Stats().Files != 0 {
		t.Error("a file is still open")
	}
}

// Guards programs that read meeting.json: what is empty is an empty list.
func TestNothingRecorded(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := start(t, dir, annaOptions).end(); err != nil {
		t.Fatal(err)
	}
	content, err := os.ReadFile(filepath.Join(dir, manifestName))
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(content, []byte("null")) || !bytes.Contains(content, []byte(`"files": []`)) {
		t.Errorf("%s", content)
	}
}

// Guards the folder: names cannot lead out of it, others' recordings stay.
func TestFolder(t *testing.T) {
	t.Parallel()
	parent := t.TempDir()
	dir := filepath.Join(parent, "in")
	r := start(t, dir, annaOptions)
	evil := identity.PeerID("../../../../etc/" + strings.Repeat("..", 20) + "x/")
	r.Named(evil, "../../../name")
	r.feed(evil, newStream(1, true, 0, protocol.SourceCamera, protocol.SourceMic), time.Second)
	if _, err := New(dir, annaOptions); !errors.Is(err, ErrBusy) {
		t.Errorf("a second recorder in the same folder: %v", err)
	}
	if err := r.end(); err != nil {
		t.Fatal(err)
	}
	for _, entry := range readManifest(t, dir).Files {
		if strings.ContainsAny(entry.File, `/\`) || strings.Contains(entry.File, "..") {
			t.Errorf("a file is called %q", entry.File)
		}
	}
	if entries, err := os.ReadDir(parent); err != nil || len(entries) != 1 {
		t.Errorf("beside the folder there is %v, %v", entries, err)
	}
	other := annaOptions
	other.Meeting = "111-222-333"
	if _, err := New(dir, other); !errors.Is(err, ErrOtherMeeting) {
		t.Errorf("another meeting: %v", err)
	}
	sealed := annaOptions
	sealed.Passphrase = []byte("correct horse")
	if _, err := New(dir, sealed); !errors.Is(err, ErrSealedFolder) {
		t.Errorf("sealed beside open: %v", err)
	}
	if err := os.WriteFile(filepath.Join(dir, manifestName), []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := New(dir, annaOptions); !errors.Is(err, ErrManifest) {
		t.Errorf("a broken meeting.json: %v", err)
	}
}
