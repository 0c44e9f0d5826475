package record

import (
	"bytes"
	"encoding/binary"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/parley-mesh/parley/pkg/protocol"
)

// unsealFile opens a sealed file beside itself.
func unsealFile(t *testing.T, path, passphrase string) (to string, complete bool, err error) {
	t.Helper()
	in, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = in.Close() }()
	to = strings.TrimSuffix(path, sealedSuffix)
	out, err := os.Create(to)
	if err != nil {
		t.Fatal(err)
	}
	complete, err = Unseal(t.Context(), in, out, []byte(passphrase))
	if err := out.Close(); err != nil {
		t.Fatal(err)
	}
	return to, complete, err
}

func unsealAll(t *testing.T, dir, passphrase string) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*"+sealedSuffix))
	if err != nil || len(files) == 0 {
		t.Fatalf("sealed files: %q, %v", files, err)
	}
	for _, file := range files {
		if _, complete, err := unsealFile(t, file, passphrase); err != nil || !complete {
			t.Fatalf("%s: complete %v, %v", file, complete, err)
		}
	}
}

// sealedRecording records two seconds sealed and returns its one media file.
func sealedRecording(t *testing.T) (dir, file string) {
	t.Helper()
	dir = t.TempDir()
	options := annaOptions
	options.Passphrase = []byte("correct horse")
	r := start(t, dir, options)
	r.Named(anna, "Anna")
	r.feed(anna, newStream(1, true, 0, protocol.SourceCamera, protocol.SourceMic), 2*time.Second)
	if err := r.end(); err != nil {
		t.Fatal(err)
	}
	files, _ := filepath.Glob(filepath.Join(dir, "*.webm"+sealedSuffix))
	if len(files) != 1 {
		t.Fatalf("files %q", files)
	}
	return dir, files[0]
}

// Guards the seal: nothing plain is on the disk, the passphrase opens it and
// nothing else does, and what comes out is what an open recording is.
func TestSealed(t *testing.T) {
	t.Parallel()
	dir, file := sealedRecording(t)
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		content, err := os.ReadFile(filepath.Join(dir, entry.Name()))
		if err != nil {
			t.Fatal(err)
		}
		for _, plain := range []string{"Anna", "Stand-up", "OpusHead", "V_VP8", "\x9D\x01\x2A", string(anna)} {
			if bytes.Contains(content, []byte(plain)) {
				t.Errorf("%s shows %q", entry.Name(), plain)
			}
		}
	}
	if _, _, err := unsealFile(t, file, "wrong"); !errors.Is(err, ErrPassphrase) {
		t.Errorf("a wrong passphrase: %v", err)
	}
	options := annaOptions
	options.Passphrase = []byte("wrong")
	if _, err := New(dir, options); !errors.Is(err, ErrPassphrase) {
		t.Errorf("going on with another passphrase: %v", err)
	}
	unsealAll(t, dir, "correct horse")
	m := readManifest(t, dir)
	if len(m.Files) != 1 || m.Files[0].Name != "Anna" {
		t.Fatalf("manifest %+v", m)
	}
	if c := readFile(t, filepath.Join(dir, m.Files[0].File)); c.duration < 1980*ms || len(c.tracks) != 2 {
		t.Errorf("%v of %d tracks", c.duration, len(c.tracks))
	}
}

// sealedRecords says where the key and each record of a sealed file end.
func sealedRecords(t *testing.T, file []byte) (bounds []int) {
	t.Helper()
	at := len(sealedMagic)
	for at < len(file) {
		at += 4 + int(binary.BigEndian.Uint32(file[at:]))
		bounds = append(bounds, at)
	}
	if len(bounds) < 5 || at != len(file) {
		t.Fatalf("the sealed file has records that end at %v of %d", bounds, len(file))
	}
	return bounds
}

// Guards against altered recordings, and for cut ones: what is whole opens.
func TestSealedAltered(t *testing.T) {
	t.Parallel()
	_, path := sealedRecording(t)
	file, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	b := sealedRecords(t, file)
	key, second, third, last := b[0], b[1], b[2], b[len(b)-1]
	join := func(parts ...[]byte) []byte { return bytes.Join(parts, nil) }
	_, other := sealedRecording(t)
	foreign, err := os.ReadFile(other)
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		name     string
		file     []byte
		is       error
		complete bool
	}{
		{"whole", file, nil, true},
		{"with something behind it", join(file, []byte("more")), nil, true},
		{"cut in a record", file[:last-3], nil, false},
		{"cut between records", file[:third], nil, false},
		{"zeros behind a record", join(file[:third], make([]byte, 1000)), nil, false},
		{"a torn last record", join(file[:third], file[third:third+20], make([]byte, 300)), nil, false},
		{"a record left out", join(file[:second], file[third:]), ErrSealedDamaged, false},
		{"a record twice", join(file[:third], file[second:]), ErrSealedDamaged, false},
		{"a record altered", join(file[:third-1], []byte{file[third-1] ^ 1}, file[third:]), ErrSealedDamaged, false},
		{"another recording's records", join(file[:key], foreign[key:]), ErrSealedDamaged, false},
		{"an absurd length", join(file[:key], []byte{0xFF, 0xFF, 0xFF, 0xFF, 0}), ErrSealedDamaged, false},
		{"a damaged key", join(file[:key-1], []byte{file[key-1] ^ 1}, file[key:]), ErrSealedDamaged, false},
		{"not sealed", []byte("age-encryption.org/v1\n"), ErrNotSealed, false},
		{"empty", nil, ErrNotSealed, false},
	} {
		out, err := os.Create(filepath.Join(t.TempDir(), "out"))
		if err != nil {
			t.Fatal(err)
		}
		complete, err := Unseal(t.Context(), bytes.NewReader(test.file), out, []byte("correct horse"))
		if !errors.Is(err, test.is) || complete != test.complete {
			t.Errorf("%s: complete %v, %v, want %v and %v", test.name, complete, err, test.complete, test.is)
		}
		_ = out.Close()
	}
}

// Guards Unseal against files that ask for minutes of work and gigabytes: the
// passphrase of a foreign file is not stretched beyond the bound.
func TestSealedWorkIsBounded(t *testing.T) {
	t.Parallel()
	blob := "age-encryption.org/v1\n-> scrypt bm90IHJlYWxseSBhIHNhbHQ 30\n" + strings.Repeat("A", 43) + "\n--- " + strings.Repeat("A", 43) + "\n"
	file := append([]byte(sealedMagic), binary.BigEndian.AppendUint32(nil, uint32(len(blob)))...)
	if _, err := Unseal(t.Context(), bytes.NewReader(append(file, blob...)), nil, []byte("x")); !errors.Is(err, ErrSealedDamaged) && !errors.Is(err, ErrPassphrase) {
		t.Errorf("%v", err)
	}
}
