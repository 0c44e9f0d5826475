package session

import (
	"context"
	"log/slog"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/parley-mesh/parley/node/router"
	"github.com/parley-mesh/parley/pkg/client"
	"github.com/parley-mesh/parley/pkg/e2ee"
	"github.com/parley-mesh/parley/pkg/identity"
	"github.com/parley-mesh/parley/pkg/meeting"
	"github.com/parley-mesh/parley/pkg/protocol"
	"github.com/parley-mesh/parley/pkg/room"
)

// loop is a running session's state and the one goroutine that owns it.
type loop struct {
	cfg   *Config
	self  identity.PeerID
	log   *slog.Logger
	began time.Time

	rendezvous *client.Session
	router     *router.Router
	inbox      *inbox
	out        *outbox

	core       *gathering
	key        *e2ee.SessionKey
	kept       Kept
	unkept     []func(*Kept) // changes of it that could not be written, the oldest first
	door       *door
	keys       *keys
	alarms     alarms
	unreached  unreached
	code       e2ee.Code // what people compare; zero before there is an epoch
	links      *links
	envelopes  *envelopes
	directives directives
	chat       *chat
	newcomer   *newcomer
	outlet     *outlet
	sinks      []*router.SinkHandle
	gauge      gauge
	cores      cores
	couriers   couriers
	topic      Topic // nil before the welcome and without an overlay

	phase     Phase
	connected bool
	inAt      int64 // since when; 0 before
	// restartedAt is when the rendezvous last gave up this session's past; 0 for never.
	restartedAt int64
	removedAt   int64 // when somebody was last removed; 0 for never
	number      int64 // self's session
	title       string
	hostID      identity.PeerID
	expiresAt   *time.Time
	policy      meeting.Policy
	deciding    int // decisions of who may come in that the rendezvous has not answered yet
	presence    protocol.Presence
	waiting     []protocol.Participant
	iceServers  []protocol.ICEServer
	capacities  map[identity.PeerID]protocol.Capacity

	told  told
	dirty dirty
	next  schedule
	count counters

	running sync.WaitGroup // publishers, the router's clock, couriers
	closing sync.WaitGroup // links on their way out
}

// told is what the owner and the others know already.
type told struct {
	topology   Topology
	recorders  map[identity.PeerID]bool
	flows      map[router.Key]bool
	capacity   protocol.Capacity
	capacityAt int64
}

// dirty is what is to be looked at again before the loop rests.
type dirty struct {
	roster bool // who is in the room, or what their presence says
	asks   bool // what to ask for on the links
	heard  bool // whom the SFU has
	flows  bool // what arrives here
	keys   bool // epochs, or who may have them
}

// schedule is when things are due, in the loop's milliseconds; 0 for not at all.
type schedule struct {
	asks, heard, advert, stats, watch, keys, recard, plea, seek, overdue, relaxed int64
}

// counters are of what was dropped.
type counters struct {
	boxes     int // not understood
	envelopes int // not of this meeting, not signed, not allowed
	passes    int // boxes not passed on
}

const (
	asksEvery    = 20    // at the most often, milliseconds
	heardSoon    = 50    // after a change
	heardEvery   = 1_000 // looked at again, for what only time decides
	heardRepeat  = 5_000
	statsEvery   = 2_000
	routerLeast  = 2 * time.Millisecond
	routerMost   = 20 * time.Millisecond
	routerIdle   = 200 * time.Millisecond
	leaveWithin  = 2 * time.Second // in which the rendezvous is told, once the context has ended
	courierQueue = 64
)

func newLoop(s *Session) *loop {
	cfg := &s.cfg
	id := cfg.Client.Identity()
	l := &loop{
		cfg: cfg, self: id.PeerID(), log: cfg.Logger, began: time.Now(),
		rendezvous: s.rendezvous, inbox: s.inbox, out: s.out,
		router:    router.New(router.Config{Self: id.PeerID(), Seed: rand.Uint64()}),
		envelopes: newEnvelopes(cfg.Joined.MeetingID, id),
		chat:      newChat(), newcomer: newNewcomer(),
		phase: PhaseJoining, title: cfg.Joined.Title, hostID: cfg.Host, expiresAt: cfg.Joined.ExpiresAt,
		policy:     meeting.DefaultPolicy(),
		capacities: make(map[identity.PeerID]protocol.Capacity),
		told:       told{recorders: make(map[identity.PeerID]bool), flows: make(map[router.Key]bool)},
	}
	l.gauge = newGauge(cfg.UplinkKbps, cfg.DownlinkKbps)
	l.core = newGathering(l.self, l, l.millis)
	l.key = s.secrecy.key
	l.kept, l.unkept = s.secrecy.kept, s.secrecy.unkept
	l.door, l.keys, l.alarms = newDoor(s.secrecy, l.hostID), newKeys(s.secrecy, cfg, s.media), newAlarms()
	l.links = newLinks(l)
	l.outlet = newOutlet(l.self, l.router, l.nanos, cfg.Publish)
	l.outlet.Sealer = s.media.sealer
	l.presence = l.outlet.initial(cfg.Name, cfg.Recording)
	l.couriers.loop = l
	return l
}

