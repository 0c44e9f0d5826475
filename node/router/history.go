package router

import (
	"math"
	"slices"
)

// mostRemembered is how many sources a slot remembers to have shown.
const mostRemembered = 4

// A history is how far a slot has shown the sources that it has left, so that
// none of their pictures jumps back when it returns.
type history struct {
	list [mostRemembered]progress // newest first
	// forgotten is when the last packet had come of what is no longer in the list.
	forgotten int64
}

// A progress is how far a source was shown.
type progress struct {
	source uint64            // its id; 0 none
	frames [MaxLayers]uint64 // the first numbers of the last frames that were shown of its layers
	at     int64             // when the last packet had come
}

func newHistory() history { return history{forgotten: math.MinInt64} }

// note keeps that frame was the last of a source's layer that was shown, and
// when its last packet had come.
func (h *history) note(source uint64, layer int8, frame uint64, at int64) {
	of, place := progress{source: source}, h.find(source)
	if place >= 0 {
		of = h.list[place]
	} else {
		place = mostRemembered - 1
		if oldest := &h.list[place]; oldest.source != 0 {
			h.forgotten = max(h.forgotten, oldest.at)
		}
	}
	of.frames[layer], of.at = frame, at
	copy(h.list[1:place+1], h.list[:place])
	h.list[0] = of
}

// passed tells whether something newer was shown of a layer than a key frame of
// it, which had come at keyAt. It may have been when that is forgotten.
func (h *history) passed(source uint64, layer int8, key uint64, keyAt int64) bool {
	place := h.find(source)
	return keyAt <= h.forgotten || place >= 0 && key < h.list[place].frames[layer]
}

// find is the place of a source in the list, −1 for none.
func (h *history) find(source uint64) int {
	return slices.IndexFunc(h.list[:], func(p progress) bool { return p.source == source })
}
