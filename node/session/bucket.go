package session

// bucket is how much a peer may ask for: it holds size at the most and fills by
// rate a second. The zero at means that it is full.
type bucket struct {
	size, rate float64
	level      float64
	at         int64 // milliseconds
}

// take reports whether there was one left, and takes it.
func (b *bucket) take(now int64) bool {
	if b.at == 0 {
		b.level = b.size
	} else if now > b.at {
		b.level = min(b.size, b.level+float64(now-b.at)/1000*b.rate)
	}
	b.at = max(now, b.at, 1)
	if b.level < 1 {
		return false
	}
	b.level--
	return true
}
