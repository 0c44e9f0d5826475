package meeting

import (
	"encoding/binary"
	"fmt"
	"io"
	"math"
)

// maxDraws bounds how often a number is drawn anew. At most half of all draws
// are rejected, so an honest source fails once in 2^128 numbers.
const maxDraws = 128

// number returns an unbiased number below n, which is at least 1. It rejects
// what lies in the incomplete last stretch of n below 2^64, where taking the
// remainder would favour small numbers.
func number(rand io.Reader, n uint64) (uint64, error) {
	last := math.MaxUint64 - (math.MaxUint64%n+1)%n
	for range maxDraws {
		var b [8]byte
		if _, err := io.ReadFull(rand, b[:]); err != nil {
			return 0, fmt.Errorf("meeting: draw a number: %w", err)
		}
		if v := binary.BigEndian.Uint64(b[:]); v <= last {
			return v % n, nil
		}
	}
	return 0, ErrRandom
}
