package client

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"

	"github.com/parley-mesh/parley/pkg/identity"
)

// LoadOrCreateIdentity reads the key file at path, and makes one there, in a
// folder for its owner alone, if there is none. Of several processes that
// start at once one makes it and all load it. It fails with [ErrKeyReadable]
// when others may open the file, and with [identity.ErrKeyFile] when it is
// something else.
func LoadOrCreateIdentity(path string) (*identity.Identity, error) {
	id, err := loadIdentity(path)
	if !errors.Is(err, fs.ErrNotExist) {
		return id, err
	}
	if err := createIdentity(path); err != nil {
		return nil, fmt.Errorf("client: create key file: %w", err)
	}
	return loadIdentity(path)
}

func loadIdentity(path string) (*identity.Identity, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("client: open key file: %w", err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, fmt.Errorf("client: open key file: %w", err)
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("client: open key file: %w", identity.ErrKeyFile)
	}
	// Windows has no such bits; there the folder of the user protects it.
	if runtime.GOOS != "windows" && info.Mode().Perm()&0o077 != 0 {
		return nil, fmt.Errorf("%w: %s", ErrKeyReadable, path)
	}
	data, err := io.ReadAll(io.LimitReader(f, identity.MaxKeyFile+1))
	if err != nil {
		return nil, fmt.Errorf("client: read key file: %w", err)
	}
	id, err := identity.ParsePEM(data)
	if err != nil {
		return nil, fmt.Errorf("client: read key file: %w", err)
	}
	return id, nil
}

// createIdentity writes a new key file, whole or not at all, and never over
// another.
func createIdentity(path string) error {
	id, err := identity.Generate(rand.Reader)
	if err != nil {
		return err
	}
	data, err := id.MarshalPEM()
	if err != nil {
		return err
	}
	folder := filepath.Dir(path)
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return err
	}
	f, err := os.CreateTemp(folder, ".identity-*") // mode 0600
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	_, err = f.Write(data)
	if err == nil {
		err = f.Sync()
	}
	if err := errors.Join(err, f.Close()); err != nil {
		return err
	}
	// A link, unlike a rename, fails when another process was faster.
	if err := os.Link(f.Name(), path); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	return nil
}
