package node

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/parley-mesh/parley/node/record"
	"github.com/parley-mesh/parley/node/session"
	"github.com/parley-mesh/parley/pkg/client"
	"github.com/parley-mesh/parley/pkg/identity"
	"github.com/parley-mesh/parley/pkg/meeting"
	"github.com/parley-mesh/parley/pkg/protocol"
	"github.com/parley-mesh/parley/pkg/room"
)

// eventQueue is how many events wait for the owner.
const eventQueue = 256

// Node is a participant. Run owns it; the other methods may be called from
// anywhere, before Run too.
type Node struct {
	cfg    Config
	client *client.Client
	events chan session.Event
	left   chan struct{} // closed by Leave
	leave  func()
	over   <-chan struct{} // closed when the end begins; set by Run

	hearing *hearing                        // nil: nobody wants to know who speaks
	session atomic.Pointer[session.Session] // nil before it joined
	joined  atomic.Pointer[protocol.JoinResponse]
}

// New checks the configuration. It fails with ErrConfig or [client.ErrConfig].
func New(cfg Config) (*Node, error) {
	if err := cfg.validate(); err != nil {
		return nil, err
	}
	asked, err := client.New(client.Config{Rendezvous: cfg.Door.Rendezvous, Identity: cfg.Identity, HTTP: cfg.HTTP})
	if err != nil {
		return nil, err
	}
	n := &Node{cfg: cfg, client: asked, events: make(chan session.Event, eventQueue), left: make(chan struct{})}
	n.leave = sync.OnceFunc(func() { close(n.left) })
	if cfg.Hear {
		n.hearing = newHearing()
	}
	return n, nil
}

// Run joins, stays, and ends in order. It returns nil after [Node.Leave] and
// when ctx ends; ErrPublish or ErrRecord when nothing was joined because of
// that; a *[client.Refused], *[client.Ended] or another error of the client's
// when the rendezvous let nobody in or ended the stay. It is called once.
func (n *Node) Run(ctx context.Context) error {
	defer close(n.events)
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	n.over = ctx.Done()
	var wait sync.WaitGroup
	wait.Go(func() {
		select {
		case <-n.left:
			cancel()
		case <-ctx.Done():
		}
	})
	err := n.stay(ctx)
	if ctx.Err() != nil {
		err = nil
	}
	cancel()
	wait.Wait()
	return err
}

func (n *Node) stay(ctx context.Context) (err error) {
	publish, err := openPublished(ctx, n.cfg.Publish, func(err error) { n.tell(session.Error{Message: err.Error()}) })
	if err != nil {
		return err
	}
	defer closePublished(publish)
	joined, err := n.client.Join(ctx, n.cfg.Door.Join)
	if err != nil {
		return err
	}
	n.joined.Store(&joined)
	var rec *recording
	if n.cfg.Record != "" {
		rec, err = newRecording(n.cfg.Record, record.Options{
			Meeting: joined.MeetingID.String(), Title: joined.Title, Recorder: n.ID(), Passphrase: n.cfg.Passphrase, Logger: n.cfg.Logger,
		}, n.tell)
		if err != nil {
			return err
		}
	}
	base, err := openBase(ctx, n.client, n.cfg.Network, n.cfg.Logger)
	if err != nil {
		return err
	}
	defer base.close()
	cfg := session.Config{
		Client: n.client, Joined: joined, Kind: protocol.KindNode, Name: n.cfg.Name,
		Secret: n.cfg.Door.Secret, Transport: base.transport, Overlay: base.overlay, Willing: !n.cfg.NeverSFU,
		UplinkKbps: n.cfg.Network.UplinkKbps, DownlinkKbps: n.cfg.Network.DownlinkKbps, Logger: n.cfg.Logger,
	}
	if n.cfg.Host {
		cfg.Host = n.ID()
	}
	if n.cfg.Keep != nil {
		if cfg.Keep, err = n.cfg.Keep(joined.MeetingID); err != nil {
			return fmt.Errorf("node: %w", err)
		}
	}
	for _, p := range publish {
		cfg.Publish = append(cfg.Publish, p)
	}
	if rec != nil {
		cfg.Sinks = append(cfg.Sinks, rec.sink())
	}
	if n.hearing != nil {
		cfg.Sinks = append(cfg.Sinks, n.hearing.sink())
	}
	s, err := session.New(cfg)
	if err != nil {
		return fmt.Errorf("node: %w", err)
	}
	n.session.Store(s)
	return n.follow(ctx, s, rec)
}

