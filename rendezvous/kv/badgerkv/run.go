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

// Keys outside of what kv allows: one that is dropped, and the ends of everything.
var (
	compactMark  = []byte("\x00compact")
	compactFirst = []byte("\x01")
	compactLast  = []byte("\xff")
)

// Compact rewrites the store so that the bytes of deleted, replaced and expired values are gone from the disk. It does
// nothing if there are none. Others wait only while the newest megabytes are written out. (In a store of more than some 80 MB the oldest bytes
// may take several rounds.)
func (s *Store) Compact(ctx context.Context) error {
	s.compacting.Lock()
	defer s.compacting.Unlock()
	if !s.garbage.collect(time.Now()) {
		return nil
	}
	err := s.flush(ctx)
	if err == nil {
		err = s.flatten(ctx)
	}
	if err != nil {
		s.garbage.add()
		return fmt.Errorf("badgerkv: compact: %w", err)
	}
	return tightenFiles(s.config.Dir)
}

// flush moves everything out of the log and the memtable, which Badger does by itself only when they are full: in a quiet
// store never. Dropping a prefix does it too; the mark is there so that there is something to drop, and the ends so that every table is
// rewritten and loses what has expired.
func (s *Store) flush(ctx context.Context) error {
	s.open.Lock()
	defer s.open.Unlock()
	if s.closed {
		return kv.ErrClosed
	}
	// Tables are written anew before the old ones go.
	if err := s.ballast.check(s.config.Reserve); err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := s.db.Update(func(txn *badger.Txn) error {
		return errors.Join(txn.Set(compactMark, nil), txn.Delete(compactFirst), txn.Delete(compactLast))
	}); err != nil {
		return err
	}
	return s.db.DropPrefix(compactMark)
}

// flatten merges the levels, while others read and write.
func (s *Store) flatten(ctx context.Context) error {
	leave, err := s.enter(ctx)
	if err != nil {
		return err
	}
	defer leave()
	if err := s.db.Flatten(1); err != nil {
		return err
	}
	return s.db.View(func(txn *badger.Txn) error {
		options := badger.DefaultIteratorOptions
		options.PrefetchValues = false
		it := txn.NewIterator(options)
		defer it.Close()
		for it.Rewind(); it.Valid(); it.Next() {
			s.garbage.addAt(it.Item().ExpiresAt())
		}
		return nil
	})
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
