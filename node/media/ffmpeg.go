package media

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"runtime"
	"sync"
	"sync/atomic"
	"time"
)

// ffmpegPatience is how long it may take to say something: a camera that has
// gone is told from one that is slow.
const ffmpegPatience = 20 * time.Second

// ffmpegReader reads what ffmpeg encodes. It is no [Stepper]: a pipe cannot go
// back, and a key frame comes every second.
type ffmpegReader struct {
	in        *webmReader // of the present child
	ctx       context.Context
	program   string
	name      string // never shown: see shown
	arguments []string
	stalled   atomic.Bool

	mu     sync.Mutex
	child  *child
	closed bool
}

func openFFmpeg(ctx context.Context, name string, kind inputKind, options Options) (Reader, error) {
	if kind == kindFile {
		switch begin := beginning(name); {
		case plainText(begin):
			return nil, fmt.Errorf("%w: %q is text", ErrNoMedia, name)
		case isPicture(begin):
			kind = kindPicture
		}
	}
	program := options.FFmpeg
	if program == "" {
		program = "ffmpeg"
	}
	path, err := exec.LookPath(program)
	if err != nil {
		return nil, fmt.Errorf("%w, and %q is no IVF, Ogg/Opus or WebM file, which need no other program: install ffmpeg (apt install ffmpeg, brew install ffmpeg), or publish such a file", ErrNoFFmpeg, shown(name))
	}
	r := &ffmpegReader{ctx: ctx, program: path, name: name, arguments: ffmpegArguments(name, kind, options, runtime.NumCPU())}
	if err := r.start(); err != nil {
		return nil, err
	}
	if kind == kindFile || kind == kindPicture {
		return readAhead(ctx, r), nil
	}
	return r, nil
}

// start runs ffmpeg and waits for its first bytes.
func (r *ffmpegReader) start() error {
	r.mu.Lock()
	if r.closed {
		r.mu.Unlock()
		return io.ErrClosedPipe
	}
	c, err := startChild(r.ctx, r.program, r.arguments, r.name, shown(r.name))
	if err == nil {
		r.child = c
	}
	r.mu.Unlock()
	if err != nil {
		return err
	}
	watch := r.watch(c)
	in, _, err := newWebM(shown(r.name), c.output, true)
	watch.Stop()
	if err != nil {
		return fmt.Errorf("%w: %w", ErrNoMedia, r.why(r.ctx, c, io.EOF))
	}
	r.in = in
	return nil
}

func (r *ffmpegReader) watch(c *child) *time.Timer {
	return time.AfterFunc(ffmpegPatience, func() {
		r.stalled.Store(true)
		c.kill()
	})
}

func (r *ffmpegReader) Tracks() []Track { return r.in.Tracks() }

func (r *ffmpegReader) Next(ctx context.Context) (Frame, error) {
	r.mu.Lock()
	c := r.child
	r.mu.Unlock()
	watch := r.watch(c)
	unhook := context.AfterFunc(ctx, c.kill)
	frame, err := r.in.Next(ctx)
	unhook()
	watch.Stop()
	if err != nil {
		return Frame{}, r.why(ctx, c, err)
	}
	return frame, nil
}

// why says why there is no more: the caller's wish, the input's end, or a failure.
func (r *ffmpegReader) why(ctx context.Context, c *child, read error) error {
	end := c.end
	if errors.Is(read, io.EOF) {
		end = c.finish
	}
	failure := end()
	r.mu.Lock()
	closed := r.closed
	r.mu.Unlock()
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case r.ctx.Err() != nil:
		return r.ctx.Err()
	case closed:
		return io.ErrClosedPipe
	case r.stalled.Load():
		return fmt.Errorf("%w: nothing came from %q for %v%s", ErrFFmpeg, shown(r.name), ffmpegPatience, c.said.sentence())
	case errors.Is(read, io.EOF) && failure == nil:
		return io.EOF
	case failure != nil:
		return fmt.Errorf("%w on %q (%w)%s", ErrFFmpeg, shown(r.name), failure, c.said.sentence())
	default:
		return fmt.Errorf("%w on %q: %w%s", ErrFFmpeg, shown(r.name), read, c.said.sentence())
	}
}

// Rewind runs ffmpeg anew.
func (r *ffmpegReader) Rewind() error {
	r.mu.Lock()
	c := r.child
	r.mu.Unlock()
	_ = c.end() // it is done with: how it ends says nothing
	return r.start()
}

// Close ends ffmpeg and waits until it is gone.
func (r *ffmpegReader) Close() error {
	r.mu.Lock()
	c := r.child
	r.closed = true
	r.mu.Unlock()
	_ = c.end() // it is killed: how it ended says nothing
	return nil
}