// follow runs the session, hands its events on and lets the recording follow
// them, until the stay is over and the files are ended.
func (n *Node) follow(ctx context.Context, s *session.Session, rec *recording) error {
	running, end := context.WithCancel(context.WithoutCancel(ctx))
	defer end()
	ended := make(chan error, 1)
	go func() { ended <- s.Run(running) }()
	var stopped <-chan error  // of the recording
	var late <-chan time.Time // the session did not end by itself
	over := ctx.Done()
	for events := s.Events(); events != nil; {
		select {
		case <-over:
			s.Leave()
			over, late = nil, time.After(sessionEndsWithin)
		case <-late:
			end()
		case e, open := <-events:
			if !open {
				events = nil
				break
			}
			if rec != nil {
				rec.heed(s, e)
				stopped = rec.done
			}
			n.tell(e)
		case err := <-stopped:
			rec.stopped(s, err)
			stopped = nil
		}
	}
	if rec != nil {
		rec.end(s)
	}
	return <-ended
}

// tell hands an event to the owner, who reads; one who no longer does, does not
// hold up the end.
func (n *Node) tell(e session.Event) {
	select {
	case n.events <- e:
		return
	default:
	}
	select {
	case n.events <- e:
	case <-n.over:
	}
}

// ID is who this node is.
func (n *Node) ID() identity.PeerID { return n.cfg.Identity.PeerID() }

// Events is where the node tells what happens. It is closed when Run returns.
func (n *Node) Events() <-chan session.Event { return n.events }

// State is the stay now.
func (n *Node) State() session.State {
	if s := n.session.Load(); s != nil {
		state := s.State()
		if n.hearing != nil {
			n.hearing.fill(state.People, time.Now())
		}
		return state
	}
	state := session.State{Phase: session.PhaseJoining, Self: n.ID()}
	if j := n.joined.Load(); j != nil {
		state.MeetingID, state.Title, state.HostID = j.MeetingID, j.Title, j.HostID
	}
	return state
}

// Chat says a line to everybody.
func (n *Node) Chat(text string) error {
	return n.inside(func(s *session.Session) error { return s.Chat(text) })
}

// Choose overrules the election of who carries the room.
func (n *Node) Choose(c room.Choose) error {
	return n.inside(func(s *session.Session) error { return s.Choose(c) })
}

// SetPresence changes what the others are told of this node.
func (n *Node) SetPresence(change func(*protocol.Presence)) error {
	return n.inside(func(s *session.Session) error { return s.SetPresence(change) })
}

// Admit lets somebody in who waits.
func (n *Node) Admit(id identity.PeerID) error {
	return n.inside(func(s *session.Session) error { return s.Admit(id) })
}

// Deny sends somebody away who waits.
func (n *Node) Deny(id identity.PeerID) error {
	return n.inside(func(s *session.Session) error { return s.Deny(id) })
}

// Remove ends somebody's stay, for good with ban.
func (n *Node) Remove(id identity.PeerID, ban bool) error {
	return n.inside(func(s *session.Session) error { return s.Remove(id, ban) })
}

// Lock keeps newcomers out, or lets them in again.
func (n *Node) Lock(locked bool) error {
	return n.inside(func(s *session.Session) error { return s.Lock(locked) })
}

// SetEntry changes who may come in.
func (n *Node) SetEntry(ctx context.Context, e meeting.Entry) error {
	return n.inside(func(s *session.Session) error { return s.SetEntry(ctx, e) })
}

// Renew makes a new invitation and password, and the old ones worthless.
func (n *Node) Renew(ctx context.Context) (made client.Renewed, err error) {
	err = n.inside(func(s *session.Session) error {
		made, err = s.Renew(ctx)
		return err
	})
	return made, err
}

// Invitation is the newest of a meeting that this identity made; false where it is
// not known.
func (n *Node) Invitation() (inv meeting.Invitation, known bool) {
	_ = n.inside(func(s *session.Session) error {
		inv, known = s.Invitation()
		return nil
	})
	return inv, known
}

func (n *Node) inside(do func(*session.Session) error) error {
	if s := n.session.Load(); s != nil {
		return do(s)
	}
	return session.ErrOver
}

// Leave ends the stay. A second call does nothing.
func (n *Node) Leave() { n.leave() }
