package badgerkv

import (
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/dgraph-io/badger/v4"
	"github.com/dgraph-io/badger/v4/options"

	"github.com/parley-mesh/parley/rendezvous/kv"
)

var (
	// ErrLocked says that another process holds the folder.
	ErrLocked = errors.New("badgerkv: folder is in use")
	// ErrKey says that the folder was encrypted with another key.
	ErrKey = errors.New("badgerkv: wrong key")
	// ErrPermissions says that others than the owner can write to the folder.
	ErrPermissions = errors.New("badgerkv: folder is not safe")
)

// KeySize is the length in bytes of the key that everything on disk is encrypted with (AES-256-CTR).
const KeySize = 32

// Config of a store. Dir and Key are required.
type Config struct {
	// Dir is the folder that the store has for itself. It is made with mode 0700 if it does not exist.
	Dir string
	// Key encrypts everything in Dir. It should be kept elsewhere.
	Key [KeySize]byte
	// Reserve is the free disk space in bytes below which writes are refused with kv.ErrFull.
	// Default 32 MiB; at least 8 MiB. Half of it is also set aside in a file (see ballast.go).
	Reserve int64
	// CompactEvery is how often Run erases what was deleted or has expired. Default 1 h.
	CompactEvery time.Duration
	// Logger receives warnings of the engine. Default: discarded.
	Logger *slog.Logger
}

const (
	minReserve     = 8 << 20
	defaultReserve = 32 << 20
)

func (c Config) validated() (Config, error) {
	if c.Dir == "" {
		return c, errors.New("badgerkv: no folder given")
	}
	if c.Key == [KeySize]byte{} {
		return c, fmt.Errorf("%w: the key is all zeros", ErrKey)
	}
	if c.Reserve == 0 {
		c.Reserve = defaultReserve
	}
	if c.Reserve < minReserve {
		return c, fmt.Errorf("badgerkv: a reserve of %d bytes is less than %d", c.Reserve, minReserve)
	}
	if c.CompactEvery == 0 {
		c.CompactEvery = time.Hour
	}
	if c.CompactEvery < 0 {
		return c, errors.New("badgerkv: a negative interval between compactions")
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	return c, nil
}

// engineOptions are small: a rendezvous holds some thousands of records of one or two kilobytes, and
// Badger's defaults would occupy two gigabytes of sparse files and half a gigabyte of memory for them.
func (c Config) engineOptions() badger.Options {
	return badger.DefaultOptions(c.Dir).
		WithEncryptionKey(c.Key[:]).
		WithSyncWrites(true).
		// Writers of one key are serialised by this package, and no write spans two keys.
		WithDetectConflicts(false).
		WithMemTableSize(2 << 20).
		WithNumMemtables(1).
		WithBlockCacheSize(1 << 20).
		WithIndexCacheSize(1 << 20).
		WithBaseLevelSize(8 << 20).
		WithNumLevelZeroTables(2).
		WithNumLevelZeroTablesStall(8).
		WithNumCompactors(2).
		// Values always fit in the tree, so the value log stays empty and compaction alone erases.
		WithValueThreshold(2 * kv.MaxValue).
		WithValueLogFileSize(4 << 20).
		// What is stored is sealed or short: nothing to gain.
		WithCompression(options.None).
		WithMetricsEnabled(false).
		WithLogger(engineLog{c.Logger})
}

// engineLog passes on warnings and errors; Badger's progress reports are nobody's concern.
type engineLog struct{ *slog.Logger }

func (l engineLog) Errorf(format string, args ...any) {
	l.Error("badger", "message", fmt.Sprintf(format, args...))
}

func (l engineLog) Warningf(format string, args ...any) {
	l.Warn("badger", "message", fmt.Sprintf(format, args...))
}
func (engineLog) Infof(string, ...any)  {}
func (engineLog) Debugf(string, ...any) {}
