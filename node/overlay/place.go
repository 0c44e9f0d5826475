package overlay

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/libp2p/go-libp2p/p2p/protocol/circuitv2/client"
)

const (
	reserveWithin = 10 * time.Second
	firstAgain    = 250 * time.Millisecond
	lastAgain     = 15 * time.Second
	minPlace      = 10 * time.Second // a relay that promises less is asked no sooner
)

// places are what relays keep for us.
type places struct {
	mu   sync.Mutex
	held map[peer.ID]bool
	gone map[peer.ID]chan struct{} // closed when the connection to the relay is lost
}

func newPlaces() *places {
	return &places{held: make(map[peer.ID]bool), gone: make(map[peer.ID]chan struct{})}
}

// hold notes a place and returns what is closed when it is lost.
func (p *places) hold(relay peer.ID) <-chan struct{} {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.held[relay] = true
	if p.gone[relay] == nil {
		p.gone[relay] = make(chan struct{})
	}
	return p.gone[relay]
}

// lost notes that the connection to a relay, if it is one, ended.
func (p *places) lost(relay peer.ID) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.held, relay)
	if gone := p.gone[relay]; gone != nil {
		close(gone)
		delete(p.gone, relay)
	}
}

func (p *places) has(relay peer.ID) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.held[relay]
}

// keepPlace keeps a reservation at a relay until ctx ends. Without the relay the
// overlay goes on with what it has.
func (o *Overlay) keepPlace(ctx context.Context, relay peer.AddrInfo) error {
	failures := 0
	for {
		until, gone, err := o.reserve(ctx, relay)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err != nil {
			if failures == 0 {
				o.config.Logger.Warn("the relay keeps no place for this node; trying again", "relay", relay.ID, "why", why(err))
			}
			if !pause(ctx, min(firstAgain<<min(failures, 10), lastAgain)) {
				return ctx.Err()
			}
			failures++
			continue
		}
		failures = 0
		o.nudge()
		go o.learn(ctx, relay)
		renew := time.NewTimer(max(time.Until(until)*2/3, minPlace))
		select {
		case <-ctx.Done():
		case <-gone:
		case <-renew.C:
		}
		renew.Stop()
	}
}

// reserve connects to a relay and asks it for a place.
func (o *Overlay) reserve(ctx context.Context, relay peer.AddrInfo) (until time.Time, gone <-chan struct{}, err error) {
	ctx, cancel := context.WithTimeout(ctx, reserveWithin)
	defer cancel()
	if err := o.dial(ctx, relay); err != nil {
		return until, nil, fmt.Errorf("overlay: relay: %w", err)
	}
	gone = o.places.hold(relay.ID) // before the answer, so that no loss is missed
	reservation, err := client.Reserve(ctx, o.host, relay)
	if err != nil {
		o.places.drop(relay.ID)
		return until, nil, fmt.Errorf("overlay: reserve: %w", err)
	}
	return reservation.Expiration, gone, nil
}

// drop notes that a relay refused.
func (p *places) drop(relay peer.ID) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.held, relay)
}

// why is a word for a log: the library's own errors name addresses.
func why(err error) string {
	var refused client.ReservationError
	switch {
	case errors.As(err, &refused):
		return "it answered: " + refused.Status.String()
	case errors.Is(err, context.DeadlineExceeded):
		return "no answer"
	}
	return "it cannot be reached"
}
