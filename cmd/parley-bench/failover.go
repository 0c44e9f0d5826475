package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"syscall"
	"time"

	"github.com/parley-mesh/parley/node/router"
	"github.com/parley-mesh/parley/node/session"
	"github.com/parley-mesh/parley/pkg/identity"
	"github.com/parley-mesh/parley/pkg/protocol"
)

type failoverCommand struct {
	Receivers int `help:"Participants beside the publisher." default:"4"`
	Times     int `help:"How often an SFU is killed." default:"20"`
}

func (c *failoverCommand) Run(ctx context.Context, cli *commandLine) error {
	return cli.report(measureFailover(ctx, cli, c))
}

// measureFailover kills SFUs and tells after how long each receiver had media
// from the standby.
func measureFailover(ctx context.Context, cli *commandLine, c *failoverCommand) ([]row, error) {
	all := row{What: "SFU killed → media from the standby", Unit: "ms", Yardstick: "none", Goal: "p95 ≤ 500 ms"}
	for range c.Times {
		gaps, err := killSFU(ctx, cli, c.Receivers)
		if err != nil {
			return nil, fmt.Errorf("a killed SFU: %w", err)
		}
		for _, gap := range gaps {
			all.Parley = append(all.Parley, float64(gap)/float64(time.Millisecond))
		}
	}
	sorted := slices.Sorted(slices.Values(all.Parley))
	worst := all
	worst.What += ", p95"
	worst.Parley = sample{sorted[len(sorted)*95/100]}
	return []row{all, worst}, nil
}

// killSFU makes a room with two helpers, kills the one that is the SFU, and
// returns how long each receiver was without pictures.
func killSFU(ctx context.Context, cli *commandLine, receivers int) (gaps []time.Duration, err error) {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	const meshMax = 2
	h, err := startParleyHall(ctx, cli, meshMax, 2)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, h.stop()) }()

	star := make(chan identity.PeerID, 1)
	told := func(event session.Event) {
		if t, ok := event.(session.Topology); ok && t.Topology == protocol.TopologyStar && t.Standby != "" {
			select {
			case star <- t.SFU:
			default:
			}
		}
	}
	var idle meter
	host, err := enter(ctx, h.rendezvous.url, h.token, part{
		id: h.host, publish: &full, want: everything, told: told,
		sink: func(_ router.Key, _ int64, p *router.Packet) { idle.take(p.Payload) },
	})
	if err != nil {
		return nil, err
	}
	h.guests = append(h.guests, host)
	watches := make([]watch, receivers)
	for i := range watches {
		w := &watches[i]
		g, err := enter(ctx, h.rendezvous.url, h.token, part{want: everything, sink: func(key router.Key, _ int64, _ *router.Packet) {
			if key.Source == protocol.SourceCamera {
				w.take(time.Now())
			}
		}})
		if err != nil {
			return nil, err
		}
		h.guests = append(h.guests, g)
	}
	var sfu identity.PeerID
	select {
	case sfu = <-star:
	case <-ctx.Done():
		return nil, errors.New("the room did not become a star with a standby")
	}
	// Everybody has moved to the SFU and has a warm link to the standby.
	if err := pause(ctx, 3*time.Second); err != nil {
		return nil, err
	}
	at := time.Now()
	for i := range watches {
		watches[i].begin(at)
	}
	if err := h.helpers[h.index(sfu)].command.Process.Signal(syscall.SIGKILL); err != nil {
		return nil, err
	}
	if err := pause(ctx, 3*time.Second); err != nil {
		return nil, err
	}
	for i := range watches {
		gap, err := watches[i].longest()
		if err != nil {
			return nil, err
		}
		gaps = append(gaps, gap)
	}
	return gaps, nil
}

// A watch finds the longest time that a receiver was without a packet.
type watch struct {
	mu   sync.Mutex
	last time.Time
	gap  time.Duration
}

func (w *watch) begin(at time.Time) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.last, w.gap = at, 0
}

func (w *watch) take(at time.Time) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.gap = max(w.gap, at.Sub(w.last))
	w.last = at
}

func (w *watch) longest() (time.Duration, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if since := time.Since(w.last); since > time.Second {
		return 0, fmt.Errorf("a receiver has had nothing for %v", since.Round(time.Millisecond))
	}
	return w.gap, nil
}
