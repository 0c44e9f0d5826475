package sframe

// WindowSize is how far behind the highest counter a late frame is still told
// from a repeated one.
const WindowSize = 1024

// A Window is a replay window (section 9.3): which of the last [WindowSize]
// counters of one stream were taken. Its zero value has seen nothing. Ask Fresh
// first, open the frame, and Take only what proved to be authentic: otherwise
// anybody could push the window on. One goroutine at a time may use it.
type Window struct {
	taken   [WindowSize / 64]uint64
	highest uint64
	begun   bool
}

// Fresh tells whether ctr was not taken yet, and is not too old to know.
func (w *Window) Fresh(ctr uint64) bool {
	if !w.begun || ctr > w.highest {
		return true
	}
	word, bit := place(ctr)
	return w.highest-ctr < WindowSize && w.taken[word]&bit == 0
}

// Take notes that ctr was seen.
func (w *Window) Take(ctr uint64) {
	switch {
	case !w.begun:
		w.begun, w.highest = true, ctr
	case ctr > w.highest:
		w.advance(ctr)
	case w.highest-ctr >= WindowSize:
		return
	}
	word, bit := place(ctr)
	w.taken[word] |= bit
}

// advance makes ctr the highest and forgets whose places are now another's.
func (w *Window) advance(ctr uint64) {
	if ctr-w.highest >= WindowSize {
		clear(w.taken[:])
	} else {
		for passed := w.highest + 1; passed < ctr; passed++ {
			word, bit := place(passed)
			w.taken[word] &^= bit
		}
	}
	w.highest = ctr
}

func place(ctr uint64) (word int, bit uint64) {
	return int(ctr % WindowSize / 64), 1 << (ctr % 64)
}
