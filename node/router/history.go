package router

import "math"

// mostRemembered is how many sources a slot remembers to have shown.
const mostRemembered = 4

// A history is how far a slot has shown the sources that it has left, so that
// none of their pictures jumps back when it returns.
type history struct {
	list  [mostRemembered]progress // newest first
	count int
	// forgotten is when the last packet had come of what is no longer in the list.
	forgotten int64
}

// A progress is how far a source was shown.
type progress struct {
	source uint64            // its id
	frames [MaxLayers]uint64 // the first numbers of the last frames that were shown of its layers
	at     int64             // when the last packet had come
}

func newHistory() history { return history{forgotten: math.MinInt64} }

// note keeps that frame was the last of a source's layer that was shown, and
// when its last packet had come.
func (h *history) note(source uint64, layer int8, frame uint64, at int64) {
	of := progress{source: source}
	place := h.find(source)
	switch {
	case place < h.count:
		of = h.list[place]
	case h.count < mostRemembered:
		h.count++
	default:
		place--
		h.forgotten = max(h.forgotten, h.list[place].at)
	}
	of.frames[layer], of.at = frame, at
	copy(h.list[1:place+1], h.list[:place])
	h.list[0] = of
}

// passed tells whether something newer was shown of a layer than a key frame of
// it, which had come at keyAt. It may have been when that is forgotten.
func (h *history) passed(source uint64, layer int8, key uint64, keyAt int64) bool {
	if keyAt <= h.forgotten {
		return true
	}
	place := h.find(source)
	return place < h.count && key < h.list[place].frames[layer]
}

// find is the place of a source in the list, or the one after the last.
func (h *history) find(source uint64) int {
	for i := range h.list[:h.count] {
		if h.list[i].source == source {
			return i
		}
	}
	return h.count
}
