package store

import (
	"bytes"
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
)

// KeySize is the size of each key, in bytes.
const KeySize = 32

// Keys are the secrets of a rendezvous that are not in its database. They do not print.
type Keys struct {
	Pepper   [KeySize]byte // hashed into every password
	Ticket   [KeySize]byte // seals tickets
	Database [KeySize]byte // encrypts the database
	Relay    [KeySize]byte // the seed of the relay's identity
	Helper   [KeySize]byte // the seed of the identity of the helper beside the server
}

// Format writes a placeholder whatever the verb.
func (Keys) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, "[keys]") }

// LogValue is the placeholder.
func (Keys) LogValue() slog.Value { return slog.StringValue("[keys]") }

const keyFileHeader = "parley-keys-1 "

// OpenKeys reads the key file, or makes one with randomness from rand if databaseDir holds nothing yet.
//
// The file holds one random root, from which HKDF-SHA-256 (RFC 5869) derives each key under a name of its own: a file is
// made and backed up whole or not at all, and a further key needs no new file.
//
// It fails with ErrKeys, and a sentence for the operator, if the file is missing although there is a database that only it
// opens, if others can read it or write beside it, or if it is damaged.
func OpenKeys(path, databaseDir string, rand io.Reader) (Keys, error) {
	if err := secureKeyFolder(filepath.Dir(path)); err != nil {
		return Keys{}, err
	}
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		files, err := os.ReadDir(databaseDir)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return Keys{}, fmt.Errorf("%w: look for a database: %w", ErrKeys, err)
		}
		if len(files) > 0 {
			return Keys{}, fmt.Errorf("%w: %s is missing, and without it %s cannot be read; put it back from your backup", ErrKeys, path, databaseDir)
		}
		if text, err = makeKeyFile(path, rand); err != nil {
			return Keys{}, fmt.Errorf("%w: make %s: %w", ErrKeys, path, err)
		}
	} else if err != nil {
		return Keys{}, fmt.Errorf("%w: read: %w", ErrKeys, err)
	}
	info, err := os.Stat(path)
	if err != nil {
		return Keys{}, fmt.Errorf("%w: %w", ErrKeys, err)
	}
	if mode := info.Mode().Perm(); runtime.GOOS != "windows" && mode&0o077 != 0 {
		return Keys{}, fmt.Errorf("%w: others can reach %s (mode %04o); run: chmod 600 %s", ErrKeys, path, mode, path)
	}
	root, ok := parseKeyFile(text)
	if !ok {
		return Keys{}, fmt.Errorf("%w: %s is damaged; put it back from your backup", ErrKeys, path)
	}
	return deriveKeys(root)
}

func secureKeyFolder(dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("%w: make folder: %w", ErrKeys, err)
	}
	info, err := os.Stat(dir)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrKeys, err)
	}
	if mode := info.Mode().Perm(); runtime.GOOS != "windows" && mode&0o022 != 0 {
		return fmt.Errorf("%w: others can write to %s (mode %04o); look at what is in it, then run: chmod 700 %s", ErrKeys, dir, mode, dir)
	}
	return nil
}

// makeKeyFile writes a whole file or none, and never over another: a second process that starts at the same time reads the first one's.
func makeKeyFile(path string, rand io.Reader) (text []byte, err error) {
	var root [KeySize]byte
	if _, err := io.ReadFull(rand, root[:]); err != nil {
		return nil, err
	}
	f, err := os.CreateTemp(filepath.Dir(path), ".keys-*") // mode 0600
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, os.Remove(f.Name())) }()
	_, err = f.WriteString(keyFileHeader + base64.StdEncoding.EncodeToString(root[:]) + "\n")
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return nil, err
	}
	if err := os.Link(f.Name(), path); err != nil && !errors.Is(err, fs.ErrExist) {
		return nil, err
	}
	if err := syncFolder(filepath.Dir(path)); err != nil {
		return nil, err
	}
	return os.ReadFile(path)
}

func syncFolder(dir string) error {
	if runtime.GOOS == "windows" {
		return nil
	}
	f, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

func parseKeyFile(text []byte) (root []byte, ok bool) {
	encoded, ok := bytes.CutPrefix(text, []byte(keyFileHeader))
	if !ok || len(encoded) > 2*KeySize {
		return nil, false
	}
	root, err := base64.StdEncoding.Strict().DecodeString(string(bytes.TrimRight(encoded, "\r\n")))
	return root, err == nil && len(root) == KeySize
}

func deriveKeys(root []byte) (Keys, error) {
	var keys Keys
	for name, key := range map[string]*[KeySize]byte{
		"pepper": &keys.Pepper, "ticket": &keys.Ticket, "database": &keys.Database, "relay": &keys.Relay, "helper": &keys.Helper,
	} {
		derived, err := hkdf.Key(sha256.New, root, nil, "parley/1/"+name, KeySize)
		if err != nil {
			return Keys{}, fmt.Errorf("%w: derive: %w", ErrKeys, err)
		}
		copy(key[:], derived)
	}
	return keys, nil
}
