// Package guard decides who has to wait: one limiter for all doors of the rendezvous.
//
// It owns the rates (creations, joins, connections, frames), the rules against guessing, and the one function that
// says which address a request counts for. It does not own what it protects: a door asks before it
// works, and tells how it went.
//
// # Rates
//
// A rate is so many in a period, for one address prefix (/24 of IPv4, /56 of IPv6), and for frames for one session. No
// period of that length, wherever it begins, sees more.
//
// # Guessing
//
// A failure is a wrong password, an unknown meeting or an unknown token. Failures are counted
//   - per meeting and prefix: five in a row wait a minute, and each further one twice as long, up to
//     64 minutes; a correct password ends the row;
//   - per prefix and per identity, over all meetings: 30 an hour;
//   - per meeting: at 100 within an hour entry by password is suspended for an hour. No correct password
//     takes anything off that. Only meetings that exist have this count.
//
// A try by password is reserved before it is looked at ([Guard.Reserve]) and counts as failed while it is being looked at, so
// that many tries at once get no further than one after the other. An invitation's token cannot be guessed, so who holds one that is known is
// never turned away; an unknown one is a failure ([Guard.UnknownToken]).
//
// Failures are written to the store before they are answered, and read back at the start. The decisions
// are pure (book.go); the shell around them adds the clock, a lock and the journal.
package guard

import (
	"errors"
	"fmt"
	"time"
)

var (
	// ErrLimit says that a limit is not written as NAME=RATE.
	ErrLimit = errors.New("guard: a limit is NAME=RATE")
	// ErrProxy says that a trusted proxy is neither an address nor a CIDR prefix.
	ErrProxy = errors.New("guard: a trusted proxy is an address or a CIDR prefix")
)

// Why says which rule refused.
type Why int

// The rules.
const (
	WhyUnknown   Why = iota
	WhyRate          // too many requests of one kind
	WhyRow           // wrong too often in a row
	WhyPrefix        // too many failures from this network
	WhyIdentity      // too many failures by this identity
	WhySuspended     // the meeting takes no passwords for now
	WhyBusy          // too many tries are being looked at
)

func (w Why) String() string {
	switch w {
	case WhyRate:
		return "rate"
	case WhyRow:
		return "row"
	case WhyPrefix:
		return "prefix"
	case WhyIdentity:
		return "identity"
	case WhySuspended:
		return "suspended"
	case WhyBusy:
		return "busy"
	default:
		return "unknown"
	}
}

// Refusal is the error of a request that has to wait. It names no address, identity or meeting.
type Refusal struct {
	Why Why
	// RetryAfter is how long to wait, at least a second, in whole seconds.
	RetryAfter time.Duration
}

func (r *Refusal) Error() string {
	return fmt.Sprintf("guard: refused (%v), try again in %v", r.Why, r.RetryAfter)
}

func refuse(why Why, wait time.Duration) *Refusal {
	whole := (wait + time.Second - 1).Truncate(time.Second)
	return &Refusal{Why: why, RetryAfter: max(whole, time.Second)}
}
