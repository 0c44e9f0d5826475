package link

// repairs are the last numbers of a stream that were asked for again, as bits.
// What comes after that was lost on the way all the same: a path that loses a
// third of everything is no good one because it is asked three times.
type repairs [repairsKept / 64]uint64

const repairsKept = 1024

func (r *repairs) ask(seq uint16) { r[seq%repairsKept/64] |= 1 << (seq % 64) }

// take tells whether a number was asked for, once.
func (r *repairs) take(seq uint16) bool {
	word, bit := &r[seq%repairsKept/64], uint64(1)<<(seq%64)
	was := *word&bit != 0
	*word &^= bit
	return was
}

// pass forgets what had the places of the numbers after highest, up to seq.
func (r *repairs) pass(highest uint32, step int16) {
	if step >= repairsKept {
		*r = repairs{}
		return
	}
	for i := range uint16(step) {
		r.take(uint16(highest) + 1 + i)
	}
}
