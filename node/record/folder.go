package record

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
)

// folder is where a recording lies. Nothing outside of it is touched: whatever
// a name is made of, os.Root does not leave it.
type folder struct {
	root       *os.Root
	lock       *os.File
	key        *sealKey // nil: not sealed
	passphrase []byte
}

// lockName is the file by which a second recorder sees the first.
const lockName = ".recording"

// openFolder makes the folder if need be, keeps others out, and finds the key.
func openFolder(dir string, options Options) (_ *folder, err error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("record: %w", err)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, fmt.Errorf("record: %w", err)
	}
	f := &folder{root: root, passphrase: options.Passphrase}
	defer func() {
		if err != nil {
			f.close()
		}
	}()
	if f.lock, err = root.OpenFile(lockName, os.O_CREATE|os.O_RDWR, 0o600); err != nil {
		return nil, fmt.Errorf("record: %w", err)
	}
	if err := lockFile(f.lock); err != nil {
		return nil, fmt.Errorf("%w: %s", ErrBusy, dir)
	}
	sealed := len(options.Passphrase) > 0
	if f.has(manifestName+sealedSuffix) != sealed && (!sealed || f.has(manifestName)) {
		return nil, ErrSealedFolder
	}
	if sealed {
		if f.key, err = f.findKey(options.scryptWork); err != nil {
			return nil, err
		}
	}
	return f, nil
}

// has tells whether there is a file, under the very name. A sealed meeting.json
// may have been opened beside itself.
func (f *folder) has(name string) bool {
	_, err := f.root.Lstat(name)
	return !errors.Is(err, fs.ErrNotExist)
}

// findKey goes on with the key of the recording that is there, or makes one.
func (f *folder) findKey(work int) (*sealKey, error) {
	file, err := f.root.Open(manifestName + sealedSuffix)
	if errors.Is(err, fs.ErrNotExist) {
		return newSealKey(f.passphrase, work)
	}
	if err != nil {
		return nil, fmt.Errorf("record: %w", err)
	}
	defer func() { _ = file.Close() }() // it was only read
	return openSealKey(file, f.passphrase)
}

func (f *folder) close() {
	_ = f.root.Close()
	if f.lock != nil {
		_ = f.lock.Close() // and with it the lock
	}
}

// openRecords begins to read a sealed file of this folder, whose key is known.
func (f *folder) openRecords(in io.Reader) (*records, error) {
	begin := int64(len(sealedMagic) + 4 + len(f.key.blob))
	head := make([]byte, begin)
	if _, err := io.ReadFull(in, head); err != nil || !bytes.HasSuffix(head, f.key.blob) {
		return nil, ErrSealedDamaged
	}
	return &records{in: bufio.NewReaderSize(in, 1<<20), key: f.key, end: begin}, nil
}
