package badgerkv_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/parley-mesh/parley/rendezvous/kv"
	"github.com/parley-mesh/parley/rendezvous/kv/badgerkv"
	"github.com/parley-mesh/parley/rendezvous/kv/kvtest"
)

var testKey = [badgerkv.KeySize]byte{1, 2, 3}

func open(t testing.TB, dir string) *badgerkv.Store {
	t.Helper()
	s, err := badgerkv.Open(badgerkv.Config{Dir: dir, Key: testKey})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func TestConformance(t *testing.T) {
	t.Parallel()
	kvtest.Run(t, kvtest.Engine{
		Open:   func(t *testing.T) kv.Store { return open(t, filepath.Join(t.TempDir(), "db")) },
		InTime: synctest.Test,
	})
}

func put(t testing.TB, s kv.Store, key, value string) {
	t.Helper()
	if _, err := s.Put(t.Context(), key, []byte(value), kv.Any, 0); err != nil {
		t.Fatal(err)
	}
}

func TestReopen(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := open(t, dir)
	put(t, s, "a", "1")
	before, err := s.Get(t.Context(), "a")
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = open(t, dir)
	after, err := s.Get(t.Context(), "a")
	if err != nil || string(after.Value) != "1" || after.Revision != before.Revision {
		t.Fatalf("got %+v, %v; want %+v", after, err, before)
	}
}

// A wrong folder must be refused with a sentence that names it and says what to do, before anything in it changes.
func TestRefusals(t *testing.T) {
	t.Parallel()
	t.Run("held by another", func(t *testing.T) {
		dir := t.TempDir()
		open(t, dir)
		_, err := badgerkv.Open(badgerkv.Config{Dir: dir, Key: testKey})
		wantRefusal(t, err, badgerkv.ErrLocked, dir, "stop it")
	})
	t.Run("another key", func(t *testing.T) {
		dir := t.TempDir()
		s := open(t, dir)
		put(t, s, "a", "1")
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		_, err := badgerkv.Open(badgerkv.Config{Dir: dir, Key: [32]byte{9}})
		wantRefusal(t, err, badgerkv.ErrKey, dir, "key file")
		if got, err := open(t, dir).Get(t.Context(), "a"); err != nil || string(got.Value) != "1" {
			t.Fatalf("after the refusal: %q, %v", got.Value, err)
		}
	})
	t.Run("no key", func(t *testing.T) {
		_, err := badgerkv.Open(badgerkv.Config{Dir: t.TempDir()})
		wantRefusal(t, err, badgerkv.ErrKey, "zeros")
	})
	for _, mode := range []fs.FileMode{0o720, 0o702, 0o777} {
		t.Run(fmt.Sprintf("mode %04o", mode), func(t *testing.T) {
			dir := t.TempDir()
			if err := os.Chmod(dir, mode); err != nil {
				t.Fatal(err)
			}
			_, err := badgerkv.Open(badgerkv.Config{Dir: dir, Key: testKey})
			wantRefusal(t, err, badgerkv.ErrPermissions, dir, "chmod 700")
			if files, _ := os.ReadDir(dir); len(files) != 0 {
				t.Errorf("a refused folder holds %v", files)
			}
		})
	}
	t.Run("a file", func(t *testing.T) {
		file := filepath.Join(t.TempDir(), "file")
		if err := os.WriteFile(file, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := badgerkv.Open(badgerkv.Config{Dir: file, Key: testKey}); err == nil {
			t.Fatal("a file was opened as a folder")
		}
	})
}

func wantRefusal(t *testing.T, err, want error, says ...string) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Fatalf("got %v, want %v", err, want)
	}
	for _, part := range says {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("%q does not say %q", err, part)
		}
	}
}

func TestModes(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "new", "db")
	s := open(t, dir)
	put(t, s, "a", "1")
	if err := s.Compact(t.Context()); err != nil {
		t.Fatal(err)
	}
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := entry.Info()
		if err != nil {
			return err
		}
		want := fs.FileMode(0o600)
		if entry.IsDir() {
			want = 0o700
		}
		if info.Mode().Perm() != want {
			t.Errorf("%s has mode %04o, want %04o", path, info.Mode().Perm(), want)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if runFolder, err := os.Stat(dir); err != nil || runFolder.Mode().Perm() != 0o700 {
		t.Errorf("folder: %v, %v", runFolder, err)
	}
}

// What is readable to group or others only is closed, not refused: that is what mkdir makes.
func TestFolderIsClosedToReaders(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	open(t, dir)
	if info, err := os.Stat(dir); err != nil || info.Mode().Perm() != 0o700 {
		t.Fatalf("%v, %v", info.Mode(), err)
	}
}

// Everything on disk is encrypted, in the log and in the tables alike, and keys are as secret as values.
func TestNothingReadableOnDisk(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := open(t, dir)
	put(t, s, "the-key-in-clear", strings.Repeat("the value in clear ", 50))
	wantNotOnDisk(t, dir, "the-key-in-clear", "the value in clear")
	if err := s.Compact(t.Context()); err != nil {
		t.Fatal(err)
	}
	put(t, s, "the-key-in-clear", "the value in clear, again")
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	wantNotOnDisk(t, dir, "the-key-in-clear", "the value in clear")
}

