//go:build unix

package media_test

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/parley-mesh/parley/node/media"
	"github.com/parley-mesh/parley/node/media/mediatest"
)

// film encodes two seconds of moving pictures and a tone, as no reader here knows it.
func film(t *testing.T) string {
	t.Helper()
	if _, err := exec.LookPath("ffmpeg"); err != nil {
		t.Skip("ffmpeg is not installed: what goes through it is not tested")
	}
	path := filepath.Join(t.TempDir(), "a film: part 1.mp4")
	command := exec.CommandContext(t.Context(), "ffmpeg", "-loglevel", "error",
		"-f", "lavfi", "-i", "testsrc=size=320x180:rate=15:duration=2", "-f", "lavfi", "-i", "sine=duration=2",
		"-c:v", "mpeg4", "-c:a", "aac", "file:"+path)
	if out, err := command.CombinedOutput(); err != nil {
		t.Fatalf("ffmpeg: %v: %s", err, out)
	}
	return path
}

// Guards everything that this package does not read itself: three sizes with a
// key frame each second, and sound, to the end and again.
func TestFFmpegEncodesLayers(t *testing.T) {
	t.Parallel()
	r, err := media.Open(t.Context(), film(t), media.Options{Layers: 3})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = r.Close() }()
	tracks := r.Tracks()
	if len(tracks) != 2 || tracks[0].Layers != 3 || tracks[0].Codec != media.VP8 || tracks[1].Codec != media.Opus {
		t.Fatalf("tracks %+v", tracks)
	}
	for round := range 2 {
		var frames, keys [3]int
		sounds := 0
		for {
			frame, err := r.Next(t.Context())
			if err != nil {
				if err.Error() != "EOF" {
					t.Fatal(err)
				}
				break
			}
			if frame.Track == 1 {
				sounds++
				continue
			}
			frames[frame.Layer]++
			if picture, _ := media.Inspect(media.VP8, frame.Data); picture.Key {
				keys[frame.Layer]++
				if want := 320 >> (2 - frame.Layer); picture.Width > want || picture.Width < want-8 {
					t.Errorf("layer %d is %d wide", frame.Layer, picture.Width)
				}
			}
		}
		for layer := range 3 {
			if frames[layer] < 28 || keys[layer] < 2 {
				t.Errorf("round %d: layer %d has %d frames, %d key frames", round, layer, frames[layer], keys[layer])
			}
		}
		if sounds < 95 {
			t.Errorf("round %d: %d sounds", round, sounds)
		}
		if err := r.Rewind(); err != nil {
			t.Fatal(err)
		}
	}
}

