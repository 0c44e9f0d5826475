package node

import (
	"context"
	"fmt"
	"log/slog"
	"sync"

	"github.com/parley-mesh/parley/node/link"
	"github.com/parley-mesh/parley/node/overlay"
	"github.com/parley-mesh/parley/node/session"
	"github.com/parley-mesh/parley/pkg/client"
)

// base is what all rooms of a process share: the links' socket and the overlay.
type base struct {
	transport *link.Transport
	overlay   session.Overlay // nil: none
	ends      []func()
}

func openBase(ctx context.Context, c *client.Client, n Network, logger *slog.Logger) (_ *base, err error) {
	b := &base{}
	defer func() {
		if err != nil {
			b.close()
		}
	}()
	b.transport, err = link.NewTransport(link.TransportConfig{Listen: n.Listen, Loopback: n.Loopback, Logger: logger})
	if err != nil {
		return nil, fmt.Errorf("node: %w", err)
	}
	b.ends = append(b.ends, func() {
		if err := b.transport.Close(); err != nil {
			logger.Warn("the links' socket did not close", "error", err)
		}
	})
	if n.NoOverlay {
		return b, nil
	}
	return b, b.openOverlay(ctx, c, logger)
}

// openOverlay begins the nodes' own network. A rendezvous without a relay, or
// one that does not answer, leaves the local network.
func (b *base) openOverlay(ctx context.Context, c *client.Client, logger *slog.Logger) error {
	known, err := c.WellKnown(ctx)
	if err != nil {
		logger.Warn("the rendezvous does not tell its relay", "error", err)
	}
	o, err := overlay.New(overlay.Config{Identity: c.Identity(), Relays: known.Relay, LAN: true, Logger: logger})
	if err != nil {
		return fmt.Errorf("node: %w", err)
	}
	running, end := context.WithCancel(context.WithoutCancel(ctx))
	var wait sync.WaitGroup
	wait.Go(func() {
		if err := o.Run(running); err != nil {
			logger.Warn("the nodes' own network ended", "error", err)
		}
	})
	b.overlay = network{o}
	b.ends = append(b.ends, func() {
		end()
		o.Close()
		wait.Wait()
	})
	return nil
}

func (b *base) close() {
	for i := len(b.ends) - 1; i >= 0; i-- {
		b.ends[i]()
	}
}
