package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"syscall"
	"time"
)

// A process is a server under measurement.
type process struct {
	command *exec.Cmd
	url     string // where it listens, as it printed it
	folder  string // its data; removed at the end
}

var printedURL = regexp.MustCompile(`http://[^\s]+`)

// start runs a server and waits until it prints its address.
func start(ctx context.Context, binary string, args ...string) (*process, error) {
	command := exec.CommandContext(ctx, binary, args...)
	command.Cancel = func() error { return command.Process.Signal(syscall.SIGTERM) }
	command.WaitDelay = 10 * time.Second
	var complaints bytes.Buffer
	command.Stderr = &complaints
	out, err := command.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := command.Start(); err != nil {
		return nil, fmt.Errorf("start %s: %w", filepath.Base(binary), err)
	}
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if url := printedURL.FindString(lines.Text()); url != "" {
			go func() { _, _ = io.Copy(io.Discard, out) }()
			return &process{command: command, url: url}, nil
		}
	}
	return nil, errors.Join(fmt.Errorf("%s printed no address: %s", filepath.Base(binary), complaints.Bytes()), command.Wait())
}

// stop ends the server and removes its data.
func (p *process) stop() error {
	_ = p.command.Process.Signal(syscall.SIGTERM)
	err := p.command.Wait()
	var exit *exec.ExitError
	if errors.As(err, &exit) && !exit.Exited() {
		err = nil // ended by the signal, which a yardstick does not catch
	}
	if p.folder != "" {
		err = errors.Join(err, os.RemoveAll(p.folder))
	}
	return err
}

// resident returns the memory that the process occupies, in bytes (Linux).
func (p *process) resident() (float64, error) {
	status, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(p.command.Process.Pid), "status"))
	if err != nil {
		return 0, err
	}
	found := regexp.MustCompile(`VmRSS:\s+(\d+) kB`).FindSubmatch(status)
	if found == nil {
		return 0, errors.New("no VmRSS in the process' status")
	}
	kib, err := strconv.ParseFloat(string(found[1]), 64)
	return kib * 1024, err
}

// startRendezvous runs the rendezvous with its abuse limits off: what is
// measured is the server and not its patience.
func startRendezvous(ctx context.Context, cli *commandLine) (*process, error) {
	binary := cli.Rendezvous
	folder, err := os.MkdirTemp("", "parley-bench-")
	if err != nil {
		return nil, err
	}
	if binary == "" {
		binary = filepath.Join(folder, "parley-rendezvous")
		build := exec.CommandContext(ctx, "go", "build", "-o", binary, "github.com/parley-mesh/parley/cmd/parley-rendezvous")
		build.Env = append(os.Environ(), "CGO_ENABLED=0")
		if out, err := build.CombinedOutput(); err != nil {
			return nil, fmt.Errorf("build the rendezvous: %w: %s", err, out)
		}
	}
	args := []string{"serve", "--listen", "127.0.0.1:0", "--data", filepath.Join(folder, "data")}
	for _, name := range []string{"create", "join", "guess", "connect", "frame"} {
		args = append(args, "--limit", name+"=off")
	}
	p, err := start(ctx, binary, args...)
	if err != nil {
		return nil, errors.Join(err, os.RemoveAll(folder))
	}
	p.folder = folder
	return p, nil
}

// startBare runs one of the yardsticks of this binary.
func startBare(ctx context.Context, name string) (*process, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	return start(ctx, self, name)
}
