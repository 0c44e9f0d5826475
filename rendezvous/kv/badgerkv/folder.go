package badgerkv

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/dgraph-io/badger/v4"
)

// secureFolder makes dir with mode 0700, or takes one that is there if only its owner can write to it.
func secureFolder(dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("badgerkv: make folder: %w", err)
	}
	info, err := os.Stat(dir)
	if err != nil {
		return fmt.Errorf("badgerkv: look at folder: %w", err)
	}
	mode := info.Mode().Perm()
	if runtime.GOOS == "windows" || mode == 0o700 {
		return nil
	}
	if mode&0o022 != 0 {
		return fmt.Errorf("%w: others can write to %s (mode %04o); look at what is in it, then run: chmod 700 %s", ErrPermissions, dir, mode, dir)
	}
	if err := os.Chmod(dir, 0o700); err != nil {
		return fmt.Errorf("%w: cannot close %s to others: %w", ErrPermissions, dir, err)
	}
	return nil
}

// tightenFiles gives the engine's files mode 0600. Badger makes some by the process's umask; until this
// has run, the folder's own mode is what keeps others out.
func tightenFiles(dir string) error {
	return filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) {
			return nil // the engine deletes files as it works
		}
		if err != nil {
			return fmt.Errorf("badgerkv: look through folder: %w", err)
		}
		if !entry.Type().IsRegular() {
			return nil
		}
		if err := os.Chmod(path, 0o600); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("badgerkv: close file to others: %w", err)
		}
		return nil
	})
}

// explainOpen turns what Badger says about a folder that it cannot open into a sentence for the operator.
func explainOpen(dir string, err error) error {
	switch {
	case errors.Is(err, badger.ErrEncryptionKeyMismatch):
		return fmt.Errorf("%w: the key does not fit the data in %s; put back the key file that belongs to it", ErrKey, dir)
	case strings.Contains(err.Error(), "Another process is using this Badger database"):
		return fmt.Errorf("%w: another process holds %s; stop it, or choose another folder", ErrLocked, dir)
	default:
		return fmt.Errorf("badgerkv: open %s: %w", dir, err)
	}
}
