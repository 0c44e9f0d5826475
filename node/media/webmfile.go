package media

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/parley-mesh/parley/node/media/webm"
)

// webmReader reads a WebM file, or what ffmpeg writes to a pipe. The video
// tracks of the latter are one picture's layers, from the smallest.
type webmReader struct {
	name   string
	in     *webm.Reader
	tracks []Track
	roles  map[uint64]role // by the container's track number
	at     time.Duration
	key    webm.Position
	hasKey bool
}

// role is what a container's track is to the consumer.
type role struct{ track, layer int }

// newWebM opens a stream; layered says that every video track is a layer. When
// the file has tracks that links do not carry, skipped names their codecs.
func newWebM(name string, source io.Reader, layered bool) (r *webmReader, skipped []string, err error) {
	in, err := webm.NewReader(source)
	if err != nil {
		return nil, nil, fmt.Errorf("%w: %q: %w", ErrNoMedia, name, err)
	}
	r = &webmReader{name: name, in: in, roles: make(map[uint64]role)}
	camera, mic := -1, -1
	for _, t := range in.Tracks() {
		codec, ok := webmCodec(t)
		switch {
		case t.Video && camera < 0 && ok:
			camera = len(r.tracks)
			r.roles[t.Number] = role{camera, 0}
			r.tracks = append(r.tracks, Track{Source: SourceCamera, Codec: codec, Layers: 1, Width: t.Width, Height: t.Height})
		case t.Video && camera >= 0 && layered && r.tracks[camera].Layers < MaxLayers && codec == r.tracks[camera].Codec:
			c := &r.tracks[camera]
			r.roles[t.Number] = role{camera, c.Layers}
			c.Layers++
			c.Width, c.Height = t.Width, t.Height
		case t.Audio && mic < 0 && ok:
			mic = len(r.tracks)
			r.roles[t.Number] = role{mic, 0}
			r.tracks = append(r.tracks, Track{Source: SourceMic, Codec: codec, Layers: 1})
		case t.Video && camera < 0, t.Audio && mic < 0:
			skipped = append(skipped, t.Codec)
		}
	}
	if len(r.tracks) == 0 {
		return nil, skipped, fmt.Errorf("%w in %q, but %q", ErrCodec, name, skipped)
	}
	return r, skipped, nil
}

func webmCodec(t webm.Track) (Codec, bool) {
	switch {
	case t.Video && t.Codec == webm.CodecVP8:
		return VP8, true
	case t.Video && t.Codec == webm.CodecVP9:
		return VP9, true
	case t.Audio && t.Codec == webm.CodecOpus && t.Channels <= 2:
		return Opus, true
	default:
		return "", false
	}
}

func (r *webmReader) Tracks() []Track { return r.tracks }

func (r *webmReader) Next(ctx context.Context) (Frame, error) {
	for {
		if err := ctx.Err(); err != nil {
			return Frame{}, err
		}
		block, err := r.in.Next()
		if err != nil {
			return Frame{}, r.failed(err)
		}
		role, ok := r.roles[block.Track]
		if !ok || len(block.Data) == 0 {
			continue
		}
		frame := Frame{
			Track: role.track, Layer: role.layer, Data: block.Data,
			Time: block.Time, Duration: block.Duration, Key: block.Key,
		}
		r.at = block.Time
		codec := r.tracks[role.track].Codec
		if !codec.Video() {
			frame.Duration, frame.Key = OpusDuration(block.Data), true
			if frame.Duration == 0 {
				continue
			}
			return frame, nil
		}
		picture, ok := Inspect(codec, block.Data)
		if !ok {
			return Frame{}, r.failed(&webm.Error{Offset: r.in.Position().Offset, Why: fmt.Sprintf("what should be a picture is not %s", codec)})
		}
		if frame.Key = picture.Key; picture.Key {
			r.key, r.hasKey = r.in.Position(), true
		}
		return frame, nil
	}
}

func (r *webmReader) failed(err error) error {
	if errors.Is(err, io.EOF) {
		return io.EOF
	}
	var broken *webm.Error
	if errors.As(err, &broken) {
		return &BrokenError{Name: r.name, Format: "WebM", Offset: broken.Offset, At: r.at, Why: broken.Why}
	}
	return fmt.Errorf("media: reading %q: %w", r.name, err)
}

func (r *webmReader) Rewind() error {
	r.hasKey = false
	return r.in.Seek(r.in.Start())
}

func (r *webmReader) StepBack() error {
	if !r.hasKey {
		return errNoKey
	}
	return r.in.Seek(r.key)
}

func (r *webmReader) Close() error { return nil }
