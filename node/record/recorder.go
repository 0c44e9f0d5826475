package record

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"

	"github.com/parley-mesh/parley/node/media"
	"github.com/parley-mesh/parley/pkg/identity"
	"github.com/parley-mesh/parley/pkg/protocol"
)

// Key names what a packet belongs to.
type Key struct {
	From   identity.PeerID
	Source protocol.Source
}

// Packet is one RTP packet as it arrived: its layer's own numbers, unaltered.
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
}

var (
	// ErrOtherMeeting: the folder holds the recording of another meeting.
	ErrOtherMeeting = errors.New("record: the folder holds the recording of another meeting")
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
type Recorder struct{ options Options }

// New opens or makes the folder, takes up the recording of the same meeting
// that it may hold, and repairs files that a crash left without an end.
func New(dir string, options Options) (*Recorder, error) { return &Recorder{options: options}, nil }

// Run writes until the context ends, then ends every file in order and returns
// nil, or a *[StoppedError] as soon as something cannot be written.
func (r *Recorder) Run(ctx context.Context) error { <-ctx.Done(); return nil }

// Packet takes one packet that arrived at (nanoseconds, monotonic); it is
// copied. Packets beyond what the disk keeps up with are dropped and counted.
func (r *Recorder) Packet(key Key, at int64, p *Packet) {}

// SenderReport says which wall-clock time of its sender (NTP, 32.32 bits) an RTP
// timestamp of a layer stands for, which keeps a person's sound and picture together.
func (r *Recorder) SenderReport(key Key, at int64, layer int, ntp uint64, rtp uint32) {}

// Named tells a participant's name, for meeting.json; the last one counts.
func (r *Recorder) Named(id identity.PeerID, name string) {}

// Left ends a participant's files; who comes back gets new ones.
func (r *Recorder) Left(id identity.PeerID) {}

// Stats are a recording's figures.
type Stats struct {
	Files   int    // open now
	Bytes   int64  // written to files
	Frames  uint64 // written
	Dropped uint64 // packets that could not be queued, or frames that lacked some
}

// Stats returns the figures of now.
func (r *Recorder) Stats() Stats { return Stats{} }

// Unseal writes what a sealed file holds to out. A file without its end, as a
// crash leaves it, is opened as far as it goes and complete is false.
func Unseal(ctx context.Context, in io.Reader, out io.WriteSeeker, passphrase []byte) (complete bool, err error) {
	return false, ErrNotSealed
}
