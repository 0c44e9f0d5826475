package badgerkv

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"

	"github.com/parley-mesh/parley/rendezvous/kv"
)

// ballast keeps the engine from ever meeting a full disk.
//
// Badger writes its log and its tables through memory maps of sparse files. On a full disk the first
// touch of a page that has no block is not an error but a SIGBUS, which ends the process. So free space is
// looked at before each write, and writes are refused below a reserve that covers what the
// engine itself does next: flush a memtable (2 MiB), compact level 0 into level 1 (at most some 20 MiB).
//
// Others can still fill the disk to the last byte. Reading then goes on, but the next flush or log header
// would kill: so a file of half the reserve is set aside, and given up before closing or opening on such a disk.
// Nothing is written while it is not set aside, so there is nothing to flush that it does not cover.
//
// One moment stays: a compaction that was under way, with the whole reserve free, when somebody else took all of it.
// That ends the process; what was acknowledged is in the log and there after a start.
type ballast struct {
	dir     string
	reserve int64

	mu  sync.Mutex
	set bool // the file is there, at its full size
}

// openNeeds is what opening and closing touch at most without a compaction.
const openNeeds = 6 << 20

func (b *ballast) path() string { return filepath.Join(b.dir, "BALLAST") }
func (b *ballast) size() int64  { return b.reserve / 2 }

// check returns kv.ErrFull if less than need bytes are free.
func (b *ballast) check(need int64) error {
	free, err := freeSpace(b.dir)
	if err != nil {
		return fmt.Errorf("badgerkv: free space: %w", err)
	}
	if free < need {
		return fmt.Errorf("%w: %d MiB are free under %s, %d MiB must stay free", kv.ErrFull, free>>20, b.dir, need>>20)
	}
	return nil
}

// allowWrite returns kv.ErrFull unless the reserve is free and the ballast set aside.
func (b *ballast) allowWrite() error {
	if err := b.check(b.reserve); err != nil {
		return err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.set {
		return nil
	}
	if err := b.setAsideLocked(); err != nil {
		return fmt.Errorf("badgerkv: set space aside: %w", err)
	}
	b.set = true
	return nil
}

func (b *ballast) setAsideLocked() error {
	if info, err := os.Stat(b.path()); err == nil && occupied(info) >= b.size() {
		return nil
	}
	if err := b.check(b.reserve + b.size()); err != nil {
		return err
	}
	f, err := os.OpenFile(b.path(), os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	if err := errors.Join(occupy(f, b.size()), f.Close()); err != nil {
		return errors.Join(err, os.Remove(b.path()))
	}
	return nil
}

// makeRoom gives the ballast up if the disk is so full that opening or closing needs it, and returns
// kv.ErrFull if even that is not enough.
func (b *ballast) makeRoom() error {
	if b.check(b.size()) == nil {
		return nil
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.set = false
	if err := os.Remove(b.path()); err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("badgerkv: make room: %w", err)
	}
	return b.check(openNeeds)
}
