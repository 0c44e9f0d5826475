package badgerkv_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/parley-mesh/parley/rendezvous/kv"
	"github.com/parley-mesh/parley/rendezvous/kv/badgerkv"
)

// smallDisk is a file system of its own.
func smallDisk(t *testing.T, size string) string {
	t.Helper()
	dir := t.TempDir()
	if err := unix.Mount("tmpfs", dir, "tmpfs", 0, "mode=0700,size="+size); err != nil {
		t.Skipf("cannot mount a small file system here (root is needed): %v", err)
	}
	t.Cleanup(func() {
		if err := unix.Unmount(dir, 0); err != nil {
			t.Error(err)
		}
	})
	return dir
}

// fill writes a file until the disk has not a byte left.
func fill(t *testing.T, path string) {
	t.Helper()
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	for chunk := make([]byte, 64<<10); ; {
		if _, err = f.Write(chunk); err == nil {
			continue
		}
		if len(chunk) == 1 {
			break
		}
		chunk = chunk[:1]
	}
	if !errors.Is(err, unix.ENOSPC) {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
}

// On a full disk the engine's memory maps would end the process. Writes must be refused before, reads go
// on, and closing and opening again must work; with space, writing does too.
func TestFullDisk(t *testing.T) {
	t.Parallel()
	disk := smallDisk(t, "64m")
	dir := filepath.Join(disk, "db")
	s := open(t, dir)
	value := make([]byte, kv.MaxValue)
	stored := 0
	for ; ; stored++ {
		_, err := s.Put(t.Context(), fmt.Sprintf("k/%d", stored), value, kv.Absent, 0)
		if errors.Is(err, kv.ErrFull) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		if stored > 1000 {
			t.Fatal("64 MiB hold more than 1000 values of 64 KiB")
		}
	}
	if stored == 0 {
		t.Fatal("nothing could be stored")
	}
	readable := func(s *badgerkv.Store) {
		t.Helper()
		for i := range stored {
			if got, err := s.Get(t.Context(), fmt.Sprintf("k/%d", i)); err != nil || len(got.Value) != len(value) {
				t.Fatalf("value %d of %d: %d bytes, %v", i, stored, len(got.Value), err)
			}
		}
	}
	readable(s)
	for _, last := range []bool{false, true} {
		// Who fills the last megabytes in the moment of a compaction ends the process; see ballast.go.
		if err := s.Rest(); err != nil {
			t.Fatal(err)
		}
		filler := filepath.Join(disk, "filler")
		fill(t, filler)
		readable(s)
		if _, err := s.Put(t.Context(), "one-more", nil, kv.Any, 0); !errors.Is(err, kv.ErrFull) {
			t.Fatalf("writing to the full disk: %v", err)
		}
		if err := s.Compact(t.Context()); !errors.Is(err, kv.ErrFull) {
			t.Fatalf("compacting on the full disk: %v", err)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		fill(t, filler)
		if last {
			// Nothing was set aside this time: what cannot be opened safely must be refused, and say why.
			_, err := badgerkv.Open(badgerkv.Config{Dir: dir, Key: testKey})
			wantRefusal(t, err, kv.ErrFull, dir)
		}
		if err := os.Remove(filler); err != nil {
			t.Fatal(err)
		}
		s = open(t, dir)
		readable(s)
	}
}

// What is full can be cleared: deletions work where writes no longer do.
func TestFullDiskCanBeCleared(t *testing.T) {
	t.Parallel()
	disk := smallDisk(t, "96m")
	s := open(t, filepath.Join(disk, "db"))
	put(t, s, "a", "1")
	filler, err := os.Create(filepath.Join(disk, "filler"))
	if err != nil {
		t.Fatal(err)
	}
	var stat unix.Statfs_t
	if err := unix.Statfs(disk, &stat); err != nil {
		t.Fatal(err)
	}
	free := int64(stat.Bavail) * stat.Bsize
	if err := unix.Fallocate(int(filler.Fd()), 0, 0, free-(24<<20)); err != nil {
		t.Fatal(err)
	}
	if err := filler.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Put(t.Context(), "b", nil, kv.Any, 0); !errors.Is(err, kv.ErrFull) {
		t.Fatalf("with 24 MiB free: %v", err)
	}
	if err := s.Delete(t.Context(), "a", kv.Any); err != nil {
		t.Fatalf("deleting: %v", err)
	}
	if err := os.Remove(filler.Name()); err != nil {
		t.Fatal(err)
	}
	put(t, s, "b", "2")
}
