package record

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"time"

	"github.com/parley-mesh/parley/node/media/webm"
)

// repair completes the files that a crash left without an end, and says whether
// there were any.
func (f *folder) repair(m *manifest) (any bool, err error) {
	kept := m.Files[:0]
	for _, entry := range m.Files {
		if !entry.Ended.IsZero() || entry.Damaged {
			kept = append(kept, entry)
			continue
		}
		any = true
		duration, err := f.repairFile(entry.File)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			continue // it was about to be made
		case errors.Is(err, webm.ErrNotRecoverable), errors.Is(err, ErrSealedDamaged):
			entry.Damaged = true
		case err != nil:
			return true, fmt.Errorf("record: repairing %s: %w", entry.File, err)
		default:
			entry.Repaired = true
			entry.end(duration)
		}
		kept = append(kept, entry)
	}
	m.Files = kept
	return any, nil
}

// repairFile gives one file its end.
func (f *folder) repairFile(name string) (duration time.Duration, err error) {
	file, err := f.root.OpenFile(f.name(name), os.O_RDWR, 0)
	if err != nil {
		return 0, err
	}
	var s store = openStore{file}
	var plain io.ReadSeeker = file
	ended := false
	if f.key != nil {
		sealed, err := f.resumeStore(file)
		if err != nil {
			return 0, errors.Join(err, file.Close())
		}
		s, ended = sealed, sealed.ended
		plain = &replayed{folder: f, file: file}
	}
	defer func() { err = errors.Join(err, s.close()) }()
	completion, done, err := webm.Recover(plain)
	if err != nil {
		return 0, err
	}
	if done {
		return plainDuration(plain)
	}
	if ended {
		return completion.Duration, nil
	}
	if err := complement(s, completion); err != nil {
		return 0, err
	}
	return completion.Duration, s.end()
}

// plainDuration is what a complete file says of itself.
func plainDuration(file io.ReadSeeker) (time.Duration, error) {
	if _, err := file.Seek(0, io.SeekStart); err != nil {
		return 0, err
	}
	r, err := webm.NewReader(file)
	if err != nil {
		return 0, webm.ErrNotRecoverable
	}
	return r.Duration(), nil
}

// resumeStore goes on behind the last whole record of a sealed file.
func (f *folder) resumeStore(file *os.File) (*sealedStore, error) {
	if _, err := file.Seek(0, io.SeekStart); err != nil {
		return nil, err
	}
	records, err := f.openRecords(file)
	if err != nil {
		return nil, err
	}
	for {
		if _, err := records.next(); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return nil, err
		}
	}
	if err := file.Truncate(records.end); err != nil {
		return nil, err
	}
	return &sealedStore{
		file: file, key: f.key, id: records.id, number: records.number, size: records.end, ended: records.complete,
	}, nil
}

// replayed is a sealed file's plain content, from its beginning, as far as it
// was only appended to: what the end of a file patches comes last, and a repair
// does it anew. It can seek to its beginning only.
type replayed struct {
	folder  *folder
	file    *os.File
	records *records
	rest    []byte
	size    int64
}

func (r *replayed) Seek(offset int64, whence int) (int64, error) {
	if offset != 0 || whence != io.SeekStart {
		return 0, errors.New("record: a sealed file is read from its beginning")
	}
	if _, err := r.file.Seek(0, io.SeekStart); err != nil {
		return 0, err
	}
	records, err := r.folder.openRecords(r.file)
	if err != nil {
		return 0, err
	}
	r.records, r.rest, r.size = records, nil, 0
	return 0, nil
}

func (r *replayed) Read(p []byte) (int, error) {
	for len(r.rest) == 0 {
		record, err := r.records.next()
		if err != nil {
			return 0, err
		}
		if record.kind != recordWrite || record.offset != r.size {
			return 0, io.EOF
		}
		r.rest = record.data
		r.size += int64(len(record.data))
	}
	n := copy(p, r.rest)
	r.rest = r.rest[n:]
	return n, nil
}

// readAllSealed opens a small sealed file.
func (f *folder) readAllSealed(file *os.File) (io.Reader, error) {
	replay := &replayed{folder: f, file: file}
	if _, err := replay.Seek(0, io.SeekStart); err != nil {
		return nil, err
	}
	content, err := io.ReadAll(io.LimitReader(replay, maxManifest+1))
	if err != nil {
		return nil, err
	}
	return bytes.NewReader(content), nil
}
