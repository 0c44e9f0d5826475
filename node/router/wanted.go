package router

// Wanted tells what anybody wants of a source, for asking it upstream: which
// layers, the smallest first, and how large the largest view is in pixels, 0 by
// 0 meaning as large as there is. All false: nobody wants it. With a layer those
// below it are wanted as well, to fall back on. It need not be there yet.
func (r *Router) Wanted(key Key) (layers []bool, width, height int) {
	r.mu.RLock()
	defer r.mu.RUnlock()
	layers = make([]bool, MaxLayers)
	largest, asked, all := -1, false, false
	want := func(w, h int) {
		asked = true
		if w <= 0 || h <= 0 {
			all = true
		}
		width, height = max(width, w), max(height, h)
	}
	for _, rc := range r.receivers {
		if w, h, wants := rc.wants(key); wants {
			want(w, h)
		}
	}
	for _, sink := range r.sinks {
		if sink.wants(key) {
			want(0, 0)
		}
	}
	if !asked {
		return layers, 0, 0
	}
	if all {
		width, height = 0, 0
	}
	media := MediaOf(key.Source)
	var of shape
	if src := pick(r.sources[key], nil); src != nil {
		media = src.media
		of = src.shape(r.clock.Load())
	} else {
		of = unmeasured(media)
	}
	for largest < MaxLayers-1 {
		largest++
		layers[largest] = true
		if media == Audio || of.covers(largest, width, height) {
			break
		}
	}
	return layers, width, height
}

// Revision rises whenever Wanted may answer something else than before.
func (r *Router) Revision() uint64 { return r.revision.Load() }
