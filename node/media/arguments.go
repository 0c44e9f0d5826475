package media

import (
	"fmt"
	"net/url"
	"runtime"
	"strings"
)

// inputKind is what a name given to ffmpeg stands for.
type inputKind uint8

const (
	kindFile inputKind = iota + 1
	kindPicture
	kindDevice
	kindURL
)

// layerRates are the video bit rates by the number of layers, from the smallest,
// for 1280 × 720; a quarter of the picture is given half of it.
var layerRates = [MaxLayers + 1][]int{
	1: {1_500_000},
	2: {400_000, 1_500_000},
	3: {150_000, 500_000, 1_500_000},
}

// fewCores is how many it takes to encode 1280 × 720 and still be a good
// participant, perhaps the room's SFU; with fewer it is 640 × 360.
const fewCores = 4

// fit keeps a picture within a size either way up, with sides that halve twice.
func fit(long, short int) string {
	return fmt.Sprintf("scale=w='if(gt(iw,ih),min(%[1]d,iw),min(%[2]d,iw))':h='if(gt(iw,ih),min(%[2]d,ih),min(%[1]d,ih))'"+
		":force_original_aspect_ratio=decrease:force_divisible_by=8,format=yuv420p", long, short)
}

// ffmpegArguments encodes the first picture and the first sound of an input to
// WebM on standard output: VP8 in layers from the smallest, with a key frame
// every second for newcomers, and Opus. There is no -re: the player paces, and a
// full pipe makes ffmpeg wait.
func ffmpegArguments(name string, kind inputKind, options Options, cores int) []string {
	long, short, share := 1280, 720, 1
	if cores < fewCores {
		long, short, share = 640, 360, 2
	}
	layers := min(max(options.Layers, 1), MaxLayers)
	args := []string{"-hide_banner", "-nostdin", "-loglevel", "error"}
	args = append(args, inputArguments(name, kind, options.Loop)...)
	for layer := range layers {
		shrink := layers - 1 - layer
		filter := fit(long, short)
		if shrink > 0 {
			filter += fmt.Sprintf(",scale=iw/%d:ih/%d", 1<<shrink, 1<<shrink)
		}
		rate := layerRates[layers][layer] / share
		args = append(
			args, "-map", "0:V:0?",
			fmt.Sprintf("-filter:v:%d", layer), filter,
			fmt.Sprintf("-b:v:%d", layer), fmt.Sprint(rate),
			fmt.Sprintf("-maxrate:v:%d", layer), fmt.Sprint(rate),
			fmt.Sprintf("-bufsize:v:%d", layer), fmt.Sprint(rate),
		)
	}
	return append(
		args, "-map", "0:a:0?",
		"-c:v", "libvpx", "-deadline", "realtime", "-cpu-used", "12", "-lag-in-frames", "0", "-auto-alt-ref", "0",
		"-fpsmax", "30", "-g", "120", "-force_key_frames", "expr:gte(t,n_forced)",
		"-c:a", "libopus", "-b:a", "64k", "-ac", "2", "-ar", "48000", "-frame_duration", "20",
		"-map_metadata", "-1", "-map_chapters", "-1",
		"-max_interleave_delta", "1000000",
		"-f", "webm", "-live", "1", "-cluster_time_limit", "100", "-flush_packets", "1", "pipe:1",
	)
}

func inputArguments(name string, kind inputKind, loop bool) []string {
	var args []string
	switch kind {
	case kindFile:
		if loop {
			args = append(args, "-stream_loop", "-1")
		}
		name = "file:" + name // a colon in a file's name is no protocol
	case kindPicture:
		// One picture that stays: the formats' own readers end behind it, and ffmpeg
		// would be started anew for each.
		if loop {
			args = append(args, "-f", "image2", "-pattern_type", "none", "-framerate", "5", "-loop", "1")
		}
		name = "file:" + name
	case kindDevice:
		if runtime.GOOS == "linux" && strings.HasPrefix(name, cameras) {
			args = append(args, "-f", "v4l2")
		}
	case kindURL:
		if strings.HasPrefix(name, "rtsp://") || strings.HasPrefix(name, "rtsps://") {
			args = append(args, "-rtsp_transport", "tcp")
		}
	}
	return append(args, "-i", name)
}

// shown is a name for errors and logs: without a URL's password.
func shown(name string) string {
	if !strings.Contains(name, "://") {
		return name
	}
	u, err := url.Parse(name)
	if err != nil {
		scheme, _, _ := strings.Cut(name, "://")
		return scheme + "://…"
	}
	if u.RawQuery != "" {
		u.RawQuery = "…" // cameras take passwords there too
	}
	return u.Redacted()
}