// nanos is the router's clock.
func (l *loop) nanos() int64 { return int64(time.Since(l.began)) }

// millis is the room's clock: whole milliseconds from 1.
func (l *loop) millis() int64 { return time.Since(l.began).Milliseconds() + 1 }

// unix is the epochs' clock: milliseconds since 1970, by a clock that does not
// run backwards.
func (l *loop) unix() int64 { return l.began.UnixMilli() + time.Since(l.began).Milliseconds() }

func chance() float64 { return rand.Float64() }

// run is the loop: it takes one thing after the other until the rendezvous has
// said its last word or ctx ends.
func (l *loop) run(ctx context.Context, over <-chan error) error {
	timer := time.NewTimer(time.Hour)
	defer timer.Stop()
	events := l.rendezvous.Events()
	done := ctx.Done()
	var spare []input
	for {
		select {
		case <-done:
			l.rendezvous.Leave()
			done = nil
		case err := <-over:
			return err
		case e, open := <-events:
			if !open {
				events = nil
				continue
			}
			l.rendezvousSaid(e)
		case <-l.inbox.wake:
			waiting, flooded := l.inbox.all(spare)
			for _, in := range waiting {
				in.take(l)
			}
			for _, t := range flooded {
				l.log.Warn("a link said too much", "peer", t.party.id)
				l.links.lose(t, true)
			}
			spare = waiting
		case <-timer.C:
		}
		timer.Reset(l.settle())
	}
}

// settle draws the consequences of what happened, does what is due, and returns
// how long there is nothing to do.
func (l *loop) settle() time.Duration {
	now := l.millis()
	if at := room.Deadline(l.core.state); at != 0 && at <= now {
		l.core.happened(room.Clock{})
	}
	next := l.links.due(now)
	if l.dirty.roster {
		l.dirty.roster = false
		l.rosterChanged()
	}
	if l.dirty.asks && now >= l.next.asks {
		l.dirty.asks, l.next.asks = false, now+asksEvery
		for _, t := range l.links.ties {
			l.ask(t)
		}
	}
	if l.dirty.flows {
		l.dirty.flows = false
		l.tellFlows()
	}
	if l.dirty.heard {
		l.dirty.heard = false
		l.next.heard = sooner(l.next.heard, now+heardSoon)
	}
	if l.next.heard != 0 && now >= l.next.heard {
		l.tellHeard(now)
	}
	if l.dirty.keys || (l.next.keys != 0 && now >= l.next.keys) {
		l.next.keys = l.rekey(now)
	}
	if l.next.advert != 0 && now >= l.next.advert {
		l.advertise(now)
	}
	if l.next.watch != 0 && now >= l.next.watch {
		l.watch(now)
	}
	if l.next.plea != 0 && now >= l.next.plea {
		l.plead(now)
	}
	if l.next.recard != 0 && now >= l.next.recard {
		l.recard()
	}
	if l.next.seek != 0 && now >= l.next.seek {
		l.next.seek = l.seek(now)
	}
	if l.next.overdue != 0 && now >= l.next.overdue {
		l.missEpoch()
	}
	if l.next.relaxed != 0 && now >= l.next.relaxed {
		l.tellRelaxed()
	}
	if l.next.stats != 0 && now >= l.next.stats {
		l.next.stats = now + statsEvery
		l.out.tell(l.stats())
	}
	for _, at := range []int64{room.Deadline(l.core.state), l.next.heard, l.next.advert, l.next.stats, l.next.watch, l.next.keys, l.next.recard, l.next.plea, l.next.seek, l.next.overdue, l.next.relaxed} {
		next = sooner(next, at)
	}
	if l.dirty.asks {
		next = sooner(next, l.next.asks)
	}
	if l.dirty.roster || l.dirty.flows || l.dirty.keys {
		next = now
	}
	if next == 0 {
		return time.Hour
	}
	return time.Duration(max(0, next-l.millis())) * time.Millisecond
}

func sooner(a, b int64) int64 {
	if a == 0 || (b != 0 && b < a) {
		return b
	}
	return a
}

// keepTime calls the router when something is due there, and tells the loop when
// it wants something else than before.
func (l *loop) keepTime(ctx context.Context) {
	timer := time.NewTimer(0)
	defer timer.Stop()
	var revision uint64
	for {
		select {
		case <-ctx.Done():
			return
		case <-timer.C:
		}
		next := l.router.Tick(l.nanos())
		if now := l.router.Revision(); now != revision {
			revision = now
			l.inbox.post(revised{}, nil)
		}
		most := routerMost
		if next == 0 {
			most = routerIdle
		}
		timer.Reset(min(max(time.Duration(next-l.nanos()), routerLeast), most))
	}
}
