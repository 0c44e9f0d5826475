package router

// nominal are bits per second of layers that have not been measured, by how
// many layers above them there are.
var nominal = [MaxLayers]int{1_700_000, 500_000, 150_000}

// nominalFor bounds that by a picture whose size is known: a camera may send
// one small layer alone, and on a path of which little is known yet a picture
// that is taken for a large one gets nothing.
func nominalFor(layer, area int, known bool) int {
	bps := nominal[MaxLayers-1-layer]
	if !known {
		return bps
	}
	return min(bps, max(nominal[MaxLayers-1], area*5/2))
}

// nominalAudio is taken for an audio source that has not been measured.
const nominalAudio = 40_000

// mostAudio is what a voice may take, in bits per second: more than Opus makes
// (RFC 6716, section 2.1.1).
const mostAudio = 600_000

// mostVideo is what one layer of a picture may take: several times what a page
// sends. heavy is from where on a picture makes way for all others.
const (
	mostVideo = 10_000_000
	heavy     = 4_000_000
)

// MostOf is how many bits per second one layer of a source may take. What takes
// more is not forwarded.
func MostOf(media Media) int {
	if media == Audio {
		return mostAudio
	}
	return mostVideo
}

// nominalWidth and nominalHeight are taken for the largest of three layers until
// a key frame tells.
const nominalWidth, nominalHeight = 1280, 720

// A shape is what allocation needs to know of a source, as a value.
type shape struct {
	closed bool
	active [MaxLayers]bool
	rate   [MaxLayers]int
	area   [MaxLayers]int
	loud   int
}

func (s *Source) shape(at int64) shape {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.shapeLocked(at)
}

func (s *Source) shapeLocked(at int64) shape {
	of := shapeOf(s.media, &s.layers)
	of.closed, of.loud = s.closed, s.loud.value(at)
	return of
}

// unmeasured is the shape of a source that is not there yet.
func unmeasured(media Media) shape {
	var none [MaxLayers]layer
	return shapeOf(media, &none)
}

func shapeOf(media Media, layers *[MaxLayers]layer) (of shape) {
	if media == Audio {
		of.active[0], of.rate[0] = true, layers[0].rate.value
		if of.rate[0] == 0 {
			of.rate[0] = nominalAudio
		}
		of.rate[0] = min(of.rate[0], mostAudio)
		return of
	}
	width, height := nominalWidth, nominalHeight
	for i := range layers {
		if l := &layers[i]; l.width != 0 {
			scale := 1 << (MaxLayers - 1 - i)
			width, height = l.width*scale, l.height*scale
		}
	}
	for i := range layers {
		l := &layers[i]
		of.active[i] = l.active
		scale := 1 << (MaxLayers - 1 - i)
		of.area[i] = (width / scale) * (height / scale)
		if l.width != 0 {
			of.area[i] = l.width * l.height
		}
		if of.rate[i] = l.rate.value; of.rate[i] == 0 {
			of.rate[i] = nominalFor(i, of.area[i], l.width != 0)
		}
	}
	return of
}

// covers tells whether a layer is large enough for a view: nobody sees that up
// to half of its pixels are missing. A view of no size is covered by nothing.
func (of *shape) covers(layer, width, height int) bool {
	return width > 0 && height > 0 && 2*of.area[layer] >= width*height
}

// ladder lists the layers that a view may be given, rising, the last being the
// one that it is to have. It is empty when there is none.
func (of *shape) ladder(width, height int) (rungs [MaxLayers]int8, count int) {
	for i := range MaxLayers {
		if !of.active[i] {
			continue
		}
		rungs[count] = int8(i)
		count++
		if of.covers(i, width, height) {
			break
		}
	}
	return rungs, count
}
