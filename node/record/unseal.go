package record

import (
	"bufio"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"github.com/parley-mesh/parley/node/media/webm"
)

// Output is where Unseal writes to: an empty file.
type Output interface {
	io.ReadWriteSeeker
	Truncate(size int64) error
}

// Unseal writes what a sealed file holds to out. A file without its end, as a
// crash leaves it, is opened as far as it goes and complete is false; a WebM file
// is given an end then, so that it plays.
func Unseal(ctx context.Context, in io.Reader, out Output, passphrase []byte) (complete bool, err error) {
	records, err := openRecords(bufio.NewReaderSize(in, 1<<20), passphrase)
	if err != nil {
		return false, err
	}
	to := outputStore{out}
	for {
		if err := ctx.Err(); err != nil {
			return false, err
		}
		r, err := records.next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return false, err
		}
		if err := r.replay(to); err != nil {
			return false, fmt.Errorf("record: writing the opened file: %w", err)
		}
	}
	if records.complete {
		return true, nil
	}
	completion, done, err := webm.Recover(out)
	if errors.Is(err, webm.ErrNotRecoverable) || done {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("record: looking at the opened file: %w", err)
	}
	if err := complement(to, completion); err != nil {
		return false, fmt.Errorf("record: writing the opened file: %w", err)
	}
	return false, nil
}

// complement gives a file the end that its writer could not.
func complement(to contents, c webm.Completion) error {
	if err := to.truncate(c.Size); err != nil {
		return err
	}
	if len(c.Tail) > 0 {
		if err := to.write(c.Size, c.Tail); err != nil {
			return err
		}
	}
	return patch(to, c.Patches)
}

func patch(to contents, patches []webm.Patch) error {
	for _, p := range patches {
		if err := to.write(p.Offset, p.Data); err != nil {
			return err
		}
	}
	return nil
}

// contents is the part of a store that makes a file's content.
type contents interface {
	write(offset int64, data []byte) error
	truncate(size int64) error
}

// outputStore writes to an Output.
type outputStore struct{ out Output }

func (s outputStore) write(offset int64, data []byte) error {
	if _, err := s.out.Seek(offset, io.SeekStart); err != nil {
		return err
	}
	_, err := s.out.Write(data)
	return err
}

func (s outputStore) truncate(size int64) error { return s.out.Truncate(size) }

// sealedRecord is one record, opened.
type sealedRecord struct {
	kind   byte
	offset int64
	data   []byte
}

func (r sealedRecord) replay(to contents) error {
	switch r.kind {
	case recordWrite:
		return to.write(r.offset, r.data)
	case recordTruncate:
		return to.truncate(r.offset)
	default:
		return nil
	}
}

// records reads a sealed file's records and holds them to their order.
type records struct {
	in       *bufio.Reader
	key      *sealKey
	id       [fileIDSize]byte
	number   uint64
	end      int64 // of the records read so far, in bytes of the sealed file
	size     int64 // of the plain file so far
	complete bool
}

func openRecords(in *bufio.Reader, passphrase []byte) (*records, error) {
	key, err := openSealKey(in, passphrase)
	if err != nil {
		return nil, err
	}
	return &records{in: in, key: key, end: int64(len(sealedMagic) + 4 + len(key.blob))}, nil
}

// next returns the next record. io.EOF is the end, told by the last record or
// by a file that is cut off.
func (r *records) next() (sealedRecord, error) {
	if r.complete {
		return sealedRecord{}, io.EOF
	}
	sealed, err := readSealed(r.in, maxSealed)
	if errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) {
		return sealedRecord{}, io.EOF
	}
	if err != nil {
		return sealedRecord{}, err
	}
	content, err := unseal(sealed, r.key.identity)
	if err != nil || len(content) < recordHead {
		if r.atEnd() {
			return sealedRecord{}, io.EOF // as a power cut leaves it
		}
		return sealedRecord{}, ErrSealedDamaged
	}
	if r.number == 0 {
		copy(r.id[:], content)
	}
	number := binary.BigEndian.Uint64(content[fileIDSize:])
	if [fileIDSize]byte(content) != r.id || number != r.number {
		return sealedRecord{}, ErrSealedDamaged
	}
	record := sealedRecord{
		kind:   content[fileIDSize+8],
		offset: int64(binary.BigEndian.Uint64(content[fileIDSize+9:])),
		data:   content[recordHead:],
	}
	if !r.fits(record) {
		return sealedRecord{}, ErrSealedDamaged
	}
	r.number++
	r.end += int64(4 + len(sealed))
	return record, nil
}

// atEnd tells whether nothing but zeros follows.
func (r *records) atEnd() bool {
	for {
		b, err := r.in.ReadByte()
		if err != nil {
			return true
		}
		if b != 0 {
			return false
		}
	}
}

// fits holds a record to what a writer does: no file has holes.
func (r *records) fits(record sealedRecord) bool {
	if record.offset < 0 || record.offset > r.size {
		return false
	}
	switch record.kind {
	case recordWrite:
		r.size = max(r.size, record.offset+int64(len(record.data)))
	case recordTruncate:
		r.size = record.offset
	case recordEnd:
		r.complete = true
	default:
		return false
	}
	return true
}
