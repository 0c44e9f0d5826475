package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/parley-mesh/parley/node/link"
	"github.com/parley-mesh/parley/node/router"
	"github.com/parley-mesh/parley/node/session"
	"github.com/parley-mesh/parley/pkg/client"
	"github.com/parley-mesh/parley/pkg/identity"
	"github.com/parley-mesh/parley/pkg/protocol"
)

// A guest is a native participant of a meeting in this process: a session of its
// own with a UDP port of its own, so that to others it is a machine of its own.
type guest struct {
	session   *session.Session
	transport *link.Transport
	end       context.CancelFunc
	ended     chan struct{}
	err       error // why it ended, once it has
}

// A part is what a guest plays.
type part struct {
	id      *identity.Identity // nil: somebody new
	publish *pace              // nil: nothing
	want    session.Want
	sink    router.Sink
	willing bool // may be made the SFU
	told    func(session.Event)
}

// enter joins a meeting by its invitation and stays until leave.
func enter(ctx context.Context, url, token string, p part) (*guest, error) {
	if p.id == nil {
		var err error
		if p.id, err = identity.Generate(rand.Reader); err != nil {
			return nil, err
		}
	}
	asked, err := client.New(client.Config{Rendezvous: url, Identity: p.id, HTTP: keptAlive})
	if err != nil {
		return nil, err
	}
	joined, err := asked.Join(ctx, protocol.JoinRequest{InvitationToken: token})
	if err != nil {
		return nil, err
	}
	transport, err := link.NewTransport(link.TransportConfig{Loopback: true})
	if err != nil {
		return nil, err
	}
	config := session.Config{
		Client: asked, Joined: joined, Kind: protocol.KindNode, Name: "Load", Transport: transport,
		Willing: p.willing, Want: p.want,
	}
	if p.willing {
		config.UplinkKbps, config.DownlinkKbps = loadUplinkKbps, loadUplinkKbps
	}
	if p.publish != nil {
		config.Publish = []session.Publisher{&generated{pace: *p.publish}}
	}
	if p.sink != nil {
		others := func(key router.Key) bool { return key.From != p.id.PeerID() }
		config.Sinks = []session.Sink{{Want: others, Write: p.sink}}
	}
	s, err := session.New(config)
	if err != nil {
		return nil, errors.Join(err, transport.Close())
	}
	running, end := context.WithCancel(context.WithoutCancel(ctx))
	g := &guest{session: s, transport: transport, end: end, ended: make(chan struct{})}
	go func() {
		for event := range s.Events() {
			if p.told != nil {
				p.told(event)
			}
		}
	}()
	go func() {
		defer close(g.ended)
		g.err = s.Run(running)
	}()
	return g, nil
}

const loadUplinkKbps = 1_000_000

// leave ends the stay.
func (g *guest) leave() error {
	g.session.Leave()
	select {
	case <-g.ended:
	case <-time.After(5 * time.Second):
		g.end()
		<-g.ended
	}
	g.end()
	if err := errors.Join(g.err, g.transport.Close()); err != nil {
		return fmt.Errorf("a guest left: %w", err)
	}
	return nil
}

// everything asks for the camera and the microphone of everybody.
func everything(of protocol.Participant, source protocol.Source) (width, height int, want bool) {
	switch {
	case of.Kind == protocol.KindHelper:
		return 0, 0, false
	case source == protocol.SourceCamera:
		return 640, 360, true
	default:
		return 0, 0, source == protocol.SourceMic
	}
}

// generated publishes what generate makes, sealed.
type generated struct {
	pace   pace
	wanted atomic.Bool
}

func (*generated) Sources() []session.Published {
	return []session.Published{{Source: protocol.SourceMic}, {Source: protocol.SourceCamera, Width: 640, Height: 360}}
}

func (g *generated) RequestKeyFrame(protocol.Source, int) { g.wanted.Store(true) }

func (g *generated) Run(ctx context.Context, out session.Outlet) error {
	sealing := &sealing{out: out}
	generate(ctx, g.pace, &g.wanted, sealing.take)
	return nil
}
