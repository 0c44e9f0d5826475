package router

import "testing"

// Guards a small camera's only layer, which comes as the largest of three: on a
// new path it was taken for 720p, and the second one was dropped for seconds.
func TestNominalRateIsOfThePictureSize(t *testing.T) {
	t.Parallel()
	const newPath = 1_200_000 // what congestion control begins with
	for _, test := range []struct {
		name          string
		width, height int
		want          int
	}{
		{"not known yet", 0, 0, nominal[0]},
		{"720p", 1280, 720, nominal[0]},
		{"a small camera", 160, 120, nominal[MaxLayers-1]},
		{"a middling one", 480, 270, 324_000},
	} {
		var layers [MaxLayers]layer
		layers[MaxLayers-1] = layer{active: true, width: test.width, height: test.height}
		if got := shapeOf(Video, &layers).rate[MaxLayers-1]; got != test.want {
			t.Errorf("%s: %d bit/s, want %d", test.name, got, test.want)
		}
	}
	small := nominalFor(MaxLayers-1, 160*120, true)
	if p := (path{bps: newPath}); !p.allows(5*small + 5*nominalAudio) {
		t.Error("five small cameras with their voices do not fit a new path")
	}
}
