package media

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
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
	// Tell takes what is wrong with a source that is played all the same; nil: nobody.
	Tell func(error)
}

// Open opens a file, device or URL for playing: an IVF, Ogg or WebM file by
// itself, everything else through ffmpeg, which the context ends as well as Close.
func Open(ctx context.Context, name string, options Options) (Reader, error) {
	if strings.Contains(name, "://") {
		return openFFmpeg(ctx, name, kindURL, options)
	}
	info, err := os.Stat(name)
	if err != nil {
		return nil, missing(name, err)
	}
	switch mode := info.Mode(); {
	case mode.IsDir():
		return nil, fmt.Errorf("%w: %q is a folder", ErrNoMedia, name)
	case mode.IsRegular() && info.Size() == 0:
		return nil, fmt.Errorf("%w: %q is empty", ErrNoMedia, name)
	case mode.IsRegular():
		return openFile(ctx, name, options)
	default:
		return openFFmpeg(ctx, name, kindDevice, options)
	}
}

// missing says why there is nothing of that name.
func missing(name string, err error) error {
	switch {
	case name == "":
		return fmt.Errorf("%w: a name is missing", ErrNoMedia)
	case !errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("media: %w", err)
	case !strings.HasPrefix(name, cameras):
		return absentError(fmt.Sprintf("media: there is no file %q", name))
	}
	found, _ := filepath.Glob(cameras + "*") // the pattern is a good one
	if len(found) > 0 {
		return absentError(fmt.Sprintf("media: there is no camera %q, but %s", name, strings.Join(found, ", ")))
	}
	return absentError(fmt.Sprintf("media: there is no camera %q: this machine shows none (modprobe v4l2loopback makes one that other programs fill)", name))
}

// absentError is fs.ErrNotExist in words that suit what is missing.
type absentError string

func (e absentError) Error() string { return string(e) }

func (absentError) Unwrap() error { return fs.ErrNotExist }

// cameras is how the names of Linux' cameras begin.
const cameras = "/dev/video"

// openFile plays what this package reads itself, and gives ffmpeg the rest.
func openFile(ctx context.Context, name string, options Options) (Reader, error) {
	file, err := os.Open(name)
	if err != nil {
		return nil, fmt.Errorf("media: %w", err)
	}
	reader, skipped, err := read(name, file)
	if err == nil && len(skipped) == 0 {
		return &fileReader{reader, file}, nil
	}
	if err != nil && !errors.Is(err, ErrCodec) && !errors.Is(err, errUnknownFormat) {
		_ = file.Close()
		return nil, err
	}
	other, ffmpegErr := openFFmpeg(ctx, name, kindFile, options)
	if ffmpegErr == nil || err != nil {
		_ = file.Close()
		return other, ffmpegErr
	}
	if options.Tell != nil {
		options.Tell(fmt.Errorf("media: part of %q is not played, its %s: %w", name, strings.Join(skipped, " and "), ffmpegErr))
	}
	return &fileReader{reader, file}, nil
}

// Read recognises an IVF, Ogg or WebM file by its first bytes; name is for errors.
func Read(name string, source io.ReadSeeker) (Stepper, error) {
	reader, _, err := read(name, source)
	return reader, err
}

var errUnknownFormat = fmt.Errorf("%w: it is no IVF, Ogg or WebM file", ErrNoMedia)

// read also returns the codecs of the tracks that it leaves out.
func read(name string, source io.ReadSeeker) (reader Stepper, skipped []string, err error) {
	var magic [4]byte
	if _, err := io.ReadFull(source, magic[:]); err != nil {
		return nil, nil, fmt.Errorf("%w: %q", errUnknownFormat, name)
	}
	if _, err := source.Seek(0, io.SeekStart); err != nil {
		return nil, nil, fmt.Errorf("media: reading %q: %w", name, err)
	}
	switch string(magic[:]) {
	case ivfMagic:
		reader, err = orNil(newIVF(name, source))
	case oggMagic:
		reader, err = orNil(newOgg(name, source))
	case "\x1A\x45\xDF\xA3":
		var file *webmReader
		file, skipped, err = newWebM(name, source, false)
		reader, err = orNil(file, err)
	default:
		err = fmt.Errorf("%w: %q", errUnknownFormat, name)
	}
	return reader, skipped, err
}

// orNil keeps a typed nil out of an interface.
func orNil[R Stepper](reader R, err error) (Stepper, error) {
	if err != nil {
		return nil, err
	}
	return reader, nil
}

// fileReader closes the file as well.
type fileReader struct {
	Stepper
	file *os.File
}

func (r *fileReader) Close() error {
	return errors.Join(r.Stepper.Close(), r.file.Close())
}
