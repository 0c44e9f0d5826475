package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/parley-mesh/parley/node/router"
	"github.com/parley-mesh/parley/node/session"
	"github.com/parley-mesh/parley/pkg/identity"
	"github.com/parley-mesh/parley/pkg/protocol"
)

type roomCommand struct {
	Members int `help:"Native participants that all publish." default:"30"`
	Views   int `help:"Cameras that each of them asks for and a link has slots for." default:"18"`
}

func (c *roomCommand) Run(ctx context.Context, cli *commandLine) error {
	return cli.report(measureLargeRoom(ctx, cli, c))
}

// measureLargeRoom fills a room, checks that everybody has what they asked for,
// and counts what each join cost those who were there already.
func measureLargeRoom(ctx context.Context, cli *commandLine, c *roomCommand) (rows []row, err error) {
	ctx, cancel := context.WithTimeout(ctx, 3*time.Minute)
	defer cancel()
	const (
		meshMax = 2
		settled = 4 // members from which on the room is a star and stays one
	)
	h, err := startParleyHall(ctx, cli, meshMax, 1)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, h.stop()) }()

	seats := make([]*seat, c.Members)
	join := row{What: fmt.Sprintf("join of one of %d → first picture", c.Members), Unit: "ms", Yardstick: "none"}
	touched := row{What: "links of others that a later join touched", Unit: "", Yardstick: "none", Goal: "0"}
	for n := range seats {
		before := 0
		for _, there := range seats[:n] {
			before += there.linkEvents()
		}
		s := newSeat(n, c.Views)
		seats[n] = s
		p := part{publish: &small, want: s.want, sink: s.take, told: s.told}
		if n == 0 {
			p.id = h.host
		}
		began := time.Now()
		g, err := enter(ctx, h.rendezvous.url, h.token, p)
		if err != nil {
			return nil, err
		}
		h.guests = append(h.guests, g)
		if n == 0 {
			continue
		}
		select {
		case <-s.first:
		case <-ctx.Done():
			return nil, fmt.Errorf("participant %d of %d saw nobody", n+1, c.Members)
		}
		if n < settled {
			if err := pause(ctx, 4*time.Second); err != nil { // until it is a star
				return nil, err
			}
			continue
		}
		join.Parley = append(join.Parley, float64(time.Since(began))/float64(time.Millisecond))
		after := 0
		for _, there := range seats[:n] {
			after += there.linkEvents()
		}
		touched.Parley = append(touched.Parley, float64(after-before))
	}
	served := row{What: "of the cameras that a link has slots for, those that each member gets", Unit: "share", Yardstick: "none", Goal: "1"}
	if err := pause(ctx, 5*time.Second); err != nil {
		return nil, err
	}
	for _, s := range seats {
		s.begin()
	}
	if err := pause(ctx, 2*time.Second); err != nil {
		return nil, err
	}
	for _, s := range seats {
		served.Parley = append(served.Parley, s.share())
	}
	return []row{join, touched, served}, nil
}

// A seat is one member of a large room: whom it shows, and what it got of that.
type seat struct {
	n, views int
	first    <-chan struct{}
	arrived  func()

	mu     sync.Mutex
	shown  []identity.PeerID
	got    map[identity.PeerID]int
	events int
}

func newSeat(n, views int) *seat {
	s := &seat{n: n, views: views, got: make(map[identity.PeerID]int)}
	s.first, s.arrived = once()
	return s
}

// want shows the first so many others, and listens to all.
func (s *seat) want(of protocol.Participant, source protocol.Source) (width, height int, want bool) {
	if source != protocol.SourceCamera {
		return everything(of, source)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if of.Kind == protocol.KindHelper || !slices.Contains(s.shown, of.ID) {
		return 0, 0, false
	}
	return 160, 90, true
}

func (s *seat) told(event session.Event) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch event := event.(type) {
	case session.Link:
		s.events++
	case session.Joined:
		if event.Participant.Kind != protocol.KindHelper && len(s.shown) < s.views+1 {
			s.shown = append(s.shown, event.Participant.ID)
		}
	}
}

func (s *seat) linkEvents() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.events
}

func (s *seat) take(key router.Key, _ int64, _ *router.Packet) {
	if key.Source != protocol.SourceCamera {
		return
	}
	s.arrived()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.got[key.From]++
}

func (s *seat) begin() {
	s.mu.Lock()
	defer s.mu.Unlock()
	clear(s.got)
}

// share is how many of those shown were seen since begin.
func (s *seat) share() float64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return float64(len(s.got)) / float64(s.views)
}
