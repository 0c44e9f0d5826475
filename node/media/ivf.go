package media

import (
	"bufio"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"time"
)

// The IVF container: a header of 32 bytes, then for each picture its size (4),
// its time (8) and its bytes; all little-endian.
const (
	ivfMagic      = "DKIF"
	ivfHeader     = 32
	ivfMaxHeader  = 4096
	ivfFrameHead  = 12
	ivfLongestGap = time.Hour // between two pictures; more is a broken time
)

type ivfReader struct {
	name   string
	source io.ReadSeeker
	in     *bufio.Reader
	track  Track
	begin  int64 // of the first picture
	offset int64
	tick   timeBase
	last   time.Duration // of the last picture
	step   time.Duration // between the last two
	key    mark          // of the last key frame
	buffer []byte
}

// mark is a place in a file to which its reader can return.
type mark struct {
	offset int64
	at     time.Duration
	ok     bool
}

// timeBase is the length of a tick in seconds, as a fraction.
type timeBase struct{ numerator, denominator uint32 }

// at is the time of a tick; ok is false when it lies beyond a day.
func (b timeBase) at(tick uint64) (time.Duration, bool) {
	seconds := float64(tick) * float64(b.numerator) / float64(b.denominator)
	if seconds > 24*3600 {
		return 0, false
	}
	return time.Duration(seconds * float64(time.Second)), true
}

func newIVF(name string, source io.ReadSeeker) (*ivfReader, error) {
	r := &ivfReader{name: name, source: source, in: bufio.NewReaderSize(source, 64<<10)}
	header := make([]byte, ivfHeader)
	if _, err := io.ReadFull(r.in, header); err != nil {
		return nil, fmt.Errorf("%w: %q ends in its IVF header", ErrNoMedia, name)
	}
	r.begin = int64(binary.LittleEndian.Uint16(header[6:]))
	if r.begin < ivfHeader || r.begin > ivfMaxHeader {
		return nil, fmt.Errorf("%w: the IVF header of %q says that it is %d bytes long", ErrNoMedia, name, r.begin)
	}
	switch fourCC := string(header[8:12]); fourCC {
	case "VP80":
		r.track.Codec = VP8
	case "VP90":
		r.track.Codec = VP9
	default:
		return nil, fmt.Errorf("%w: %q is IVF with %q", ErrCodec, name, fourCC)
	}
	r.track.Source, r.track.Layers = SourceCamera, 1
	r.track.Width = int(binary.LittleEndian.Uint16(header[12:]))
	r.track.Height = int(binary.LittleEndian.Uint16(header[14:]))
	r.tick = timeBase{binary.LittleEndian.Uint32(header[20:]), binary.LittleEndian.Uint32(header[16:])}
	if r.tick.numerator == 0 || r.tick.denominator == 0 {
		r.tick = timeBase{1, 30}
	}
	return r, r.Rewind()
}

func (r *ivfReader) Tracks() []Track { return []Track{r.track} }

func (r *ivfReader) Next(ctx context.Context) (Frame, error) {
	if err := ctx.Err(); err != nil {
		return Frame{}, err
	}
	var head [ivfFrameHead]byte
	if n, err := io.ReadFull(r.in, head[:]); err != nil {
		if n == 0 && errors.Is(err, io.EOF) {
			return Frame{}, io.EOF
		}
		return Frame{}, r.failed(err)
	}
	size := binary.LittleEndian.Uint32(head[:])
	if size == 0 || size > MaxFrame {
		return Frame{}, r.broken(fmt.Sprintf("a picture of %d bytes", size))
	}
	at, ok := r.tick.at(binary.LittleEndian.Uint64(head[4:]))
	if !ok || at > r.last+ivfLongestGap {
		return Frame{}, r.broken("a picture's time is absurd")
	}
	if uint32(cap(r.buffer)) < size {
		r.buffer = make([]byte, size)
	}
	data := r.buffer[:size]
	if _, err := io.ReadFull(r.in, data); err != nil {
		return Frame{}, r.failed(err)
	}
	picture, ok := Inspect(r.track.Codec, data)
	if !ok {
		return Frame{}, r.broken(fmt.Sprintf("what should be a picture is not %s", r.track.Codec))
	}
	if at > r.last {
		r.step = at - r.last
	} else if r.offset > r.begin {
		at = r.last + r.step // some writers number their pictures wrongly; their order is right
	}
	if picture.Key {
		r.key = mark{r.offset, at, true}
	}
	r.offset += ivfFrameHead + int64(size)
	r.last = at
	return Frame{Data: data, Time: at, Key: picture.Key}, nil
}

func (r *ivfReader) failed(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return r.broken("the file ends in the middle of a picture")
	}
	return fmt.Errorf("media: reading %q: %w", r.name, err)
}

func (r *ivfReader) broken(why string) error {
	return &BrokenError{Name: r.name, Format: "IVF", Offset: r.offset, At: r.last, Why: why}
}

func (r *ivfReader) Rewind() error {
	r.key = mark{}
	return r.seek(mark{offset: r.begin})
}

func (r *ivfReader) StepBack() error {
	if !r.key.ok {
		return errNoKey
	}
	return r.seek(r.key)
}

func (r *ivfReader) seek(to mark) error {
	if _, err := r.source.Seek(to.offset, io.SeekStart); err != nil {
		return fmt.Errorf("media: going back in %q: %w", r.name, err)
	}
	r.in.Reset(r.source)
	r.offset, r.last = to.offset, to.at
	return nil
}

func (r *ivfReader) Close() error { return nil }
