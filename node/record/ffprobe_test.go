package record

import (
	"bytes"
	"encoding/json"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/parley-mesh/parley/pkg/protocol"
)

// Guards what others see of a recording: ffprobe tells its duration, and decodes
// every frame of both tracks without a complaint.
func TestFFprobe(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("ffprobe"); err != nil {
		t.Skip("ffprobe is not installed: that recordings play elsewhere is not tested")
	}
	dir := t.TempDir()
	r := start(t, dir, annaOptions)
	r.feed(anna, newStream(1, true, 0, protocol.SourceCamera, protocol.SourceMic), 3*time.Second)
	if err := r.end(); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, readManifest(t, dir).Files[0].File)
	command := exec.CommandContext(t.Context(), "ffprobe", "-v", "warning", "-count_frames", "-of", "json",
		"-show_entries", "format=duration:stream=codec_name,width,height,nb_read_frames", path)
	var complaints bytes.Buffer
	command.Stderr = &complaints
	said, err := command.Output()
	if err != nil || complaints.Len() > 0 {
		t.Fatalf("ffprobe: %v: %s", err, complaints.Bytes())
	}
	var got struct {
		Streams []struct {
			Codec  string `json:"codec_name"`
			Width  int    `json:"width"`
			Height int    `json:"height"`
			Frames string `json:"nb_read_frames"`
		} `json:"streams"`
		Format struct {
			Duration string `json:"duration"`
		} `json:"format"`
	}
	if err := json.Unmarshal(said, &got); err != nil {
		t.Fatal(err)
	}
	duration, err := strconv.ParseFloat(got.Format.Duration, 64)
	if err != nil || duration < 2.95 || duration > 3.1 {
		t.Errorf("duration %q", got.Format.Duration)
	}
	if len(got.Streams) != 2 {
		t.Fatalf("streams %+v", got.Streams)
	}
	for i, want := range []struct {
		codec string
		least int
	}{{"vp8", 45}, {"opus", 148}} {
		frames, err := strconv.Atoi(got.Streams[i].Frames)
		if err != nil || got.Streams[i].Codec != want.codec || frames < want.least {
			t.Errorf("stream %+v, want %s with %d frames", got.Streams[i], want.codec, want.least)
		}
	}
}
