package guard

import (
	"context"
	"log/slog"
	"net/netip"
	"sync"
	"time"

	"github.com/parley-mesh/parley/pkg/meeting"
	"github.com/parley-mesh/parley/rendezvous/kv"
)

// Bounds of the shell.
const (
	maxOpen     = 1024             // tries being looked at
	maxWaiting  = 512              // tries waiting for others to be settled
	maxWait     = 10 * time.Second // for that long
	maxPrefixes = 16 << 10         // prefixes whose rate is counted, per door
)

// Config of a guard.
type Config struct {
	Limits Limits
	// Store keeps the failures, under "guard/".
	Store kv.Store
	// Logger is told when failures cannot be kept. Default: discarded.
	Logger *slog.Logger
}

// Door is what a rate is for.
type Door int

// The doors whose rates count per prefix. Frames have a [Meter] instead.
const (
	DoorUnknown Door = iota
	Create
	Join
	Connect
)

func (d Door) String() string {
	switch d {
	case Create:
		return "create"
	case Join:
		return "join"
	case Connect:
		return "connect"
	default:
		return "unknown"
	}
}

// Guard is the limiter. It is safe for concurrent use.
type Guard struct {
	limits  Limits
	journal *journal
	started time.Time

	mu      sync.Mutex
	book    *book
	rates   map[Door]*table[netip.Prefix, window]
	open    int
	waiting int
	settled chan struct{} // closed and replaced when a try is settled
}

// New makes a guard that remembers the failures in config.Store.
func New(ctx context.Context, config Config) (*Guard, error) {
	if err := config.Limits.Validate(); err != nil {
		return nil, err
	}
	if config.Logger == nil {
		config.Logger = slog.New(slog.DiscardHandler)
	}
	g := &Guard{
		limits:  config.Limits,
		journal: &journal{store: config.Store, log: config.Logger},
		started: time.Now(),
		book:    newBook(config.Limits.Guess),
		rates:   make(map[Door]*table[netip.Prefix, window]),
		settled: make(chan struct{}),
	}
	for _, door := range []Door{Create, Join, Connect} {
		g.rates[door] = newTable[netip.Prefix, window](maxPrefixes, nil)
	}
	if err := g.journal.replay(ctx, g.book, g.started); err != nil {
		return nil, err
	}
	return g, nil
}

// now is the time by a clock that nobody sets while the process runs.
func (g *Guard) now() time.Time { return g.started.Add(time.Since(g.started)) }

// Allow counts a request at a door, or returns a *Refusal.
func (g *Guard) Allow(door Door, client netip.Prefix) error {
	rate := Rate{}
	switch door {
	case Create:
		rate = g.limits.Create
	case Join:
		rate = g.limits.Join
	case Connect:
		rate = g.limits.Connect
	}
	if rate.Off {
		return nil
	}
	now := g.now()
	g.mu.Lock()
	defer g.mu.Unlock()
	rates := g.rates[door]
	if rates == nil {
		return refuse(WhyRate, time.Minute) // a door that has no rate lets nobody in
	}
	seen := rates.touch(client)
	if seen.count(now, rate.Per) >= rate.N {
		return refuse(WhyRate, seen.untilBelow(rate.N, now, rate.Per))
	}
	seen.add(now, rate.Per)
	return nil
}

// NewMeter limits the frames of one session.
func (g *Guard) NewMeter() *Meter { return &Meter{rate: g.limits.Frame} }

// Suspended reports until when a meeting takes no passwords.
func (g *Guard) Suspended(id meeting.ID) (until time.Time, suspended bool) {
	now := g.now()
	g.mu.Lock()
	defer g.mu.Unlock()
	until = g.book.suspendedUntil(now, id)
	return until, !until.IsZero()
}

// Try is a password that may be looked at now. It is settled by the first of its methods that is called.
type Try struct {
	guard   *Guard
	client  Client
	meeting meeting.ID
	settled bool // under guard.mu
}

