package media

import (
	"context"
	"errors"
	"io"
	"testing"
	"testing/synctest"
	"time"
)

// bursty is a reader of one byte frames that stops now and then.
type bursty struct {
	next, end int
	stop      time.Duration
	data      []byte
	given     int
}

func (b *bursty) Tracks() []Track { return []Track{{Source: SourceMic, Codec: Opus, Layers: 1}} }

func (b *bursty) Next(ctx context.Context) (Frame, error) {
	if b.next == b.end {
		return Frame{}, io.EOF
	}
	if b.next%100 == 99 {
		select {
		case <-time.After(b.stop):
		case <-ctx.Done():
			return Frame{}, ctx.Err()
		}
	}
	b.next++
	b.given++
	b.data[0] = byte(b.next)
	return Frame{Data: b.data, Time: time.Duration(b.next-1) * 20 * time.Millisecond, Key: true}, nil
}

func (b *bursty) Rewind() error { b.next = 0; return nil }
func (b *bursty) Close() error  { return nil }

// Guards the sound of a film on a busy machine: an encoder that stops for a
// second every two is not heard, and frames come in their order, twice.
func TestReadAheadHidesStops(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		inner := &bursty{end: 500, stop: time.Second, data: make([]byte, 1)}
		r := readAhead(t.Context(), inner)
		for round := range 2 {
			time.Sleep(3 * time.Second) // what a consumer does before it begins
			begun := time.Now()
			for i := range inner.end {
				frame, err := r.Next(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				if frame.Data[0] != byte(i+1) {
					t.Fatalf("round %d: frame %d is number %d", round, i+1, frame.Data[0])
				}
				if late := time.Since(begun) - frame.Time; late > 0 {
					t.Fatalf("round %d: frame %d is %v late", round, i, late)
				}
				time.Sleep(frame.Time + 20*time.Millisecond - time.Since(begun))
			}
			for range 2 {
				if _, err := r.Next(t.Context()); !errors.Is(err, io.EOF) {
					t.Errorf("round %d ends with %v", round, err)
				}
			}
			if err := r.Rewind(); err != nil {
				t.Fatal(err)
			}
		}
		_ = r.Close()
	})
}

// Guards memory: how far ahead is bounded, by frames and by bytes.
func TestReadAheadIsBounded(t *testing.T) {
	t.Parallel()
	for size, most := range map[int]int{1: aheadFrames + 1, 1 << 20: aheadBytes>>20 + 1} {
		synctest.Test(t, func(t *testing.T) {
			inner := &bursty{end: 10_000, data: make([]byte, size)}
			r := readAhead(t.Context(), inner)
			synctest.Wait()
			for range 20 {
				if _, err := r.Next(t.Context()); err != nil {
					t.Fatal(err)
				}
				synctest.Wait()
			}
			if ahead := inner.given - 20; ahead > most || ahead < most-1 {
				t.Errorf("%d frames of %d bytes ahead, want %d", ahead, size, most)
			}
			_ = r.Close()
			r.stop()
		})
	}
}
