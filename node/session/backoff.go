package session

const (
	backoffFirst = 250   // milliseconds
	backoffMost  = 8_000 // milliseconds
)

// backoff is how long to wait before the next try, in milliseconds. It doubles
// with each failed one; chance (0 … 1) spreads it over its upper half, so that a
// room full of nodes does not come back in one moment.
func backoff(failures int, chance float64) int64 {
	if failures <= 0 {
		return 0
	}
	whole := int64(backoffMost)
	if failures <= 5 {
		whole = backoffFirst << (failures - 1)
	}
	return whole/2 + int64(float64(whole/2)*chance)
}
