package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/parley-mesh/parley/node/router"
	"github.com/parley-mesh/parley/node/session"
	"github.com/parley-mesh/parley/pkg/client"
	"github.com/parley-mesh/parley/pkg/identity"
	"github.com/parley-mesh/parley/pkg/meeting"
	"github.com/parley-mesh/parley/pkg/protocol"
)

// parleyHall is a meeting that is a star on a helper, with everybody in it.
type parleyHall struct {
	rendezvous *process
	helpers    []*process
	names      []identity.PeerID // the helpers', in their order
	host       *identity.Identity
	token      string
	guests     []*guest
}

// startParleyHall makes a meeting of at most meshMax without an SFU, and so many
// helpers, each a process of its own.
func startParleyHall(ctx context.Context, cli *commandLine, meshMax, helpers int) (h *parleyHall, err error) {
	h = new(parleyHall)
	defer func() {
		if err != nil {
			err = errors.Join(err, h.stop())
		}
	}()
	node, err := cli.binary(ctx, cli.Node, "parley-node")
	if err != nil {
		return h, err
	}
	var keys, flags []string
	for n := range helpers {
		key := filepath.Join(cli.folder, fmt.Sprintf("helper-%d.pem", n))
		id, err := client.LoadOrCreateIdentity(key)
		if err != nil {
			return h, err
		}
		keys = append(keys, key)
		h.names = append(h.names, id.PeerID())
		flags = append(flags, "--helper-identity", string(id.PeerID()))
	}
	if h.rendezvous, err = startRendezvous(ctx, cli, append(flags, "--helper=false")...); err != nil {
		return h, err
	}
	for _, key := range keys {
		helper, err := start(ctx, printedHelping, node, "helper", "--rendezvous", h.rendezvous.url, "--identity", key, "--uplink", "10G", "--json")
		if err != nil {
			return h, err
		}
		h.helpers = append(h.helpers, helper)
	}
	host, err := newCaller(h.rendezvous.url)
	if err != nil {
		return h, err
	}
	h.host = host.id
	capacity := meeting.MaxCapacity
	made, err := host.create(ctx, protocol.CreateRequest{
		Title: "Benchmark", Policy: &meeting.PolicyPatch{MeshMax: &meshMax, Capacity: &capacity},
	})
	h.token = made.InvitationToken
	return h, err
}

// index is which of the helpers somebody is.
func (h *parleyHall) index(id identity.PeerID) int { return max(slices.Index(h.names, id), 0) }

func (h *parleyHall) forwarder() *process { return h.helpers[0] }

func (h *parleyHall) stop() error {
	var leaving errgroup.Group
	for _, g := range h.guests {
		leaving.Go(g.leave)
	}
	err := leaving.Wait()
	for _, helper := range h.helpers {
		err = errors.Join(err, helper.stop())
	}
	if h.rendezvous != nil {
		err = errors.Join(err, h.rendezvous.stop())
	}
	return err
}

func (h *parleyHall) publish(ctx context.Context, n int, m *meter) error {
	inside, arrived := once()
	p := part{
		publish: &full, want: everything, sink: func(_ router.Key, _ int64, p *router.Packet) { m.take(p.Payload) },
		told: func(event session.Event) {
			if _, ok := event.(session.Roster); ok {
				arrived()
			}
		},
	}
	if n == 0 {
		p.id = h.host
	}
	g, err := enter(ctx, h.rendezvous.url, h.token, p)
	if err != nil {
		return err
	}
	h.guests = append(h.guests, g)
	// Whoever comes next is to find this one there.
	select {
	case <-inside:
		return nil
	case <-g.ended:
		return g.err
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (h *parleyHall) receive(ctx context.Context, m *meter) (time.Duration, error) {
	began := time.Now()
	first, arrived := once()
	g, err := enter(ctx, h.rendezvous.url, h.token, part{want: everything, sink: func(_ router.Key, _ int64, p *router.Packet) {
		arrived()
		m.take(p.Payload)
	}})
	if err != nil {
		return 0, err
	}
	h.guests = append(h.guests, g)
	select {
	case <-first:
		return time.Since(began), nil
	case <-g.ended:
		return 0, g.err
	case <-ctx.Done():
		return 0, ctx.Err()
	}
}
