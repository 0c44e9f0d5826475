package client_test

import (
	"errors"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/parley-mesh/parley/pkg/client"
	"github.com/parley-mesh/parley/pkg/identity"
)

func TestKeyFileIsMadeOnce(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "parley", "identity.pem")
	// Several processes that start at once must not be several people.
	ids := make([]*identity.Identity, 8)
	var wg sync.WaitGroup
	for i := range ids {
		wg.Go(func() {
			id, err := client.LoadOrCreateIdentity(path)
			if err != nil {
				t.Error(err)
			}
			ids[i] = id
		})
	}
	wg.Wait()
	again, err := client.LoadOrCreateIdentity(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range ids {
		if id == nil || !id.Equal(again) {
			t.Errorf("identity %v, want %v", id, again)
		}
	}
	for name, want := range map[string]os.FileMode{path: 0o600, filepath.Dir(path): 0o700} {
		if info, err := os.Stat(name); err != nil || info.Mode().Perm() != want {
			t.Errorf("%s: %v, %v, want mode %v", name, info.Mode(), err, want)
		}
	}
	if entries, err := os.ReadDir(filepath.Dir(path)); err != nil || len(entries) != 1 {
		t.Errorf("the folder has %v, %v, want the key file alone", entries, err)
	}
}

func TestKeyFileRefused(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	good, err := identity.FromSeed([32]byte{1}).MarshalPEM()
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		data []byte
		mode os.FileMode
		want error
	}{
		"readable by the group":  {good, 0o640, client.ErrKeyReadable},
		"readable by all":        {good, 0o604, client.ErrKeyReadable},
		"writable by all":        {good, 0o602, client.ErrKeyReadable},
		"readable by owner only": {good, 0o400, nil},
		"empty":                  {nil, 0o600, identity.ErrKeyFile},
		"no key":                 {[]byte("hello"), 0o600, identity.ErrKeyFile},
		"very large":             {make([]byte, 1<<20), 0o600, identity.ErrKeyFile},
	} {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, c.data, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(path, c.mode); err != nil {
			t.Fatal(err)
		}
		if _, err := client.LoadOrCreateIdentity(path); !errors.Is(err, c.want) {
			t.Errorf("%s: err = %v, want %v", name, err, c.want)
		}
	}
	if _, err := client.LoadOrCreateIdentity(dir); !errors.Is(err, identity.ErrKeyFile) {
		t.Errorf("a folder: err = %v, want ErrKeyFile", err)
	}
	if _, err := client.LoadOrCreateIdentity(filepath.Join(dir, "empty", "below", "a", "file")); err == nil {
		t.Error("a key file below a file was made")
	}
}
