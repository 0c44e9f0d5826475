package overlay

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/libp2p/go-libp2p/p2p/net/swarm"
	"github.com/libp2p/go-libp2p/p2p/protocol/ping"
	ma "github.com/multiformats/go-multiaddr"

	"github.com/parley-mesh/parley/pkg/p2p"
)

const (
	// neighbours is with how many nodes after it, in the ring of a room's peer
	// IDs, a node keeps connections: in all with twice as many, whatever the
	// room's size. Everybody else is called when there is something to say.
	neighbours = 6

	connectWithin = 10 * time.Second
	patience      = time.Second // of the one of two who is to be called
	firstRetry    = 300 * time.Millisecond
	lastRetry     = 20 * time.Second
	firstPunch    = 2 * time.Second
	directWithin  = 3 * time.Second
	lastPunch     = 5 * time.Minute
	pingEvery     = 15 * time.Second
	pingWithin    = 5 * time.Second
	lookEvery     = 5 * time.Second
)

// dial is what is going on with one wanted peer. It is under Overlay.mu.
type dial struct {
	busy     bool
	failures int
	next     time.Time
	punches  int
	punch    time.Time // not before
	ping     time.Time // not before
}

// wanted are the peers to keep connections with.
func (o *Overlay) wanted() []peer.ID {
	var all []peer.ID
	for _, t := range o.joined() {
		all = append(all, around(o.self, t.members())...)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// around are self's neighbours in the ring of members, which are in order.
func around(self peer.ID, members []peer.ID) []peer.ID {
	n := len(members)
	if n <= 2*neighbours {
		return members
	}
	at, _ := slices.BinarySearch(members, self)
	var near []peer.ID
	for i := range neighbours {
		near = append(near, members[(at+i)%n], members[(at-1-i+n)%n])
	}
	return near
}

// keepCompany keeps the wanted connections until ctx ends.
func (o *Overlay) keepCompany(ctx context.Context) error {
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-o.kick:
		case <-timer.C:
		}
		now := time.Now()
		timer.Reset(min(o.look(ctx, now), o.rouse(now)))
	}
}

// look starts what is due and returns when to look again.
func (o *Overlay) look(ctx context.Context, now time.Time) time.Duration {
	again := lookEvery
	wanted := o.wanted()
	o.mu.Lock()
	defer o.mu.Unlock()
	for p := range o.dials {
		if _, still := slices.BinarySearch(wanted, p); !still {
			delete(o.dials, p)
		}
	}
	for p := range o.callers {
		if o.host.Network().Connectedness(p) != network.Connected && o.callers[p].open == 0 {
			delete(o.callers, p)
		}
	}
	for _, p := range wanted {
		d := o.dials[p]
		if d == nil {
			d = &dial{punch: now.Add(firstPunch)}
			if o.self > p {
				d.next = now.Add(patience) // the other calls
			}
			o.dials[p] = d
		}
		if d.busy {
			continue
		}
		task, due := o.dueLocked(p, d)
		if wait := due.Sub(now); wait > 0 {
			again = min(again, wait)
			continue
		}
		d.busy = true
		go func() {
			task(ctx, p, d)
			o.nudge()
		}()
	}
	return again
}

// dueLocked is what to do about a peer next, and when.
func (o *Overlay) dueLocked(p peer.ID, d *dial) (func(context.Context, peer.ID, *dial), time.Time) {
	switch o.peer(p).Path {
	case PathNone:
		return o.callOnce, d.next
	case PathRelayed:
		if o.calledUs(p) && d.punch.Before(d.ping) {
			return o.punchOnce, d.punch
		}
	}
	return o.pingOnce, d.ping
}

func (o *Overlay) callOnce(ctx context.Context, p peer.ID, d *dial) {
	ctx, cancel := context.WithTimeout(ctx, connectWithin)
	defer cancel()
	err := o.connect(ctx, p)
	o.mu.Lock()
	defer o.mu.Unlock()
	d.busy = false
	if err != nil {
		d.next = time.Now().Add(min(firstRetry<<min(d.failures, 10), lastRetry))
		d.failures++
		return
	}
	d.failures, d.next = 0, time.Time{}
}

var errNoAddress = errors.New("overlay: nothing is known of where it is")

