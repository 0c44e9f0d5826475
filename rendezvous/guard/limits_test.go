package guard

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func TestSet(t *testing.T) {
	t.Parallel()
	limits := DefaultLimits()
	for _, s := range []string{"create=100/s", "join=off", "guess=1/h", "connect=1000000/m", "frame=20/s"} {
		if err := limits.Set(s); err != nil {
			t.Errorf("%s: %v", s, err)
		}
	}
	want := Limits{
		Create: Rate{N: 100, Per: time.Second}, Join: Rate{Off: true}, Guess: Rate{N: 1, Per: time.Hour},
		Connect: Rate{N: 1_000_000, Per: time.Minute}, Frame: Rate{N: 20, Per: time.Second},
	}
	if diff := cmp.Diff(want, limits); diff != "" {
		t.Error(diff)
	}
	if err := limits.Validate(); err != nil {
		t.Error(err)
	}
	for _, s := range []string{"", "create", "=1/s", "Create=1/s", "create=", "create=0/s", "create=-1/s", "create=1", "create=1/d", "create=1/s/s", "create=1000001/s", "create=1e3/s", "create= 1/s", "other=1/s", "off=create"} {
		before := limits
		if err := limits.Set(s); !errors.Is(err, ErrLimit) {
			t.Errorf("%q: %v", s, err)
		}
		if before != limits {
			t.Errorf("%q was refused and changed the limits", s)
		}
	}
}

func TestRateRoundTrip(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		rate := Rate{
			N:   rapid.IntRange(1, MaxRate).Draw(t, "n"),
			Per: rapid.SampledFrom([]time.Duration{time.Second, time.Minute, time.Hour}).Draw(t, "per"),
		}
		if got, err := ParseRate(rate.String()); err != nil || got != rate {
			t.Fatalf("%v became %v, %v", rate, got, err)
		}
	})
}

func FuzzSet(f *testing.F) {
	for _, s := range []string{"create=100/s", "join=off", "guess=1/h", "=", "create=99999999999999999999/s"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		limits := DefaultLimits()
		if err := limits.Set(s); err == nil && limits.Validate() != nil {
			t.Errorf("%q gives limits that are out of bounds", s)
		}
	})
}

func TestZeroLimitsAreRefused(t *testing.T) {
	t.Parallel()
	if err := (&Limits{}).Validate(); !errors.Is(err, ErrLimit) {
		t.Error(err)
	}
}
