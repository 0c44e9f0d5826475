package record

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/parley-mesh/parley/node/media"
	"github.com/parley-mesh/parley/pkg/identity"
	"github.com/parley-mesh/parley/pkg/protocol"
)

const (
	queueLength = 8192    // packets that may wait for the disk: some seconds of a full room
	maxPayload  = 2 << 10 // bytes of a packet's payload; links carry less
)

// Key names what a packet belongs to.
type Key struct {
	From   identity.PeerID
	Source protocol.Source
}

// Packet is one RTP packet of a source, of a sealed frame or a part of one, its numbers and times continuous across
// layers as the router's sink makes them.
type Packet struct {
	Layer   int
	Codec   media.Codec
	Seq     uint16
	Time    uint32
	Marker  bool
	Payload []byte
}

// Options describe a recording.
type Options struct {
	Meeting    string          // the meeting's ID, dashed
	Title      string          // of the meeting
	Recorder   identity.PeerID // who records
	Passphrase []byte          // seals the recording when not empty
	Logger     *slog.Logger    // nil: silent

	scryptWork int // of the passphrase; 0: age's default
}

var (
	// ErrOtherMeeting: the folder holds the recording of another meeting.
	ErrOtherMeeting = errors.New("record: the folder holds the recording of another meeting")
	// ErrBusy: somebody else records into the folder.
	ErrBusy = errors.New("record: another process records into this folder")
	// ErrManifest: meeting.json is there and is not one.
	ErrManifest = errors.New("record: the folder's meeting.json cannot be read")
	// ErrPassphrase: the passphrase does not open this recording.
	ErrPassphrase = errors.New("record: wrong passphrase")
	// ErrNotSealed: the file is not a sealed recording.
	ErrNotSealed = errors.New("record: not a sealed recording")
	// ErrSealedFolder: the folder's recording is sealed and no passphrase is given, or the other way round.
	ErrSealedFolder = errors.New("record: sealed and open recordings do not mix in one folder")
	// ErrSealedDamaged: something in the middle of a sealed file was altered.
	ErrSealedDamaged = errors.New("record: the sealed recording was altered")
)

// StoppedError ends a recording that cannot be written any further, such as on
// a full disk. What was written until then is complete and playable.
type StoppedError struct {
	File string // relative to the recording's folder
	Err  error
}

func (e *StoppedError) Error() string {
	return fmt.Sprintf("record: recording stopped: %s cannot be written: %v", e.File, e.Err)
}

func (e *StoppedError) Unwrap() error { return e.Err }

// Recorder is a running recording. Its methods are safe for concurrent use;
// none of them waits for the disk but New and Run.
type Recorder struct {
	options Options
	folder  *folder
	queue   chan item

	stopped atomic.Bool
	figures figures

	mu    sync.Mutex
	names map[identity.PeerID]string // told since Run last looked
}

// item is a packet, or the news that somebody left.
type item struct {
	key    Key
	left   bool
	packet arrived
}

// figures are written by several goroutines.
type figures struct {
	files, bytes, frames, dropped, unopened atomic.Int64
}

// New opens or makes the folder, takes up the recording of the same meeting
// that it may hold, and gives files that a crash left their end. Run releases the
// folder.
func New(dir string, options Options) (*Recorder, error) {
	if options.Logger == nil {
		options.Logger = slog.New(slog.DiscardHandler)
	}
	f, err := openFolder(dir, options)
	if err != nil {
		return nil, err
	}
	r := &Recorder{options: options, folder: f, queue: make(chan item, queueLength), names: make(map[identity.PeerID]string)}
	if err := r.takeUp(); err != nil {
		f.close()
		return nil, err
	}
	return r, nil
}

// takeUp repairs what an earlier run left behind.
func (r *Recorder) takeUp() error {
	m, err := r.folder.load(r.options)
	if err != nil {
		return err
	}
	repaired, err := r.folder.repair(m)
	if err != nil || !repaired {
		return err
	}
	r.options.Logger.Info("a recording that was cut off has been repaired and goes on", "meeting", m.Meeting)
	return r.folder.save(m)
}

