package media

import (
	"bytes"
	"context"
	"sync/atomic"
)

// What is read ahead of the player, at most: some seconds, in frames of all
// tracks and in bytes.
const (
	aheadFrames = 512
	aheadBytes  = 8 << 20
)

// aheadReader reads ahead of its consumer, so that an encoder on a busy machine
// may stop for a moment without anybody seeing it.
type aheadReader struct {
	inner Reader
	ctx   context.Context // of all rounds, until Close
	close context.CancelFunc

	round chan aheadItem // what was read; closed behind the last item
	halt  context.CancelFunc
	bytes atomic.Int64  // that wait in round
	taken chan struct{} // something was taken out of it
	end   error         // of the present round, once it was told
}

// aheadItem is a frame or the error behind the last one.
type aheadItem struct {
	frame Frame
	err   error
}

// readAhead wraps a reader. The context ends it as well as Close.
func readAhead(ctx context.Context, inner Reader) *aheadReader {
	r := &aheadReader{inner: inner, taken: make(chan struct{}, 1)}
	r.ctx, r.close = context.WithCancel(ctx)
	r.begin()
	return r
}

func (r *aheadReader) begin() {
	ctx, cancel := context.WithCancel(r.ctx)
	r.halt, r.end = cancel, nil
	r.round = make(chan aheadItem, aheadFrames)
	r.bytes.Store(0)
	go r.fill(ctx, r.round)
}

// fill reads until the end of a round.
func (r *aheadReader) fill(ctx context.Context, round chan<- aheadItem) {
	defer close(round)
	for {
		frame, err := r.inner.Next(ctx)
		frame.Data = bytes.Clone(frame.Data)
		for r.bytes.Load() >= aheadBytes {
			select {
			case <-r.taken:
			case <-ctx.Done():
				return
			}
		}
		r.bytes.Add(int64(len(frame.Data)))
		select {
		case round <- aheadItem{frame, err}:
		case <-ctx.Done():
			return
		}
		if err != nil {
			return
		}
	}
}

func (r *aheadReader) Tracks() []Track { return r.inner.Tracks() }

func (r *aheadReader) Next(ctx context.Context) (Frame, error) {
	if err := r.ctx.Err(); err != nil {
		return Frame{}, err
	}
	if r.end != nil {
		return Frame{}, r.end
	}
	select {
	case item, ok := <-r.round:
		if !ok {
			item.err = context.Cause(r.ctx) // nothing else ends a round without an error
		}
		r.end = item.err
		r.bytes.Add(-int64(len(item.frame.Data)))
		select {
		case r.taken <- struct{}{}:
		default:
		}
		return item.frame, item.err
	case <-ctx.Done():
		return Frame{}, ctx.Err()
	}
}

// stop ends the present round and waits for it.
func (r *aheadReader) stop() {
	r.halt()
	for range r.round { // what it had read is of no use any more
	}
}

func (r *aheadReader) Rewind() error {
	r.stop()
	if err := r.inner.Rewind(); err != nil {
		return err
	}
	r.begin()
	return nil
}

func (r *aheadReader) Close() error {
	r.close()
	return r.inner.Close()
}
