// Package badgerkv is the embedded engine of rendezvous/kv: Badger in one folder of its own, encrypted,
// with every write synced before it returns.
//
// It owns the folder (0700, refused if others can write), the lock on it, the free space that it keeps, and
// the erasure of expired bytes. It does not own the key: the caller brings it and keeps it elsewhere.
//
// Revisions are Badger's versions. Badger does not tell a writer the version that it wrote, so
// writers of one key take turns under a lock and read it back.
package badgerkv

import (
	"context"
	"errors"
	"fmt"
	"hash/maphash"
	"sync"
	"time"

	"github.com/dgraph-io/badger/v4"

	"github.com/parley-mesh/parley/rendezvous/kv"
)

// stripes bounds how many keys are written at once: more than enough to keep a disk busy with syncs.
const stripes = 64

// Store is a kv.Store in a folder.
type Store struct {
	config  Config
	db      *badger.DB
	ballast ballast
	seed    maphash.Seed
	writers [stripes]sync.Mutex // one key's writers take turns
	garbage garbage

	compacting sync.Mutex // one compaction at a time; taken before open

	// open is held for reading by everything that uses db, for writing by Close and compaction.
	open   sync.RWMutex
	closed bool

	watchers watchers
}

var _ kv.Store = (*Store)(nil)

