package main

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/parley-mesh/parley/node"
	"github.com/parley-mesh/parley/node/media"
	"github.com/parley-mesh/parley/node/media/mediatest"
	"github.com/parley-mesh/parley/node/session"
)

// A film of one node arrives in the recording of another.
func TestPublishAndRecord(t *testing.T) {
	t.Parallel()
	l := start(t)
	made := createIn(t, l, nil)
	dir := t.TempDir()
	write := func(name string, data []byte) string {
		t.Helper()
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	film := write("film.ivf", mediatest.IVF(media.VP8, mediatest.Pictures(0)))
	sound := write("sound.ogg", mediatest.Ogg(mediatest.Sounds(), 10))
	folder := filepath.Join(dir, "recording")

	recorder := begin(t, "join", made.Invitation.String(), "--json", "--record", folder)
	recorder.event("recording", func(e map[string]any) bool { return e["on"] == true })
	m := takePart(t, made.Invitation, 7, func(c *node.Config) { c.Publish = []string{film, sound} })
	next(m, func(e session.Recording) bool { return e.On })
	flows := make(map[any]bool)
	recorder.event("slots", func(e map[string]any) bool {
		flows[e["source"]] = e["on"] == true
		return flows["camera"] && flows["mic"]
	})
	for range 2 { // a few seconds of both
		recorder.event("stats", func(e map[string]any) bool { return e["receive_kbps"].(float64) > 0 })
	}
	m.leave()
	recorder.event("left", nil)
	if code := recorder.end(); code != exitDone {
		t.Fatalf("exit code %d: %s", code, recorder.errs)
	}
	files, err := filepath.Glob(filepath.Join(folder, "*.webm"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no film: %v", err)
	}
	frames := make(map[string]int)
	for _, file := range files {
		count(t, file, frames)
	}
	if frames[media.SourceCamera] < 5 || frames[media.SourceMic] < 10 {
		t.Errorf("recorded %v", frames)
	}
	if _, err := os.Stat(filepath.Join(folder, "meeting.json")); err != nil {
		t.Error(err)
	}
}

func count(t *testing.T, file string, frames map[string]int) {
	t.Helper()
	reader, err := media.Open(t.Context(), file, media.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer reader.Close()
	for {
		frame, err := reader.Next(t.Context())
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		frames[reader.Tracks()[frame.Track].Source]++
	}
}
