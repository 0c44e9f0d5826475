package webm

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"time"
)

// Bounds of what a Reader holds in memory, in bytes.
const (
	MaxBlock  = 8<<20 + 64 // one block with its header
	maxMaster = 1 << 20    // the EBML header, Info or Tracks
	maxTracks = 64
)

// Error says where a file stops making sense. It wraps io.ErrUnexpectedEOF when
// the file is cut off there.
type Error struct {
	Offset int64 // of the element that cannot be read
	Why    string
	err    error
}

func (e *Error) Error() string { return fmt.Sprintf("webm: at byte %d: %s", e.Offset, e.Why) }

func (e *Error) Unwrap() error { return e.err }

// ErrNotWebM: the first bytes are not those of a WebM or Matroska file.
var ErrNotWebM = errors.New("webm: not a WebM file")

// Block is one frame.
type Block struct {
	Track    uint64 // its number, as in Track.Number
	Time     time.Duration
	Duration time.Duration // 0 when the file does not say
	Key      bool
	Data     []byte // valid until the next call
}

// Position is a place between blocks to which a Reader of a file can return.
type Position struct {
	Offset  int64
	cluster uint64
}

// Reader takes a WebM stream apart, forwards; over an io.ReadSeeker it can also
// go back. Clusters and the segment may be of unknown size.
type Reader struct {
	source   io.Reader
	in       *bufio.Reader
	offset   int64 // of the next byte
	scale    uint64
	duration float64 // in scale's ticks, 0 unknown
	tracks   []Track
	start    Position
	cluster  uint64 // timestamp of the current cluster, in ticks
	buffer   []byte
	laced    []Block // frames of the last block that wait
	place    Position
}

// NewReader reads up to the first cluster.
func NewReader(source io.Reader) (*Reader, error) {
	r := &Reader{source: source, in: bufio.NewReaderSize(source, 64<<10), scale: 1_000_000}
	if err := r.readHeader(); err != nil {
		return nil, err
	}
	r.start = Position{Offset: r.offset}
	r.place = r.start
	return r, nil
}

// Tracks are the file's.
func (r *Reader) Tracks() []Track { return r.tracks }

// Duration is what the file says of itself; 0 when it does not.
func (r *Reader) Duration() time.Duration {
	nanoseconds := r.duration * float64(r.scale)
	if !(nanoseconds > 0 && nanoseconds < 1<<62) {
		return 0
	}
	return time.Duration(nanoseconds)
}

// Start is the place before the first block.
func (r *Reader) Start() Position { return r.start }

// Position is the place of the block that Next returned last.
func (r *Reader) Position() Position { return r.place }

// Seek makes Next go on from a place that Position or Start returned.
func (r *Reader) Seek(to Position) error {
	seeker, ok := r.source.(io.Seeker)
	if !ok {
		return errors.New("webm: a pipe cannot go back")
	}
	if _, err := seeker.Seek(to.Offset, io.SeekStart); err != nil {
		return fmt.Errorf("webm: going back: %w", err)
	}
	r.in.Reset(r.source)
	r.offset, r.cluster, r.laced = to.Offset, to.cluster, nil
	return nil
}

// Next returns the next frame, io.EOF at the end, or an *Error.
func (r *Reader) Next() (Block, error) {
	for len(r.laced) == 0 {
		if err := r.readBlocks(); err != nil {
			return Block{}, err
		}
	}
	block := r.laced[0]
	r.laced = r.laced[1:]
	return block, nil
}

// readBlocks reads elements up to and with one that holds frames. Clusters are
// entered and never left: whatever may follow one is recognised by its ID, so
// that it does not matter whether sizes are known.
func (r *Reader) readBlocks() error {
	for {
		at := r.offset
		id, size, err := r.readElement()
		if err != nil {
			return err
		}
		switch id {
		case idEBML:
			return io.EOF // another file follows; it is not this one
		case idSegment, idCluster:
			continue
		case idTimestamp:
			if err := r.readTimestamp(at, size); err != nil {
				return err
			}
			continue
		case idSimpleBlock, idBlockGroup:
			content, err := r.readContent(at, size, MaxBlock)
			if err != nil {
				return err
			}
			r.place = Position{Offset: at, cluster: r.cluster}
			if id == idSimpleBlock {
				return r.parseBlock(at, content, blockFlags{simple: true})
			}
			return r.parseGroup(at, content)
		case idVoid, idCRC32, idSeekHead, idInfo, idTracks, idCues, idTags, idAttachments, idChapters,
			idSilentTracks, idPosition, idPrevSize:
			if err := r.skip(at, size); err != nil {
				return err
			}
		default:
			return &Error{Offset: at, Why: fmt.Sprintf("an element %X that WebM does not have there", id)}
		}
	}
}

func (r *Reader) readTimestamp(at int64, size uint64) error {
	content, err := r.readContent(at, size, 8)
	if err != nil {
		return err
	}
	cluster, _ := element{content: content}.number()
	if cluster > (1<<61)/r.scale {
		return &Error{Offset: at, Why: "a cluster's time is absurd"}
	}
	r.cluster = cluster
	return nil
}

// readElement reads an ID and a size; io.EOF only before the first byte.
func (r *Reader) readElement() (id uint32, size uint64, err error) {
	at := r.offset
	head, err := r.in.Peek(12)
	if len(head) == 0 {
		if errors.Is(err, io.EOF) {
			return 0, 0, io.EOF
		}
		return 0, 0, fmt.Errorf("webm: reading: %w", err)
	}
	id, n := parseID(head)
	if n == 0 {
		return 0, 0, r.broken(at, head, "no element begins there")
	}
	size, m := parseSize(head[n:])
	if m == 0 {
		return 0, 0, r.broken(at, head, "an element without a size")
	}
	if size == unknownSize && id != idSegment && id != idCluster {
		return 0, 0, &Error{Offset: at, Why: "an element of unknown size that must say it"}
	}
	_, _ = r.in.Discard(n + m) // just peeked
	r.offset += int64(n + m)
	return id, size, nil
}

// broken tells a file that is cut off from one that makes no sense.
func (r *Reader) broken(at int64, head []byte, why string) error {
	if len(head) < 12 {
		return &Error{Offset: at, Why: "the file ends in the middle of an element", err: io.ErrUnexpectedEOF}
	}
	return &Error{Offset: at, Why: why}
}

// readContent reads an element's content, whose size is checked before it
// allocates. The slice is valid until the next call.
func (r *Reader) readContent(at int64, size uint64, bound int) ([]byte, error) {
	if size > uint64(bound) {
		return nil, &Error{Offset: at, Why: fmt.Sprintf("an element of %d bytes, more than the %d that one may have", size, bound)}
	}
	if uint64(cap(r.buffer)) < size {
		r.buffer = make([]byte, size)
	}
	content := r.buffer[:size]
	n, err := io.ReadFull(r.in, content)
	r.offset += int64(n)
	if err != nil {
		return nil, cutOff(at, err)
	}
	return content, nil
}

func (r *Reader) skip(at int64, size uint64) error {
	const step = 1 << 30
	for size > 0 {
		n, err := r.in.Discard(int(min(size, step)))
		r.offset += int64(n)
		if err != nil {
			return cutOff(at, err)
		}
		size -= uint64(n)
	}
	return nil
}

func cutOff(at int64, err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return &Error{Offset: at, Why: "the file ends in the middle of an element", err: io.ErrUnexpectedEOF}
	}
	return fmt.Errorf("webm: reading: %w", err)
}
