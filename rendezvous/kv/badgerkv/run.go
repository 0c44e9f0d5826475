package badgerkv

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"time"

	"github.com/dgraph-io/badger/v4"

	"github.com/parley-mesh/parley/rendezvous/kv"
)

// Run erases what was deleted or has expired, every Config.CompactEvery, until ctx ends.
func (s *Store) Run(ctx context.Context) error {
	ticker := time.NewTicker(s.config.CompactEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
		}
		err := s.Compact(ctx)
		switch {
		case errors.Is(err, kv.ErrClosed), errors.Is(err, context.Canceled):
			return nil
		case err != nil:
			s.config.Logger.Warn("could not erase what has expired", "error", err)
		}
	}
}

// compactMark is outside the keys that kv allows.
var compactMark = []byte("\x00compact")

// Compact rewrites the store so that the bytes of deleted, replaced and expired values are gone from the disk. It does
// nothing if there are none. Others wait while it runs, which takes milliseconds for each megabyte stored.
func (s *Store) Compact(ctx context.Context) error {
	leave, err := s.enter(ctx)
	if err != nil {
		return err
	}
	// Tables are written anew before the old ones go.
	err = s.ballast.check(s.config.Reserve)
	leave()
	if err != nil || !s.garbage.Load() {
		return err
	}
	s.open.Lock()
	defer s.open.Unlock()
	if s.closed {
		return kv.ErrClosed
	}
	s.garbage.Store(false)
	if err := s.compactLocked(); err != nil {
		s.garbage.Store(true)
		return fmt.Errorf("badgerkv: compact: %w", err)
	}
	return tightenFiles(s.config.Dir)
}

func (s *Store) compactLocked() error {
	// Badger flushes its memtable only when it is full, which in a quiet store is never. Dropping a prefix
	// flushes it; the mark is there so that there is something to drop.
	if err := s.db.Update(func(txn *badger.Txn) error { return txn.Set(compactMark, nil) }); err != nil {
		return err
	}
	if err := s.db.DropPrefix(compactMark); err != nil {
		return err
	}
	return s.db.Flatten(1)
}

// Size is what the folder occupies on disk, in bytes.
func (s *Store) Size() (int64, error) {
	var total int64
	err := filepath.WalkDir(s.config.Dir, func(_ string, entry fs.DirEntry, err error) error {
		if err == nil && entry.Type().IsRegular() {
			var info fs.FileInfo
			if info, err = entry.Info(); err == nil {
				total += occupied(info)
			}
		}
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("badgerkv: size: %w", err)
	}
	return total, nil
}