// Guards the loop of a film: ffmpeg begins again by itself, and Close ends it.
func TestFFmpegLoops(t *testing.T) {
	t.Parallel()
	r, err := media.Open(t.Context(), film(t), media.Options{Loop: true})
	if err != nil {
		t.Fatal(err)
	}
	for {
		frame, err := r.Next(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if frame.Time > 5*time.Second {
			break
		}
	}
	if err := r.Close(); err != nil {
		t.Error(err)
	}
	if _, err := r.Next(t.Context()); err == nil {
		t.Error("a closed reader gave a frame")
	}
	if err := r.Close(); err != nil {
		t.Error(err)
	}
}

// Guards the sentence about a file that not even ffmpeg can read.
func TestFFmpegRefuses(t *testing.T) {
	t.Parallel()
	dir := filepath.Dir(film(t))
	for name, content := range map[string]string{
		"noise.mp4": "\x00\x01\x02\x03" + strings.Repeat("\xEE\x11", 500),
		"words.txt": strings.Repeat("This is no film.\n", 100),
	} {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := media.Open(t.Context(), path, media.Options{}); !errors.Is(err, media.ErrNoMedia) || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// stub is a program in ffmpeg's place; a good WebM file lies beside it.
func stub(t *testing.T, script string) (program, input string) {
	t.Helper()
	dir := t.TempDir()
	program, input = filepath.Join(dir, "stub"), filepath.Join(dir, "input")
	for name, content := range map[string][]byte{
		filepath.Join(dir, "script"): []byte("#!/bin/sh\nPATH=/bin:/usr/bin\ncd '" + dir + "'\n" + script),
		filepath.Join(dir, "good"):   mediatest.WebM(media.VP8, mediatest.Pictures(0), nil),
		input:                        {1},
	} {
		if err := os.WriteFile(name, content, 0o700); err != nil {
			t.Fatal(err)
		}
	}
	// A program that this process itself had open for writing may be busy for a
	// moment: another test's child inherits the file until it executes its own.
	if out, err := exec.CommandContext(t.Context(), "cp", "-p", filepath.Join(dir, "script"), program).CombinedOutput(); err != nil {
		t.Fatalf("cp: %v: %s", err, out)
	}
	return program, input
}

// Guards what the user reads when ffmpeg dies: what it said last, and no more than that.
func TestFFmpegDies(t *testing.T) {
	t.Parallel()
	program, input := stub(t, `head -c 2000 good; for i in $(seq 2000); do echo "old news $i" >&2; done; echo "the camera is gone" >&2; exit 3`)
	r, err := media.Open(t.Context(), input, media.Options{FFmpeg: program})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = r.Close() }()
	_, err = readAll(t, r, 0)
	if !errors.Is(err, media.ErrFFmpeg) || !strings.Contains(err.Error(), "the camera is gone") || len(err.Error()) > 3000 {
		t.Errorf("%d letters: %v", len(err.Error()), err)
	}

	program, input = stub(t, `echo "cannot open it" >&2; exit 1`)
	if _, err := media.Open(t.Context(), input, media.Options{FFmpeg: program}); !errors.Is(err, media.ErrNoMedia) || !strings.Contains(err.Error(), "cannot open it") {
		t.Errorf("at its beginning: %v", err)
	}
}

// Guards against what outlives the meeting: Close, and the context's end, take
// the program's own children along.
func TestFFmpegLeavesNothingBehind(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]func(context.CancelFunc, media.Reader){
		"close":   func(_ context.CancelFunc, r media.Reader) { _ = r.Close() },
		"context": func(cancel context.CancelFunc, _ media.Reader) { cancel() },
	} {
		program, input := stub(t, `sleep 1000 & echo $! > pid; cat good; wait`)
		ctx, cancel := context.WithCancel(t.Context())
		r, err := media.Open(ctx, input, media.Options{FFmpeg: program})
		if err != nil {
			t.Fatal(err)
		}
		text, err := os.ReadFile(filepath.Join(filepath.Dir(input), "pid"))
		if err != nil {
			t.Fatal(err)
		}
		pid, err := strconv.Atoi(strings.TrimSpace(string(text)))
		if err != nil {
			t.Fatal(err)
		}
		end(cancel, r)
		_, err = readAll(t, r, 0)
		if err == nil {
			t.Errorf("%s: no end", name)
		}
		_ = r.Close()
		if gone(t, pid) {
			continue
		}
		t.Errorf("%s: the program's child lives on", name)
	}
}

// gone tells whether a process was killed; it may wait a little for its reaper.
func gone(t *testing.T, pid int) bool {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	for {
		if err := syscall.Kill(pid, 0); err != nil {
			return true
		}
		stat, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
		if err != nil || strings.Contains(string(stat), ") Z ") {
			return true
		}
		select {
		case <-ctx.Done():
			return false
		case <-time.After(10 * time.Millisecond):
		}
	}
}

// Guards against a picture for which ffmpeg is started anew as often as it can be:
// it stays, by itself.
func TestFFmpegHoldsAPicture(t *testing.T) {
	t.Parallel()
	path := filepath.Join(filepath.Dir(film(t)), "50 % of it.jpg")
	out, err := exec.CommandContext(t.Context(), "ffmpeg", "-loglevel", "error", "-f", "lavfi", "-i", "testsrc=size=320x180", "-frames:v", "1", "-update", "1", "file:"+path).CombinedOutput()
	if err != nil {
		t.Fatalf("ffmpeg: %v: %s", err, out)
	}
	r, err := media.Open(t.Context(), path, media.Options{Loop: true})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = r.Close() }()
	keys := 0
	for frames := 1; ; frames++ {
		frame, err := r.Next(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if frame.Key {
			keys++
		}
		if frame.Time >= 3*time.Second {
			if keys < 3 || frames > 40 {
				t.Errorf("%d frames, %d of them key frames, in 3 s", frames, keys)
			}
			return
		}
	}
}
