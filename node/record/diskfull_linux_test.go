package record

import (
	"errors"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/parley-mesh/parley/pkg/protocol"
)

// Guards the meeting against the disk: it is told once, what was written plays,
// and nothing that comes after it matters.
func TestDiskFull(t *testing.T) {
	t.Parallel()
	if os.Getuid() != 0 {
		t.Skip("mounting a small file system needs root")
	}
	dir := t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=128k"); err != nil {
		t.Skipf("no file system can be mounted here: %v", err)
	}
	t.Cleanup(func() { _ = syscall.Unmount(dir, 0) })
	r := start(t, dir, annaOptions)
	s := newStream(3, true, 0, protocol.SourceCamera, protocol.SourceMic)
	var err error
	for at := time.Second; err == nil; at += time.Second {
		if at > time.Hour {
			t.Fatal("the disk never became full")
		}
		r.feed(anna, s, at)
		for len(r.queue) > 0 && err == nil {
			select {
			case err = <-r.done:
			case <-time.After(ms):
			}
		}
	}
	var stopped *StoppedError
	if !errors.As(err, &stopped) || !errors.Is(err, syscall.ENOSPC) {
		t.Fatalf("ended with %v, want a StoppedError of ENOSPC", err)
	}
	r.feed(anna, s, 2*time.Hour) // is nobody's worry any more
	files, _ := filepath.Glob(filepath.Join(dir, "*.webm"))
	if len(files) != 1 {
		t.Fatalf("files %q", files)
	}
	if c := readFile(t, files[0]); c.duration < 2*time.Second || len(c.data) != 2 {
		t.Errorf("%v are left, of %d tracks", c.duration, len(c.data))
	}
}
