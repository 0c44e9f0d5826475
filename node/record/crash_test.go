//go:build unix

package record

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/parley-mesh/parley/pkg/protocol"
)

// recordingChild is the environment's word that makes the test binary a recorder
// which is killed: the folder, and whether it seals.
const recordingChild = "PARLEY_TEST_RECORDING_CHILD"

// TestMain lets the binary be that recorder.
func TestMain(m *testing.M) {
	if dir := os.Getenv(recordingChild); dir != "" {
		if err := recordForever(dir); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
	os.Exit(m.Run())
}

// recordForever records, and says after each tenth of a second how much it was given.
func recordForever(dir string) error {
	options := annaOptions
	if path, ok := strings.CutSuffix(dir, "?sealed"); ok {
		dir, options.Passphrase = path, []byte("correct horse")
	}
	r, err := New(dir, options)
	if err != nil {
		return err
	}
	r.Named(anna, "Anna")
	failed := make(chan error, 1)
	go func() { failed <- r.Run(context.Background(), openAll) }()
	s := newStream(1, true, time.Hour, protocol.SourceCamera, protocol.SourceMic)
	for at := 100 * ms; ; at += 100 * ms {
		s.until(anna, at, func(source protocol.Source, at int64, p *Packet) { r.Packet(Key{anna, source}, at, p) })
		for len(r.queue) > 0 {
			select {
			case err := <-failed:
				return err
			case <-time.After(ms):
			}
		}
		fmt.Println(at.Milliseconds())
	}
}

// killRecorder runs a recorder in another process, kills it in the middle, and
// returns how much it had been given.
func killRecorder(t *testing.T, dir string) time.Duration {
	t.Helper()
	child := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^$")
	child.Env = append(os.Environ(), recordingChild+"="+dir)
	child.Stderr = os.Stderr
	out, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	given := time.Duration(0)
	for lines := bufio.NewScanner(out); lines.Scan(); {
		n, err := strconv.Atoi(lines.Text())
		if err != nil {
			t.Fatal(err)
		}
		given = time.Duration(n) * ms
		if given == 5*time.Second {
			_ = child.Process.Signal(syscall.SIGKILL)
			break // what it is given after this does not count
		}
	}
	_ = child.Wait()
	if given == 0 {
		t.Fatal("the recorder recorded nothing")
	}
	return given
}

// Guards the promise of kill -9: at most a second is lost, the next start gives
// the file its end and goes on with the recording, sealed or not.
func TestKilled(t *testing.T) {
	t.Parallel()
	for name, sealed := range map[string]bool{"open": false, "sealed": true} {
		dir := t.TempDir()
		where, options := dir, annaOptions
		if sealed {
			where += "?sealed"
			options.Passphrase = []byte("correct horse")
		}
		given := killRecorder(t, where)
		if sealed { // what is there opens as it is
			files, _ := filepath.Glob(filepath.Join(dir, "*.webm.age"))
			if len(files) != 1 {
				t.Fatalf("%s: files %q", name, files)
			}
			path, complete, err := unsealFile(t, files[0], "correct horse")
			if err != nil || complete {
				t.Fatalf("%s: opened, complete %v, %v", name, complete, err)
			}
			if c := readFile(t, path); c.duration < given-time.Second {
				t.Errorf("%s: opened without repair: %v of %v", name, c.duration, given)
			}
		}
		r := start(t, dir, options)
		r.feed(anna, newStream(1, true, 0, protocol.SourceCamera, protocol.SourceMic), time.Second)
		if err := r.end(); err != nil {
			t.Fatal(err)
		}
		if sealed {
			unsealAll(t, dir, "correct horse")
		}
		m := readManifest(t, dir)
		if len(m.Files) != 2 || len(m.Runs) != 2 || !m.Runs[0].Ended.IsZero() || m.Runs[1].Ended.IsZero() {
			t.Fatalf("%s: manifest %+v", name, m)
		}
		first := m.Files[0]
		c := readFile(t, filepath.Join(dir, first.File))
		if !first.Repaired || first.Duration != c.duration.Milliseconds() || c.duration < given-time.Second || first.Name != "Anna" {
			t.Errorf("%s: of %v there are %v; entry %+v", name, given, c.duration, first)
		}
	}
}
