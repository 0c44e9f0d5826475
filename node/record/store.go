package record

import (
	"errors"
	"io/fs"
	"os"
)

// store is a file of the recording on disk, sealed or not. What write has
// returned from survives the process; what sync has returned from survives the machine.
type store interface {
	write(offset int64, data []byte) error
	truncate(size int64) error
	sync() error
	// end says that the file is complete.
	end() error
	close() error
}

// openStore is a store of plain bytes.
type openStore struct{ file *os.File }

func (s openStore) write(offset int64, data []byte) error {
	_, err := s.file.WriteAt(data, offset)
	return err
}

func (s openStore) truncate(size int64) error { return s.file.Truncate(size) }
func (s openStore) sync() error               { return s.file.Sync() }
func (s openStore) end() error                { return s.file.Sync() }
func (s openStore) close() error              { return s.file.Close() }

// suffix of sealed files' names.
const sealedSuffix = ".age"

// create makes a new file of the recording; it must not exist.
func (f *folder) create(name string) (store, error) {
	file, err := f.root.OpenFile(f.name(name), os.O_CREATE|os.O_EXCL|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	if f.key == nil {
		return openStore{file}, nil
	}
	s, err := newSealedStore(file, f.key)
	if err != nil {
		_ = file.Close() // the first error says it
		return nil, err
	}
	return s, nil
}

// name is how a file is called on disk.
func (f *folder) name(name string) string {
	if f.key != nil {
		return name + sealedSuffix
	}
	return name
}

// replace writes a small file whole, or leaves the old one.
func (f *folder) replace(name string, content []byte) (err error) {
	temporary := name + ".new"
	if err := f.root.Remove(f.name(temporary)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	s, err := f.create(temporary)
	if err != nil {
		return err
	}
	err = s.write(0, content)
	if err == nil {
		err = s.end()
	}
	if err = errors.Join(err, s.close()); err != nil {
		_ = f.root.Remove(f.name(temporary)) // the first error says it
		return err
	}
	return f.root.Rename(f.name(temporary), f.name(name))
}
