package main

import "testing"

// Guards against a line given in one unit and taken in another.
func TestRate(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]rate{
		"20Mbit": 20_000, "20 Mbit/s": 20_000, "20mbps": 20_000, "20MBit": 20_000, "20Mbps": 20_000, "20M": 20_000, "1G": 1_000_000, "1gbit": 1_000_000, "800k": 800, "800kbit": 800,
		"1500": 1500, " 1500 ": 1500, "2.5M": 2500, "64000bit": 64, "64000bit/s": 64, "10G": 10_000_000, "1": 1, "0.5M": 500,
	} {
		var r rate
		if err := r.UnmarshalText([]byte(text)); err != nil || r != want {
			t.Errorf("%q = %d, %v, want %d", text, r, err, want)
		}
	}
	for _, text := range []string{"", "fast", "M", "-5M", "+5M", "0", "0k", "11G", "1T", "5 apples", "1..5M", ".", "5MB/h", "20MB", "20MB/s", "1e9", "NaN", "99999999999999999999", "20Mbitbit", "5kk", "20,5M"} {
		r := rate(7)
		if err := r.UnmarshalText([]byte(text)); err == nil || r != 7 {
			t.Errorf("%q = %d, %v", text, r, err)
		}
	}
}

func FuzzRate(f *testing.F) {
	for _, text := range []string{"20Mbit", "1G", "800k", "1500", "", ".", "5kb/s"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		var r rate
		if err := r.UnmarshalText([]byte(text)); err == nil && (r < 1 || r > maxRate) {
			t.Errorf("%q = %d", text, r)
		}
	})
}
