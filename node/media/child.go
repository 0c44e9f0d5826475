package media

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os/exec"
	"strings"
	"sync"
	"time"
)

const (
	childGrace   = time.Second // for a program that has closed its output to end by itself
	childSayings = 2 << 10     // bytes kept of the end of what it says
)

// child is one run of a program that writes to a pipe. It leads a process group
// of its own, so that nothing that it starts outlives it.
type child struct {
	command *exec.Cmd
	output  io.ReadCloser
	said    tail
	unhook  func() bool  // from the context that kills it
	wait    func() error // reaps it, once
}

// startChild runs a program until it ends, kill is called, or the context ends.
// What it says of its input name is told of shown instead.
func startChild(ctx context.Context, program string, arguments []string, name, shown string) (*child, error) {
	c := &child{command: exec.Command(program, arguments...)}
	c.said.name, c.said.shown = name, shown
	c.command.Stderr = &c.said
	c.command.WaitDelay = childGrace
	ownGroup(c.command)
	output, err := c.command.StdoutPipe()
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrFFmpeg, err)
	}
	c.output = output
	if err := c.command.Start(); err != nil {
		return nil, fmt.Errorf("%w: %q does not start: %w", ErrFFmpeg, program, err)
	}
	c.unhook = context.AfterFunc(ctx, c.kill)
	c.wait = sync.OnceValue(func() error {
		defer c.unhook()
		return c.command.Wait()
	})
	return c, nil
}

func (c *child) kill() { killGroup(c.command.Process) }

// end kills the program and reaps it.
func (c *child) end() error {
	c.kill()
	return c.wait()
}

// finish reaps a program that has closed its output.
func (c *child) finish() error {
	timer := time.AfterFunc(childGrace, c.kill)
	defer timer.Stop()
	return c.wait()
}

// tail keeps the end of what a program says on standard error, without the
// password that its input's name may hold.
type tail struct {
	name, shown string

	mu   sync.Mutex
	text []byte
}

func (t *tail) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.text = append(t.text, p...)
	if over := len(t.text) - childSayings; over > 0 {
		t.text = append(t.text[:0], t.text[over:]...)
	}
	return len(p), nil
}

// sentence is what was said, on one line, behind a colon.
func (t *tail) sentence() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	text := strings.ReplaceAll(string(bytes.TrimSpace(t.text)), t.name, t.shown)
	if text == "" {
		return ""
	}
	lines := strings.FieldsFunc(strings.ToValidUTF8(text, "�"), func(c rune) bool { return c < ' ' })
	return ": " + strings.Join(lines, "; ")
}
