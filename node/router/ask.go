package router

import (
	"cmp"
	"slices"
)

// An ask is one view that has a source and could have a slot.
type ask struct {
	source *Source
	shape  shape
	slot   int // that it has, or that is pinned to it; −1 any
	rungs  [MaxLayers]int8
	count  int // of rungs
	now    int // the rung that it has or is changing to, −1 none
	give   int // the rung that it is to have, −1 none
}

// cost is what a rung takes, in bits per second.
func (a *ask) cost(rung int) int {
	if rung < 0 || a.count == 0 {
		return 0
	}
	return a.shape.rate[a.rungs[rung]]
}

// layer is what the slot is to show.
func (a *ask) layer() int8 {
	if a.give < 0 || a.count == 0 {
		return 0
	}
	return a.rungs[a.give]
}

// may tells whether a key may be shown to the receiver at all.
func (rc *Receiver) may(key Key) bool {
	return key.From != rc.id && (rc.scope == Everybody || key.From == rc.router.config.Self)
}

// pin finds the slot that is pinned to a source of this node.
func (rc *Receiver) pin(key Key, media Media) int {
	if key.From != rc.router.config.Self {
		return -1
	}
	for i := range rc.slots { // by reference: the rest of a slot is its source's goroutine's
		if s := &rc.slots[i]; s.Media == media && s.Pinned == key.Source {
			return i
		}
	}
	return -1
}

// holds finds the slot that shows a key.
func (rc *Receiver) holds(key Key) int {
	for i := range rc.slots {
		if src := rc.slots[i].source; src != nil && src.key == key {
			return i
		}
	}
	return -1
}

// asksLocked lists the views of a kind that have a source, most important first.
// Router.mu is held as well.
func (rc *Receiver) asksLocked(at int64, media Media, asks []ask) []ask {
	for _, view := range rc.views {
		key := keyOf(view)
		if !rc.may(key) || slices.ContainsFunc(asks, func(a ask) bool { return a.source.key == key }) {
			continue
		}
		src := pick(rc.router.sources[key], rc)
		if src == nil || src.media != media {
			continue
		}
		a := ask{source: src, shape: src.shape(at), slot: rc.holds(key), now: -1, give: -1}
		if a.slot < 0 {
			a.slot = rc.pin(key, media)
		}
		if a.shape.closed {
			continue
		}
		if media == Audio {
			a.count = 1
		} else {
			a.rungs, a.count = a.shape.ladder(view.Width, view.Height)
		}
		if a.slot >= 0 && rc.slots[a.slot].source == src {
			a.now = a.rung(rc.slots[a.slot].next)
		}
		asks = append(asks, a)
	}
	return asks
}

// rung is the place of a layer on the ladder, or of the next smaller one.
func (a *ask) rung(layer int8) int {
	for i := a.count - 1; i > 0; i-- {
		if a.rungs[i] <= layer {
			return i
		}
	}
	return 0
}

// fitLocked leaves as many asks as there are slots, in their order: those that
// come first.
func (rc *Receiver) fitLocked(media Media, asks []ask) []ask {
	free := rc.room[media]
	fit := asks[:0]
	for _, a := range asks {
		pinned := a.slot >= 0 && rc.slots[a.slot].Pinned != ""
		if !pinned && free == 0 {
			continue
		}
		if !pinned {
			free--
		}
		fit = append(fit, a)
	}
	return fit
}

// loudestLocked puts the asks that are to have an audio slot first: the loudest,
// with an advantage for who has one already.
func (rc *Receiver) loudestLocked(at int64, asks []ask) {
	score := func(a *ask) int {
		loud := a.shape.loud
		if a.now < 0 || loud < silentBelow {
			return loud
		}
		if at-rc.slots[a.slot].since < holdAudio {
			return loudest + loud
		}
		return loud + holderBonus
	}
	slices.SortStableFunc(asks, func(a, b ask) int { return cmp.Compare(score(&b), score(&a)) })
}

// pick chooses among the sources of one key: the newest that brings something
// to be shown, or else the newest. To a receiver only what may be forwarded counts.
func pick(sources []*Source, to *Receiver) *Source {
	var best *Source
	for _, src := range sources {
		if to != nil && !src.relay {
			continue
		}
		if best == nil || src.brings.Load() || !best.brings.Load() {
			best = src
		}
	}
	return best
}
