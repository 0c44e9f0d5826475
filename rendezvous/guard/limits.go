package guard

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Rate is N in any period of length Per; Off lifts it. The zero Rate allows nothing.
type Rate struct {
	N   int
	Per time.Duration
	Off bool
}

// MaxRate bounds a Rate's N.
const MaxRate = 1_000_000

// ParseRate reads "off", or a number from 1 to MaxRate and s, m or h: "60/m".
func ParseRate(s string) (Rate, error) {
	if s == "off" {
		return Rate{Off: true}, nil
	}
	number, unit, _ := strings.Cut(s, "/")
	per, known := map[string]time.Duration{"s": time.Second, "m": time.Minute, "h": time.Hour}[unit]
	n, err := strconv.ParseUint(number, 10, 32)
	if err != nil || !known || n < 1 || n > MaxRate {
		return Rate{}, fmt.Errorf("%w: RATE is off, or a number from 1 to %d with /s, /m or /h, as in 60/m", ErrLimit, MaxRate)
	}
	return Rate{N: int(n), Per: per}, nil
}

// String is the form that ParseRate reads.
func (r Rate) String() string {
	switch {
	case r.Off:
		return "off"
	case r.Per == time.Second:
		return fmt.Sprintf("%d/s", r.N)
	case r.Per == time.Minute:
		return fmt.Sprintf("%d/m", r.N)
	case r.Per == time.Hour:
		return fmt.Sprintf("%d/h", r.N)
	default:
		return fmt.Sprintf("%d/%v", r.N, r.Per)
	}
}

// Limits are all rates of a rendezvous.
type Limits struct {
	Create  Rate // creations, per prefix
	Join    Rate // joins and looks at invitations, per prefix
	Guess   Rate // failures, per prefix and per identity; off lifts every rule against guessing
	Connect Rate // WebSocket connections, per prefix
	Frame   Rate // signaling frames, per session
}

// DefaultLimits are for the open internet: an office behind one address can start its morning, a flood cannot.
func DefaultLimits() Limits {
	return Limits{
		Create:  Rate{N: 60, Per: time.Minute},
		Join:    Rate{N: 300, Per: time.Minute},
		Guess:   Rate{N: 30, Per: time.Hour},
		Connect: Rate{N: 300, Per: time.Minute},
		Frame:   Rate{N: 100, Per: time.Second},
	}
}

// Set changes one rate as --limit gives it: "create=100/s", "join=off". It fails with ErrLimit.
func (l *Limits) Set(s string) error {
	name, value, found := strings.Cut(s, "=")
	if !found {
		return fmt.Errorf("%w, as in create=100/s or join=off", ErrLimit)
	}
	rate := l.named(name)
	if rate == nil {
		return fmt.Errorf("%w: NAME is create, join, guess, connect or frame, not %.20q", ErrLimit, name)
	}
	parsed, err := ParseRate(value)
	if err != nil {
		return err
	}
	*rate = parsed
	return nil
}

func (l *Limits) named(name string) *Rate {
	switch name {
	case "create":
		return &l.Create
	case "join":
		return &l.Join
	case "guess":
		return &l.Guess
	case "connect":
		return &l.Connect
	case "frame":
		return &l.Frame
	default:
		return nil
	}
}

// Validate returns ErrLimit for a rate that Set could not have made.
func (l *Limits) Validate() error {
	for _, name := range []string{"create", "join", "guess", "connect", "frame"} {
		rate := *l.named(name)
		if !rate.Off && (rate.N < 1 || rate.N > MaxRate || rate.Per < time.Second || rate.Per > 24*time.Hour) {
			return fmt.Errorf("%w: %s is out of bounds: 1 to %d in a second to a day", ErrLimit, name, MaxRate)
		}
	}
	return nil
}
