package main

import (
	"errors"
	"strconv"
	"strings"
)

// rate is a bit rate in kbit/s, as a flag.
type rate int

// maxRate is more than any line of a participant carries.
const maxRate = 10_000_000

var errRate = errors.New("a rate is a number with its unit, like 20Mbit, 1G, 800k or 1500 (kbit/s), from 1k to 10G")

// UnmarshalText takes "20Mbit", "20 Mbit/s", "1G", "800k", "2.5M", "1500".
// Without a unit it is kbit/s, and a unit without a prefix is bits. Bytes are
// refused: who writes 20MB may mean either.
func (r *rate) UnmarshalText(text []byte) error {
	s := strings.ToLower(strings.TrimSpace(string(text)))
	number := s[:len(s)-len(strings.TrimLeft(s, "0123456789."))]
	unit := strings.TrimSpace(s[len(number):])
	for _, end := range []string{"/s", "ps", "bit", "b"} {
		unit = strings.TrimSuffix(unit, end)
	}
	bytes := strings.Contains(string(text), "B") && !strings.Contains(s, "bit") && !strings.Contains(s, "bps")
	perUnit, ok := map[string]float64{"k": 1, "m": 1e3, "g": 1e6}[unit]
	switch {
	case strings.TrimSpace(s[len(number):]) == "":
		perUnit = 1
	case unit == "":
		perUnit = 1e-3
	case !ok || bytes:
		return errRate
	}
	value, err := strconv.ParseFloat(number, 64)
	if err != nil {
		return errRate
	}
	kbps := value * perUnit
	if kbps < 1 || kbps > maxRate {
		return errRate
	}
	*r = rate(kbps)
	return nil
}
