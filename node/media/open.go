package media

import (
	"context"
	"fmt"
	"log/slog"
)

// Options say how a source is to be opened.
type Options struct {
	// Layers is how many sizes of the picture the consumer can send, 1 to MaxLayers;
	// 0 is 1. Only what ffmpeg encodes has more than one.
	Layers int
	// Loop lets ffmpeg begin a file again by itself, without a gap.
	Loop bool
	// FFmpeg is the program's path; "" looks for ffmpeg in the PATH.
	FFmpeg string
	// Logger may be nil.
	Logger *slog.Logger
}

// Open opens a file, device or URL for playing: an IVF, Ogg or WebM file by
// itself, everything else through ffmpeg.
func Open(ctx context.Context, name string, options Options) (Reader, error) {
	return nil, fmt.Errorf("%w: %q", ErrNoMedia, name)
}

func (e *BrokenError) Error() string {
	return fmt.Sprintf("media: %s is broken at byte %d, %v after its beginning: %s: %s", e.Format, e.Offset, e.At, e.Why, e.Name)
}
