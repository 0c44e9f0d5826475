package overlay

import (
	"slices"
	"time"

	"github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/peer"
)

// When one of two connections with a peer ends, GossipSub opens its stream anew on
// the other, and may then forget what the peer listens to just after the peer has
// told it. Nobody tells it again before a new connection: whoever seems to listen
// to nothing for a while gets one.
const (
	deafFor   = 2 * time.Second // and each time twice as long
	deafTimes = 8
)

// deafness is since when, and how often before. It is under Overlay.mu.
type deafness struct {
	since time.Time
	times int
}

// silent are the connected nodes of our rooms that GossipSub takes for deaf.
func (o *Overlay) silent() []peer.ID {
	var all []peer.ID
	for _, t := range o.joined() {
		listening := t.topic.ListPeers()
		for _, p := range t.members() {
			if !slices.Contains(listening, p) && o.host.Network().Connectedness(p) == network.Connected {
				all = append(all, p)
			}
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// rouse hangs up with who has been deaf for too long, and returns when to look
// again.
func (o *Overlay) rouse(now time.Time) time.Duration {
	silent := o.silent()
	again := lookEvery
	var tired []peer.ID
	o.mu.Lock()
	for p, d := range o.deaf {
		if _, still := slices.BinarySearch(silent, p); !still {
			if d.since.IsZero() && o.host.Network().Connectedness(p) == network.Connected {
				delete(o.deaf, p) // it hears
			}
			d.since = time.Time{}
		}
	}
	for _, p := range silent {
		d := o.deaf[p]
		if d == nil {
			d = &deafness{}
			o.deaf[p] = d
		}
		if d.since.IsZero() {
			d.since = now
		}
		wait := deafFor<<min(d.times, deafTimes) - now.Sub(d.since)
		if wait > 0 {
			again = min(again, wait)
			continue
		}
		d.since = time.Time{}
		d.times++
		tired = append(tired, p)
	}
	o.mu.Unlock()
	for _, p := range tired {
		o.hangUp(p)
	}
	return again
}
