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

var (
	printedURL     = regexp.MustCompile(`http://[^\s]+`)
	printedHelping = regexp.MustCompile(`"helping"`)
)

// start runs a server and waits until it prints that it serves: for most its
// address, which is its url then.
func start(ctx context.Context, serves *regexp.Regexp, binary string, args ...string) (*process, error) {
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
		if url := serves.FindString(lines.Text()); url != "" {
			go func() { _, _ = io.Copy(io.Discard, out) }()
			return &process{command: command, url: url}, nil
		}
	}
	return nil, errors.Join(fmt.Errorf("%s does not serve: %s", filepath.Base(binary), complaints.Bytes()), command.Wait())
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
func startRendezvous(ctx context.Context, cli *commandLine, flags ...string) (*process, error) {
	binary, err := cli.binary(ctx, cli.Rendezvous, "parley-rendezvous")
	if err != nil {
		return nil, err
	}
	folder, err := os.MkdirTemp(cli.folder, "data-")
	if err != nil {
		return nil, err
	}
	args := []string{"serve", "--listen", "127.0.0.1:0", "--data", folder}
	for _, name := range []string{"create", "join", "guess", "connect", "frame"} {
		args = append(args, "--limit", name+"=off")
	}
	p, err := start(ctx, printedURL, binary, append(args, flags...)...)
	if err != nil {
		return nil, err
	}
	p.folder = folder
	return p, nil
}

// binary is the given program, or else the one of that name, built from this
// module once.
func (cli *commandLine) binary(ctx context.Context, given, name string) (string, error) {
	if given != "" {
		return given, nil
	}
	built := filepath.Join(cli.folder, name)
	if _, err := os.Stat(built); err == nil {
		return built, nil
	}
	build := exec.CommandContext(ctx, "go", "build", "-o", built, "github.com/parley-mesh/parley/cmd/"+name)
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build %s: %w: %s", name, err, out)
	}
	return built, nil
}

// startBare runs one of the yardsticks of this binary.
func startBare(ctx context.Context, name string, flags ...string) (*process, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	return start(ctx, printedURL, self, append([]string{name}, flags...)...)
}
