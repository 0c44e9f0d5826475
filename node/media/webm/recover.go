package webm

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"time"
)

// ErrNotRecoverable: the file was not written by a Muxer.
var ErrNotRecoverable = errors.New("webm: not a file that this package can complete")

// Completion is what makes a file whole whose writer died.
type Completion struct {
	Size     int64 // keep this much of the file, and then
	Tail     []byte
	Patches  []Patch
	Duration time.Duration // of what is kept
}

// Recover reads a file as a Muxer left it, perhaps cut off in the middle of a
// cluster, and says how to complete it. For one that is complete already,
// done is true and there is nothing to do.
func Recover(file io.ReadSeeker) (c Completion, done bool, err error) {
	m, done, err := readLayout(file)
	if done || err != nil {
		return Completion{}, done, err
	}
	patch, err := m.reindex(file)
	if err != nil {
		return Completion{}, false, err
	}
	c.Size, c.Duration = m.end, m.duration
	c.Tail, c.Patches = m.Finish(true)
	if patch.Data != nil {
		c.Patches = append([]Patch{patch}, c.Patches...)
	}
	return c, false, nil
}

// readLayout finds the patchable parts again; they are where NewMuxer puts them.
func readLayout(file io.ReadSeeker) (m *Muxer, done bool, err error) {
	head := appendHead(nil)
	m = &Muxer{layout: layout{segment: int64(len(head)), info: int64(len(head)) + seekArea}}
	begin := make([]byte, int(m.durationAt())+durationSize)
	if _, err := file.Seek(0, io.SeekStart); err != nil {
		return nil, false, fmt.Errorf("webm: looking at the file: %w", err)
	}
	if _, err := io.ReadFull(file, begin); err != nil {
		return nil, false, ErrNotRecoverable
	}
	if !bytes.Equal(begin[:len(head)-sizeField], head[:len(head)-sizeField]) {
		return nil, false, ErrNotRecoverable
	}
	if !bytes.Equal(begin[len(head)-sizeField:len(head)], head[len(head)-sizeField:]) {
		return nil, true, nil
	}
	infoSize := begin[m.layout.info+4]
	if id, _ := parseID(begin[m.layout.info:]); id != idInfo || infoSize&0x80 == 0 {
		return nil, false, ErrNotRecoverable
	}
	m.layout.tracks = m.durationAt() + int64(infoSize&0x7F)
	return m, false, nil
}

// reindex reads the clusters, notes their frames and where they end, and
// returns a patch of the last one's size when the file is cut off in it.
func (m *Muxer) reindex(file io.ReadSeeker) (Patch, error) {
	if _, err := file.Seek(0, io.SeekStart); err != nil {
		return Patch{}, fmt.Errorf("webm: looking at the file: %w", err)
	}
	r, err := NewReader(file)
	if err != nil {
		return Patch{}, fmt.Errorf("%w: %w", ErrNotRecoverable, err)
	}
	m.config.Tracks = r.tracks
	m.layout.sizes = make([]int64, len(r.tracks)) // as they were written
	m.end = r.start.Offset
	cluster, size := int64(-1), uint64(0)
	for {
		at := r.offset
		id, length, err := r.readElement()
		if err == nil && id == idCluster {
			cluster, size = at, length
			continue
		}
		if err == nil && id == idTimestamp {
			err = r.readTimestamp(at, length)
		} else if err == nil && id == idSimpleBlock {
			err = m.reindexBlock(r, at, length, cluster)
		} else if err == nil {
			break // cues of an end that was not reached: written anew
		}
		if err != nil {
			var broken *Error
			if !errors.Is(err, io.EOF) && !errors.As(err, &broken) {
				return Patch{}, err
			}
			break
		}
	}
	content := cluster + 4 + sizeField
	if cluster < 0 || m.end <= content || uint64(m.end-content) == size {
		return Patch{}, nil
	}
	return Patch{cluster + 4, appendWideSize(nil, uint64(m.end-content))}, nil
}

func (m *Muxer) reindexBlock(r *Reader, at int64, length uint64, cluster int64) error {
	content, err := r.readContent(at, length, MaxBlock)
	if err != nil {
		return err
	}
	if err := r.parseBlock(at, content, blockFlags{simple: true}); err != nil {
		return err
	}
	for _, block := range r.laced {
		if block.Track < 1 || block.Track > uint64(len(m.config.Tracks)) || cluster < 0 {
			return ErrNotRecoverable
		}
		m.note(block, cluster)
	}
	m.end = r.offset
	return nil
}