// Reserve asks to look at a password for a meeting, known or not, before any work is done for it. It returns a *Refusal if a rule is
// against it. If only the outcome of other tries can tell, it waits for them. Whoever got a Try settles it:
//
//	try, err := guard.Reserve(ctx, client, id)
//	if err != nil { … }
//	defer try.Release()
func (g *Guard) Reserve(ctx context.Context, client Client, id meeting.ID) (*Try, error) {
	var patience <-chan time.Time
	for {
		try, refusal, settled := g.reserve(client, id, patience != nil)
		if refusal != nil {
			return nil, refusal
		}
		if try != nil {
			return try, nil
		}
		if patience == nil {
			timer := time.NewTimer(maxWait)
			defer timer.Stop()
			patience = timer.C
			defer g.stopWaiting()
		}
		select {
		case <-settled:
		case <-patience:
			return nil, refuse(WhyBusy, time.Second)
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// reserve returns a try, a refusal, or what to wait for; in the last case the caller counts as waiting.
func (g *Guard) reserve(client Client, id meeting.ID, waits bool) (*Try, *Refusal, <-chan struct{}) {
	now := g.now()
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.open >= maxOpen {
		return nil, refuse(WhyBusy, time.Second), nil
	}
	verdict := g.book.reserve(now, client, id)
	switch {
	case verdict.refusal != nil:
		return nil, verdict.refusal, nil
	case verdict.granted:
		g.open++
		return &Try{guard: g, client: client, meeting: id}, nil, nil
	case !waits && g.waiting >= maxWaiting:
		return nil, refuse(WhyBusy, time.Second), nil
	case !waits:
		g.waiting++
	}
	return nil, nil, g.settled
}

func (g *Guard) stopWaiting() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.waiting--
}

// Failed counts the try as a failure and keeps it in the store before it returns: only then may the client be answered. It reports
// whether this failure has suspended the meeting's entry by password, for its host to be told.
func (t *Try) Failed(ctx context.Context, failure Failure) (suspended bool, err error) {
	g := t.guard
	now := g.now()
	if !t.settle(func(b *book) { suspended = b.fail(now, t.client, t.meeting, failure) }) || g.limits.Guess.Off {
		return false, nil
	}
	return suspended, g.journal.write(ctx, now, t.client, t.meeting, entryOf(failure))
}

// Succeeded ends the row of failures of this meeting and prefix, and nothing else.
func (t *Try) Succeeded(ctx context.Context) {
	g := t.guard
	now := g.now()
	ended := false
	if t.settle(func(b *book) { ended = b.succeed(t.client, t.meeting) }) && ended {
		// If this is lost, the row goes on after a restart: strict, and not worth refusing a guest.
		_ = g.journal.write(ctx, now, t.client, t.meeting, entrySuccess)
	}
}

// Release gives the try back uncounted if it was not settled: nothing was learned by it.
func (t *Try) Release() { t.settle(func(*book) {}) }

// settle runs outcome once in a try's life and lets others have its place.
func (t *Try) settle(outcome func(*book)) bool {
	g := t.guard
	g.mu.Lock()
	defer g.mu.Unlock()
	if t.settled {
		return false
	}
	t.settled = true
	outcome(g.book)
	g.book.close(t.client, t.meeting)
	g.open--
	close(g.settled)
	g.settled = make(chan struct{})
	return true
}

// UnknownToken counts an invitation's token that was not found, or returns a *Refusal if the client has failed too often.
// A token that is found needs no leave: 256 bits are not guessed.
func (g *Guard) UnknownToken(ctx context.Context, client Client) error {
	if g.limits.Guess.Off {
		return nil
	}
	now := g.now()
	if refusal := g.countUnknownToken(now, client); refusal != nil {
		return refusal
	}
	return g.journal.write(ctx, now, client, "", entryUnknownToken)
}

func (g *Guard) countUnknownToken(now time.Time, client Client) *Refusal {
	g.mu.Lock()
	defer g.mu.Unlock()
	if refusal := g.book.clientRefusal(now, client, true); refusal != nil {
		return refusal
	}
	g.book.fail(now, client, "", unknownToken)
	return nil
}
