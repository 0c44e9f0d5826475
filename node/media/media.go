package media

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/parley-mesh/parley/pkg/sframe"
)

// Codec is how a track is encoded.
type Codec string

// The codecs that links carry.
const (
	Opus Codec = "opus"
	VP8  Codec = "vp8"
	VP9  Codec = "vp9"
)

// Video tells pictures from sound.
func (c Codec) Video() bool { return c == VP8 || c == VP9 }

// SFrame is what the sealing of frames calls the codec.
func (c Codec) SFrame() sframe.Codec {
	switch c {
	case VP8:
		return sframe.CodecVP8
	case Opus:
		return sframe.CodecOpus
	default:
		return sframe.CodecOther
	}
}

// ClockRate is the RTP clock of the codec, in ticks a second (RFC 7587, RFC 7741, RFC 9628).
func (c Codec) ClockRate() uint32 {
	if c.Video() {
		return 90_000
	}
	return 48_000
}

// The sources that a track can be, by the protocol's words.
const (
	SourceCamera = "camera"
	SourceMic    = "mic"
)

// Track is one of a reader's streams: at most one of pictures and one of sound.
type Track struct {
	Source string // SourceCamera or SourceMic
	Codec  Codec
	Layers int // 1 for sound; 1 to MaxLayers for pictures, from the smallest
	Width  int // of the largest layer, in pixels; 0 when the container does not say
	Height int
}

// MaxLayers is the largest number of sizes in which a picture is sent.
const MaxLayers = 3

// MaxFrame bounds one encoded frame, in bytes. A larger one is a broken file:
// nothing that this codec family writes for a meeting comes near it.
const MaxFrame = 8 << 20

// Frame is one encoded picture, or one Opus packet.
type Frame struct {
	Track    int // index into Tracks
	Layer    int // 0 is the smallest
	Data     []byte
	Time     time.Duration // since the track's beginning; starts over after Rewind
	Duration time.Duration // 0 when the container does not say
	Key      bool          // a decoder can begin here; always true for sound
}

// Reader gives a source's frames in the order of their times. It is not safe
// for concurrent use, but for Close, which ends a waiting Next.
type Reader interface {
	// Tracks does not change after Open.
	Tracks() []Track
	// Next returns the next frame, whose data is valid until the call after,
	// io.EOF at the end, or a [*BrokenError] where the file stops being readable.
	Next(ctx context.Context) (Frame, error)
	// Rewind goes back to the beginning.
	Rewind() error
	Close() error
}

// Stepper is a Reader that can go back to a place where a decoder can begin.
type Stepper interface {
	Reader
	// StepBack makes Next go on from the last key frame that it returned.
	StepBack() error
}

var (
	// ErrNoMedia: nothing that this package, or the installed ffmpeg, can read.
	ErrNoMedia = errors.New("media: nothing that can be played")
	// ErrNoFFmpeg: the source needs ffmpeg and it is not installed.
	ErrNoFFmpeg = errors.New("media: ffmpeg is not installed")
	// ErrFFmpeg: ffmpeg ended with an error; the error's text ends with what it said.
	ErrFFmpeg = errors.New("media: ffmpeg gave up")
	// ErrCodec: a known container with nothing in it that a link carries.
	ErrCodec = errors.New("media: no VP8, VP9 or Opus track")

	errNoKey = errors.New("media: no key frame has come by yet")
)

// BrokenError says where a file stops being readable. What came before it was good.
type BrokenError struct {
	Name   string // of the file
	Format string // "IVF", "Ogg", "WebM"
	Offset int64  // of the first byte that makes no sense
	At     time.Duration
	Why    string
}

func (e *BrokenError) Error() string {
	return fmt.Sprintf("media: %s file %q is broken at byte %d, %v from its beginning: %s", e.Format, e.Name, e.Offset, e.At.Round(time.Millisecond), e.Why)
}
