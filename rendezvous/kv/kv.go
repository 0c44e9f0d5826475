// Package kv is the small engine interface that the rendezvous keeps its state behind.
//
// It owns the contract and its bounds; engines live below it (badgerkv is the embedded one), and
// kvtest is the suite that every engine passes. It knows nothing of meetings.
//
// The contract is what an embedded tree and a replicated log can both keep: one key at a time, and
// no transaction over several. "Is this key free?" is therefore a [Store.Put] that expects [Absent],
// and "has nobody changed it?" a Put that expects the revision that was read. An index that needs
// a second key is written so that a crash between the two writes leaves it harmless: the reader checks
// what an index entry points to and skips, or deletes, one that points nowhere.
//
// A write that has returned is on stable storage.
package kv

import (
	"context"
	"errors"
	"math"
	"time"
)

var (
	// ErrNotFound says that the key holds nothing, or nothing any more.
	ErrNotFound = errors.New("kv: key not found")
	// ErrConflict says that the key is not at the expected revision. Nothing was written.
	ErrConflict = errors.New("kv: key has another revision")
	// ErrClosed says that the store was closed.
	ErrClosed = errors.New("kv: store is closed")
	// ErrFull says that the disk has no room for a write. What is stored stays readable.
	ErrFull = errors.New("kv: disk is full")
	// ErrInvalid says that a key, value, limit or TTL is outside the bounds of this package.
	ErrInvalid = errors.New("kv: invalid argument")
)

// Revision names one state of one key. It rises with every write of the key.
type Revision uint64

const (
	// Absent as an expected revision: the key must hold nothing.
	Absent Revision = 0
	// Any as an expected revision: whatever the key holds is replaced.
	Any Revision = math.MaxUint64
)

// Entry is a key with what it holds. The value belongs to the caller.
type Entry struct {
	Key      string
	Value    []byte
	Revision Revision
}

// Page is a part of a listing, in ascending byte order of the keys.
type Page struct {
	Entries []Entry
	// Next is the cursor of the following page; empty after the last.
	Next string
}

// Event is one change of one key.
type Event struct {
	Key      string
	Value    []byte // nil if Deleted
	Revision Revision
	Deleted  bool
}

// Store keeps values of up to [MaxValue] bytes under keys that satisfy [ValidKey]. It is safe for concurrent use.
// Every method returns ErrClosed after Close and ErrInvalid for arguments out of bounds.
type Store interface {
	// Get returns ErrNotFound for a key that is absent, deleted or past its TTL.
	Get(ctx context.Context, key string) (Entry, error)

	// Put stores value if the key is at the expected revision, else it returns ErrConflict, and ErrFull if the
	// disk has no room. A positive ttl (at least [MinTTL], kept to the second, rounded up) lets the key
	// vanish by itself; zero keeps it until it is deleted. A later Put replaces the TTL too.
	Put(ctx context.Context, key string, value []byte, expect Revision, ttl time.Duration) (Revision, error)

	// Delete removes the key if it is at the expected revision. With Any, an absent key is no error.
	Delete(ctx context.Context, key string, expect Revision) error

	// List returns at most limit (1 to [MaxPage]) entries whose key begins with prefix, from the
	// cursor on; the empty cursor begins at the first.
	List(ctx context.Context, prefix, cursor string, limit int) (Page, error)

	// Watch sends every change under prefix that happens after it has returned, in order for each key. A key that vanishes by
	// its TTL is not announced: whoever set the TTL knows when. The channel is closed when ctx ends, the
	// store closes, or the reader falls more than [WatchQueue] events behind; it then lists again.
	Watch(ctx context.Context, prefix string) (<-chan Event, error)

	// Close ends the store. A second Close is harmless.
	Close() error
}
