package store

import (
	"bytes"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

func TestOpenKeys(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "data")
	path, database := filepath.Join(dir, "keys"), filepath.Join(dir, "db")
	var wg sync.WaitGroup
	made := make([]Keys, 8) // two processes that start at once must end up with one file
	for i := range made {
		wg.Go(func() {
			var err error
			if made[i], err = OpenKeys(path, database, rand.Reader); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	again, err := OpenKeys(path, database, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, keys := range made {
		if keys != again {
			t.Fatal("keys changed")
		}
	}
	if again.Pepper == again.Ticket || again.Pepper == again.Database || again.Ticket == again.Database || again.Pepper == [32]byte{} {
		t.Error("keys are not independent")
	}
	for path, want := range map[string]fs.FileMode{path: 0o600, dir: 0o700} {
		if info, err := os.Stat(path); err != nil || info.Mode().Perm() != want {
			t.Errorf("%s: %v, %v", path, info.Mode(), err)
		}
	}
	if files, err := os.ReadDir(dir); err != nil || len(files) != 1 {
		t.Errorf("%v, %v", files, err)
	}
}

// The derivation is a promise: a key file of today must open tomorrow's database.
func TestKeysStayTheSame(t *testing.T) {
	t.Parallel()
	keys, err := deriveKeys(make([]byte, KeySize))
	if err != nil {
		t.Fatal(err)
	}
	got := fmt.Sprintf("%x %x %x %x", keys.Pepper[:4], keys.Ticket[:4], keys.Database[:4], keys.Relay[:4])
	if want := "b08b7b2b f9c62692 1798d459 69867ca1"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestKeysDoNotPrint(t *testing.T) {
	t.Parallel()
	keys := Keys{Pepper: [KeySize]byte{200, 201}}
	var log bytes.Buffer
	slog.New(slog.NewTextHandler(&log, nil)).Info("x", "keys", keys, "pointer", &keys)
	for _, s := range []string{fmt.Sprint(keys), fmt.Sprintf("%+v %#v %x %d %s", keys, keys, keys, keys, &keys), log.String()} {
		if strings.Contains(s, "200") || strings.Contains(s, "c8") {
			t.Errorf("keys print: %s", s)
		}
	}
}

func TestKeyFileRefusals(t *testing.T) {
	t.Parallel()
	setup := func(t *testing.T) (dir, path string) {
		dir = t.TempDir()
		if err := os.Chmod(dir, 0o700); err != nil {
			t.Fatal(err)
		}
		path = filepath.Join(dir, "keys")
		if _, err := OpenKeys(path, filepath.Join(dir, "db"), rand.Reader); err != nil {
			t.Fatal(err)
		}
		return dir, path
	}
	for name, test := range map[string]struct {
		spoil func(dir, path string) error
		says  string
	}{
		"readable":      {func(_, path string) error { return os.Chmod(path, 0o640) }, "chmod 600"},
		"folder":        {func(dir, _ string) error { return os.Chmod(dir, 0o770) }, "chmod 700"},
		"cut short":     {func(_, path string) error { return os.Truncate(path, 30) }, "damaged"},
		"empty":         {func(_, path string) error { return os.Truncate(path, 0) }, "damaged"},
		"something":     {func(_, path string) error { return os.WriteFile(path, []byte("hello"), 0o600) }, "damaged"},
		"another's key": {func(_, path string) error { return os.WriteFile(path, []byte("parley-keys-2 AAAA"), 0o600) }, "damaged"},
		"lost": {func(dir, path string) error {
			if err := os.MkdirAll(filepath.Join(dir, "db", "MANIFEST"), 0o700); err != nil {
				return err
			}
			return os.Remove(path)
		}, "put it back"},
	} {
		dir, path := setup(t)
		if err := test.spoil(dir, path); err != nil {
			t.Fatal(err)
		}
		_, err := OpenKeys(path, filepath.Join(dir, "db"), rand.Reader)
		if !errors.Is(err, ErrKeys) || !strings.Contains(err.Error(), test.says) || !strings.Contains(err.Error(), dir) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