// Run writes until the context ends, then ends every file in order and returns
// nil, or a *[StoppedError] as soon as something cannot be written: the one report
// of it. It is called once. open gives what opens the frames of a source; it and
// the streams are called on Run's goroutine.
func (r *Recorder) Run(ctx context.Context, open func(Key) Stream) error {
	defer r.folder.close()
	defer r.stopped.Store(true)
	w, err := newWriter(r.folder, r.options, open, &r.figures, time.Now())
	if err == nil {
		err = r.write(ctx, w)
	}
	if err != nil && w != nil {
		w.abandon(err, time.Now())
	}
	return err
}

func (r *Recorder) write(ctx context.Context, w *writer) error {
	ticker := time.NewTicker(flushEvery)
	defer ticker.Stop()
	for {
		select {
		case i := <-r.queue:
			if err := r.take(w, i); err != nil {
				return err
			}
		case now := <-ticker.C:
			w.naming(r.told())
			if err := w.tick(now); err != nil {
				return err
			}
		case <-ctx.Done():
			return r.finish(w)
		}
	}
}

// take takes what was queued, and writes when it is time by the packets' own
// clock: a full queue must not wait for the ticker.
func (r *Recorder) take(w *writer, i item) error {
	now := time.Now()
	if err := w.take(i, now); err != nil || !w.due() {
		return err
	}
	w.naming(r.told())
	return w.tick(now)
}

// finish writes what is queued and ends the files.
func (r *Recorder) finish(w *writer) error {
	r.stopped.Store(true)
	for {
		select {
		case i := <-r.queue:
			if err := r.take(w, i); err != nil {
				return err
			}
			continue
		default:
		}
		w.naming(r.told())
		return w.end(time.Now())
	}
}

func (r *Recorder) told() map[identity.PeerID]string {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.names) == 0 {
		return nil // the empty map stays here, to be written to
	}
	names := r.names
	r.names = make(map[identity.PeerID]string)
	return names
}

// Packet takes one packet that arrived at (nanoseconds, monotonic); it is
// copied. Packets beyond what the disk keeps up with are dropped and counted.
func (r *Recorder) Packet(key Key, at int64, p *Packet) {
	if r.stopped.Load() || len(p.Payload) > maxPayload || !fits(key.Source, p.Codec) {
		return
	}
	i := item{key: key, packet: arrived{*p, at}}
	i.packet.Payload = append([]byte(nil), p.Payload...)
	r.put(i)
}

// Left ends a participant's files; who comes back gets new ones.
func (r *Recorder) Left(id identity.PeerID) {
	r.put(item{key: Key{From: id}, left: true})
}

func (r *Recorder) put(i item) {
	select {
	case r.queue <- i:
	default:
		r.figures.dropped.Add(1)
	}
}

// fits holds sound to sound and pictures to pictures.
func fits(source protocol.Source, codec media.Codec) bool {
	switch source {
	case protocol.SourceMic, protocol.SourceScreenAudio:
		return codec == media.Opus
	case protocol.SourceCamera, protocol.SourceScreen:
		return codec.Video()
	default:
		return false
	}
}

// Named tells a participant's name, for meeting.json; the last one counts.
func (r *Recorder) Named(id identity.PeerID, name string) {
	if len(name) > maxName {
		name = name[:maxName]
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.names) < maxPeople {
		r.names[id] = name
	}
}

// Stats are a recording's figures.
type Stats struct {
	Files    int    // open now
	Bytes    int64  // of plain media written
	Frames   uint64 // written
	Dropped  uint64 // packets that the disk was too slow for, and frames that lacked some
	Unopened uint64 // frames that were whole, and that no key opened as what they were said to be
}

// Stats returns the figures of now.
func (r *Recorder) Stats() Stats {
	f := &r.figures
	return Stats{int(f.files.Load()), f.bytes.Load(), uint64(f.frames.Load()), uint64(f.dropped.Load()), uint64(f.unopened.Load())}
}