// Open opens the store in config.Dir or makes one there. It returns ErrLocked if another process
// holds it, ErrKey if it was written with another key, ErrPermissions if others can write to it and
// kv.ErrFull if the disk is too full even to open it; each with a sentence for the operator.
func Open(config Config) (*Store, error) {
	config, err := config.validated()
	if err != nil {
		return nil, err
	}
	if err := secureFolder(config.Dir); err != nil {
		return nil, err
	}
	s := &Store{config: config, seed: maphash.MakeSeed(), ballast: ballast{dir: config.Dir, reserve: config.Reserve}}
	s.garbage.add() // nothing is known of the time before
	if err := s.ballast.makeRoom(); err != nil {
		return nil, err
	}
	s.db, err = badger.Open(config.engineOptions())
	if err != nil {
		return nil, explainOpen(config.Dir, err)
	}
	if err := tightenFiles(config.Dir); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

// Close flushes and closes the engine.
func (s *Store) Close() error {
	s.open.Lock()
	defer s.open.Unlock()
	if s.closed {
		return nil
	}
	s.closed = true
	s.watchers.closeAll()
	// Even without room for the flush the writes are safe in the log; closing is still the better try.
	_ = s.ballast.makeRoom()
	if err := s.db.Close(); err != nil {
		return fmt.Errorf("badgerkv: close: %w", err)
	}
	return tightenFiles(s.config.Dir)
}

// enter begins an operation; the caller runs leave when it is over.
func (s *Store) enter(ctx context.Context) (leave func(), err error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	s.open.RLock()
	if s.closed {
		s.open.RUnlock()
		return nil, kv.ErrClosed
	}
	return s.open.RUnlock, nil
}

// Get implements kv.Store.
func (s *Store) Get(ctx context.Context, key string) (kv.Entry, error) {
	if err := kv.CheckKey(key); err != nil {
		return kv.Entry{}, err
	}
	leave, err := s.enter(ctx)
	if err != nil {
		return kv.Entry{}, err
	}
	defer leave()
	entry := kv.Entry{Key: key}
	err = s.db.View(func(txn *badger.Txn) error {
		item, err := txn.Get([]byte(key))
		if err != nil {
			return err
		}
		entry.Revision = kv.Revision(item.Version())
		entry.Value, err = item.ValueCopy(nil)
		return err
	})
	if errors.Is(err, badger.ErrKeyNotFound) {
		return kv.Entry{}, kv.ErrNotFound
	}
	if err != nil {
		return kv.Entry{}, fmt.Errorf("badgerkv: get: %w", err)
	}
	return entry, nil
}

// Put implements kv.Store.
func (s *Store) Put(ctx context.Context, key string, value []byte, expect kv.Revision, ttl time.Duration) (kv.Revision, error) {
	if err := kv.CheckPut(key, value, ttl); err != nil {
		return 0, err
	}
	leave, err := s.enter(ctx)
	if err != nil {
		return 0, err
	}
	defer leave()
	if err := s.ballast.allowWrite(); err != nil {
		return 0, err
	}
	entry := badger.NewEntry([]byte(key), append([]byte(nil), value...))
	if ttl > 0 {
		// Badger keeps whole seconds; rounding up keeps the key for at least its TTL.
		entry.ExpiresAt = uint64(time.Now().Add(ttl + time.Second - 1).Unix())
	}
	revision, err := s.write(key, expect, func(txn *badger.Txn, old kv.Revision) error {
		if old != kv.Absent {
			s.garbage.add()
		}
		s.garbage.addAt(entry.ExpiresAt)
		return txn.SetEntry(entry)
	}, func(revision kv.Revision) kv.Event {
		return kv.Event{Key: key, Value: entry.Value, Revision: revision}
	})
	if err != nil && !errors.Is(err, kv.ErrConflict) {
		return 0, fmt.Errorf("badgerkv: put: %w", err)
	}
	return revision, err
}

// Delete implements kv.Store. It goes on working in half of the reserve, so that a full disk can be cleared.
func (s *Store) Delete(ctx context.Context, key string, expect kv.Revision) error {
	if err := kv.CheckKey(key); err != nil {
		return err
	}
	leave, err := s.enter(ctx)
	if err != nil {
		return err
	}
	defer leave()
	if err := s.ballast.check(s.config.Reserve / 2); err != nil {
		return err
	}
	_, err = s.write(key, expect, func(txn *badger.Txn, old kv.Revision) error {
		if old == kv.Absent {
			return errNothing
		}
		s.garbage.add()
		return txn.Delete([]byte(key))
	}, func(revision kv.Revision) kv.Event {
		return kv.Event{Key: key, Revision: revision, Deleted: true}
	})
	switch {
	case err == nil, errors.Is(err, errNothing):
		return nil
	case errors.Is(err, kv.ErrConflict):
		return err
	default:
		return fmt.Errorf("badgerkv: delete: %w", err)
	}
}

// errNothing ends a write that has nothing to do.
var errNothing = errors.New("badgerkv: nothing to write")

// write runs change in a transaction if key is at the expected revision, and announces what came of it.
func (s *Store) write(key string, expect kv.Revision, change func(*badger.Txn, kv.Revision) error, event func(kv.Revision) kv.Event) (kv.Revision, error) {
	writer := &s.writers[maphash.String(s.seed, key)%stripes]
	writer.Lock()
	defer writer.Unlock()
	err := s.db.Update(func(txn *badger.Txn) error {
		old, err := revision(txn, key)
		if err != nil {
			return err
		}
		if expect != kv.Any && expect != old {
			return kv.ErrConflict
		}
		return change(txn, old)
	})
	if err != nil {
		return 0, err
	}
	written, err := s.lastWritten(key)
	if err != nil {
		return 0, err
	}
	s.watchers.send(event(written))
	return written, nil
}

// revision is the key's in txn, or kv.Absent.
func revision(txn *badger.Txn, key string) (kv.Revision, error) {
	item, err := txn.Get([]byte(key))
	if errors.Is(err, badger.ErrKeyNotFound) {
		return kv.Absent, nil
	}
	if err != nil {
		return 0, err
	}
	return kv.Revision(item.Version()), nil
}

// lastWritten is the version of the key's last write, a deletion's too.
func (s *Store) lastWritten(key string) (written kv.Revision, err error) {
	err = s.db.View(func(txn *badger.Txn) error {
		options := badger.DefaultIteratorOptions
		options.PrefetchValues = false
		options.AllVersions = true
		it := txn.NewKeyIterator([]byte(key), options)
		defer it.Close()
		if it.Rewind(); !it.Valid() {
			return errors.New("a committed write is not there")
		}
		written = kv.Revision(it.Item().Version())
		return nil
	})
	return written, err
}

// List implements kv.Store.
func (s *Store) List(ctx context.Context, prefix, cursor string, limit int) (kv.Page, error) {
	if err := kv.CheckList(prefix, cursor, limit); err != nil {
		return kv.Page{}, err
	}
	leave, err := s.enter(ctx)
	if err != nil {
		return kv.Page{}, err
	}
	defer leave()
	var page kv.Page
	err = s.db.View(func(txn *badger.Txn) error {
		options := badger.DefaultIteratorOptions
		options.Prefix = []byte(prefix)
		options.PrefetchSize = min(limit, options.PrefetchSize)
		it := txn.NewIterator(options)
		defer it.Close()
		for it.Seek([]byte(max(prefix, cursor))); it.Valid(); it.Next() {
			item := it.Item()
			if len(page.Entries) == limit {
				page.Next = string(item.Key())
				return nil
			}
			value, err := item.ValueCopy(nil)
			if err != nil {
				return err
			}
			page.Entries = append(page.Entries, kv.Entry{Key: string(item.Key()), Value: value, Revision: kv.Revision(item.Version())})
		}
		return nil
	})
	if err != nil {
		return kv.Page{}, fmt.Errorf("badgerkv: list: %w", err)
	}
	return page, nil
}

// Watch implements kv.Store.
func (s *Store) Watch(ctx context.Context, prefix string) (<-chan kv.Event, error) {
	if err := kv.CheckList(prefix, "", 1); err != nil {
		return nil, err
	}
	leave, err := s.enter(ctx)
	if err != nil {
		return nil, err
	}
	defer leave()
	return s.watchers.add(ctx, prefix), nil
}
