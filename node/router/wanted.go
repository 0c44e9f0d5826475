package router

// Wanted tells what anybody wants of a source, for asking it upstream: which
// layers, the smallest first, and how large the largest view is in pixels, 0 by
// 0 meaning as large as there is. All false: nobody wants it. With a layer those
// below it are wanted as well, to fall back on. It need not be there yet.
func (r *Router) Wanted(key Key) (layers []bool, width, height int) {
	r.mu.RLock()
	defer r.mu.RUnlock()
	layers = make([]bool, MaxLayers)
	media := MediaOf(key.Source)
	var of shape
	if src := pick(r.sources[key], nil); src != nil {
		media = src.media
		of = src.shape(r.clock.Load())
	} else {
		of = (&Source{media: media}).shape(0)
	}
	largest, asked, all := -1, false, false
	want := func(w, h int) {
		asked = true
		if w <= 0 || h <= 0 {
			all = true
		}
		width, height = max(width, w), max(height, h)
	}
	for _, rc := range r.receivers {
		if w, h, wants := rc.wants(key, media); wants {
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
	for largest < MaxLayers-1 {
		largest++
		layers[largest] = true
		if media == Audio || of.covers(largest, width, height) {
			break
		}
	}
	return layers, width, height
}

// wants tells whether a source is among the views that there are slots for, and
// how large.
func (rc *Receiver) wants(key Key, media Media) (width, height int, wants bool) {
	rc.mu.Lock()
	defer rc.mu.Unlock()
	if rc.closed || !rc.may(key) {
		return 0, 0, false
	}
	free := rc.room(media)
	for _, view := range rc.viewsLocked() {
		this := Key{view.From, view.Source}
		if this != key && MediaOf(view.Source) != media || !rc.may(this) {
			continue
		}
		pinned := rc.pin(this, media) >= 0
		if this == key {
			// All audio is wanted: how loud it is tells who gets a slot.
			return view.Width, view.Height, pinned || free > 0 || (media == Audio && rc.room(media) > 0)
		}
		if !pinned {
			free--
		}
	}
	return 0, 0, false
}

// Revision rises whenever Wanted may answer something else than before.
func (r *Router) Revision() uint64 { return r.revision.Load() }
