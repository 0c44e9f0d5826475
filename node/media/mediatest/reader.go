package mediatest

import (
	"context"
	"io"
	"time"

	"github.com/parley-mesh/parley/node/media"
)

// Reader gives generated pictures and sound without end.
type Reader struct {
	tracks  []media.Track
	sources []source
}

// source is one layer, or the sound.
type source struct {
	track, layer int
	frames       []media.Frame
	next         int
	round        time.Duration // before which the frames come again
	begun        time.Duration // of the present round
}

func (s *source) at() time.Duration { return s.begun + s.frames[s.next].Time }

// NewReader returns a Reader with pictures in 0 to 3 layers and, if wanted, sound.
func NewReader(layers int, sound bool) *Reader {
	r := new(Reader)
	if layers > 0 {
		size := Sizes[layers-1]
		r.tracks = append(r.tracks, media.Track{Source: media.SourceCamera, Codec: media.VP8, Layers: layers, Width: size[0], Height: size[1]})
		for layer := range layers {
			frames := Pictures(layer)
			r.sources = append(r.sources, source{layer: layer, frames: frames, round: time.Duration(len(frames)) * PictureEvery})
		}
	}
	if sound {
		frames := Sounds()
		r.sources = append(r.sources, source{track: len(r.tracks), frames: frames, round: time.Duration(len(frames)) * SoundEvery})
		r.tracks = append(r.tracks, media.Track{Source: media.SourceMic, Codec: media.Opus, Layers: 1})
	}
	return r
}

func (r *Reader) Tracks() []media.Track { return r.tracks }

func (r *Reader) Next(ctx context.Context) (media.Frame, error) {
	if err := ctx.Err(); err != nil {
		return media.Frame{}, err
	}
	if len(r.sources) == 0 {
		return media.Frame{}, io.EOF
	}
	first := &r.sources[0]
	for i := range r.sources[1:] {
		if s := &r.sources[i+1]; s.at() < first.at() {
			first = s
		}
	}
	frame := first.frames[first.next]
	frame.Track, frame.Layer, frame.Time = first.track, first.layer, first.at()
	if first.next++; first.next == len(first.frames) {
		first.next = 0
		first.begun += first.round
	}
	return frame, nil
}

// StepBack begins again with the key frames of every layer.
func (r *Reader) StepBack() error { return r.Rewind() }

func (r *Reader) Rewind() error {
	for i := range r.sources {
		r.sources[i].next, r.sources[i].begun = 0, 0
	}
	return nil
}

func (r *Reader) Close() error { return nil }