func wantNotOnDisk(t *testing.T, dir string, secrets ...string) {
	t.Helper()
	files, err := os.ReadDir(dir)
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	for _, file := range files {
		data, err := os.ReadFile(filepath.Join(dir, file.Name()))
		if err != nil {
			t.Fatal(err)
		}
		for _, secret := range secrets {
			if strings.Contains(string(data), secret) {
				t.Errorf("%s holds %q", file.Name(), secret)
			}
		}
	}
}

// The bytes of what was deleted, replaced or has expired must go, not only be hidden: after a compaction the folder is as
// small as if they had never been, and what lives is still there at its revision.
func TestCompactErases(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		dir := t.TempDir()
		s := open(t, dir)
		put(t, s, "live", "here")
		live, err := s.Get(t.Context(), "live")
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Compact(t.Context()); err != nil {
			t.Fatal(err)
		}
		before, err := s.Size()
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() { done <- s.Run(ctx) }()
		value := make([]byte, 32<<10)
		for i := range 300 {
			ttl := time.Duration(0)
			if i%2 == 0 {
				ttl = 10 * time.Minute
			}
			key := fmt.Sprintf("k/%d", i)
			if _, err := s.Put(t.Context(), key, value, kv.Any, ttl); err != nil {
				t.Fatal(err)
			}
			if ttl == 0 {
				if err := s.Delete(t.Context(), key, kv.Any); err != nil {
					t.Fatal(err)
				}
			}
		}
		synctest.Wait()
		if full, err := s.Size(); err != nil || full < before+1<<20 {
			t.Fatalf("wrote 9 MiB into %d bytes, now %d, %v", before, full, err)
		}
		time.Sleep(time.Hour + time.Minute)
		synctest.Wait()
		after, err := s.Size()
		if err != nil {
			t.Fatal(err)
		}
		if after > before+256<<10 {
			t.Errorf("%d bytes before, %d after everything has gone", before, after)
		}
		if got, err := s.Get(t.Context(), "live"); err != nil || got.Revision != live.Revision || string(got.Value) != "here" {
			t.Errorf("what lives: %+v, %v", got, err)
		}
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
}

// What expires when it has long been in the deepest level must go too, with nothing new written near it.
func TestCompactErasesOldTables(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := open(t, t.TempDir())
		value := make([]byte, 32<<10)
		for i := range 150 {
			if _, err := s.Put(t.Context(), fmt.Sprintf("k/%03d", i), value, kv.Absent, time.Hour); err != nil {
				t.Fatal(err)
			}
		}
		put(t, s, "zzz", "here")
		if err := s.Compact(t.Context()); err != nil {
			t.Fatal(err)
		}
		before, err := s.Size()
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Hour + 2*time.Second)
		if err := s.Compact(t.Context()); err != nil {
			t.Fatal(err)
		}
		after, err := s.Size()
		if err != nil {
			t.Fatal(err)
		}
		if after > before-4<<20 {
			t.Errorf("5 MiB have expired; %d bytes before, %d after", before, after)
		}
		if got, err := s.Get(t.Context(), "zzz"); err != nil || string(got.Value) != "here" {
			t.Errorf("what lives: %+v, %v", got, err)
		}
	})
}

// Writers wait for a compaction; none may fail or be lost by it.
func TestWritesDuringCompaction(t *testing.T) {
	t.Parallel()
	s := open(t, t.TempDir())
	done := make(chan struct{})
	go func() {
		defer close(done)
		for i := range 300 {
			if _, err := s.Put(t.Context(), fmt.Sprintf("k/%03d", i), []byte("v"), kv.Absent, time.Hour); err != nil {
				t.Error(err)
			}
		}
	}()
	for compacting := true; compacting; {
		select {
		case <-done:
			compacting = false
		default:
		}
		if err := s.Compact(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	page, err := s.List(t.Context(), "k/", "", kv.MaxPage)
	if err != nil || len(page.Entries) != 300 {
		t.Fatalf("%d of 300 are there, %v", len(page.Entries), err)
	}
}

func BenchmarkPut(b *testing.B) {
	s := open(b, b.TempDir())
	value := make([]byte, 1500)
	i := 0
	for b.Loop() {
		i++
		if _, err := s.Put(b.Context(), fmt.Sprintf("k/%d", i), value, kv.Absent, time.Hour); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkBareSync is the yardstick of BenchmarkPut: the same bytes appended to a file, and synced.
func BenchmarkBareSync(b *testing.B) {
	f, err := os.Create(filepath.Join(b.TempDir(), "f"))
	if err != nil {
		b.Fatal(err)
	}
	value := make([]byte, 1500)
	for b.Loop() {
		if _, err := f.Write(value); err != nil {
			b.Fatal(err)
		}
		if err := f.Sync(); err != nil {
			b.Fatal(err)
		}
	}
	if err := f.Close(); err != nil {
		b.Fatal(err)
	}
}
