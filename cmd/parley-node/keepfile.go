package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/rogpeppe/go-internal/lockedfile"
)

// keepSuffix is what the key file's name is followed by in the name of the file
// beside it, for its owner alone: what the identity remembers of its meetings.
const keepSuffix = ".meetings"

// maxKeepFile bounds the file, in bytes.
const maxKeepFile = 16 << 20

// keepFile is the file's path. All processes of an identity share it.
type keepFile string

func keepBeside(keyFile string) keepFile { return keepFile(keyFile + keepSuffix) }

// read fails with errKeep. A file that is not there remembers nothing.
func (f keepFile) read() (kept, error) {
	var k kept
	file, err := os.Open(string(f))
	if errors.Is(err, fs.ErrNotExist) {
		return k, nil
	}
	if err != nil {
		return k, fmt.Errorf("%w: %w", errKeep, err)
	}
	defer file.Close()
	data, err := io.ReadAll(io.LimitReader(file, maxKeepFile+1))
	if err == nil && len(data) > maxKeepFile {
		err = fs.ErrInvalid
	}
	if err == nil {
		err = json.Unmarshal(data, &k)
	}
	if err != nil {
		return kept{}, fmt.Errorf("%w: %s: %w", errKeep, string(f), err)
	}
	return k, nil
}

// change writes what change makes of it, whole or not at all. A file that cannot
// be read is left as it is.
func (f keepFile) change(change func(*kept) error) error {
	unlock, err := lockedfile.MutexAt(string(f) + ".lock").Lock()
	if err != nil {
		return fmt.Errorf("%w: %w", errKeep, err)
	}
	defer unlock()
	k, err := f.read()
	if err != nil {
		return err
	}
	if err := change(&k); err != nil {
		return err
	}
	if err := f.write(k); err != nil {
		return fmt.Errorf("%w: %w", errKeep, err)
	}
	return nil
}

func (f keepFile) write(k kept) error {
	data, err := json.MarshalIndent(k, "", "\t")
	if err != nil {
		return err
	}
	file, err := os.CreateTemp(filepath.Dir(string(f)), ".meetings-*") // mode 0600
	if err != nil {
		return err
	}
	defer os.Remove(file.Name())
	_, err = file.Write(append(data, '\n'))
	if err == nil {
		err = file.Sync()
	}
	if err := errors.Join(err, file.Close()); err != nil {
		return err
	}
	return os.Rename(file.Name(), string(f))
}