// connect reaches a member in any way there is.
func (o *Overlay) connect(ctx context.Context, p peer.ID) error {
	var ways []ma.Multiaddr
	for _, relay := range o.relays {
		if o.host.Network().Connectedness(relay.ID) == network.Connected {
			ways = append(ways, circuit(relay, p))
		}
	}
	ways = append(ways, o.near(p)...)
	if len(ways) == 0 {
		o.find(ctx, p)
		if len(o.direct(p)) == 0 {
			return errNoAddress
		}
	}
	return o.dial(ctx, peer.AddrInfo{ID: p, Addrs: ways})
}

// dial connects at once: how often to try is decided here, not by the library.
func (o *Overlay) dial(ctx context.Context, to peer.AddrInfo) error {
	if s, ok := o.host.Network().(*swarm.Swarm); ok {
		s.Backoff().Clear(to.ID)
	}
	return o.host.Connect(ctx, to)
}

// circuit is the address of a peer at a relay that we are connected with.
func circuit(relay peer.AddrInfo, p peer.ID) ma.Multiaddr {
	return ma.StringCast("/p2p/" + relay.ID.String() + "/p2p-circuit/p2p/" + p.String())
}

// calledUs tells whether a circuit is the peer's: the called one punches.
func (o *Overlay) calledUs(p peer.ID) bool {
	return slices.ContainsFunc(o.host.Network().ConnsToPeer(p), func(c network.Conn) bool {
		return c.Stat().Direction == network.DirInbound && p2p.IsCircuit(c.RemoteMultiaddr())
	})
}

func (o *Overlay) punchOnce(ctx context.Context, p peer.ID, d *dial) {
	if !o.callDirectly(ctx, p) {
		_ = o.host.Punch(p) // without a hole the circuit goes on
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	d.busy = false
	d.punch = time.Now().Add(min(firstPunch<<min(2*d.punches, 20), lastPunch))
	d.punches++
}

// callDirectly calls a peer where it says that it listens: two in one building may
// be able to, and have no public address to punch at. On this machine's own
// address another machine's node is not found.
func (o *Overlay) callDirectly(ctx context.Context, p peer.ID) bool {
	ways := slices.DeleteFunc(o.direct(p), func(a ma.Multiaddr) bool {
		at, _, ok := p2p.Endpoint(a)
		return !ok || at.Addr().IsLoopback()
	})
	if len(ways) == 0 {
		return false
	}
	ctx, cancel := context.WithTimeout(network.WithForceDirectDial(ctx, "beside the circuit"), directWithin)
	defer cancel()
	return o.dial(ctx, peer.AddrInfo{ID: p, Addrs: ways}) == nil
}

// pingOnce measures the round trip, which the peer store then knows.
func (o *Overlay) pingOnce(ctx context.Context, p peer.ID, d *dial) {
	o.measure(ctx, p)
	o.mu.Lock()
	defer o.mu.Unlock()
	d.busy = false
	d.ping = time.Now().Add(pingEvery)
}

func (o *Overlay) measure(ctx context.Context, p peer.ID) {
	ctx, cancel := context.WithTimeout(network.WithNoDial(ctx, "ping"), pingWithin)
	defer cancel()
	select {
	case <-ping.Ping(ctx, o.host, p):
	case <-ctx.Done():
	}
}

// met follows a change in who runs a node of a room. Connections with those who
// are in no room any more end. So does one with who shares another room: GossipSub
// tells its topics when a connection begins, and then only to who is in them.
func (o *Overlay) met(before, now []peer.ID) {
	for _, p := range before {
		if !slices.Contains(now, p) && !o.isRelay(p) {
			o.hangUp(p)
		}
	}
	for _, p := range now {
		if slices.Contains(before, p) {
			continue
		}
		rooms := 0
		for _, t := range o.joined() {
			if slices.Contains(t.members(), p) {
				rooms++
			}
		}
		if rooms > 1 {
			o.hangUp(p)
		}
	}
	o.nudge()
}

// hangUp ends the connections with a peer. It does not wait.
func (o *Overlay) hangUp(p peer.ID) {
	go func() { _ = o.host.Network().ClosePeer(p) }()
}
