package node

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"github.com/parley-mesh/parley/node/link"
	"github.com/parley-mesh/parley/node/overlay"
	"github.com/parley-mesh/parley/node/session"
	"github.com/parley-mesh/parley/pkg/client"
	"github.com/parley-mesh/parley/pkg/identity"
	"github.com/parley-mesh/parley/pkg/meeting"
	"github.com/parley-mesh/parley/pkg/protocol"
)

// ProbeConfig says what to look at. Identity and Rendezvous are required.
type ProbeConfig struct {
	Identity   *identity.Identity
	Rendezvous string
	HTTP       *http.Client  // nil: a client of its own
	Door       *Door         // of a meeting whose members' paths are to be shown; nil: none
	Stay       time.Duration // how long to be in it at most; all ways being direct ends it before
	Logger     *slog.Logger  // nil: silent
}

const (
	// probeLooks is how often a probe looks whether there is more to wait for.
	probeLooks = 250 * time.Millisecond

	linkDirect = "direct"
)

// Probed is how this machine is connected.
type Probed struct {
	PeerID         identity.PeerID `json:"peer_id"`
	Reachable      bool            `json:"reachable"` // by who was not called
	NAT            string          `json:"nat"`       // unknown, none, cone or symmetric
	Observed       string          `json:"observed,omitempty"`
	Relays         []string        `json:"relays"` // multiaddresses that the rendezvous tells
	QUICProblem    string          `json:"quic_problem,omitempty"`
	TCPProblem     string          `json:"tcp_problem,omitempty"`
	Reserved       bool            `json:"reserved"` // the relay keeps a place for this node
	ReserveProblem string          `json:"reserve_problem,omitempty"`
	RelayRTTMillis int64           `json:"relay_rtt_ms,omitempty"`

	MeetingID meeting.ID   `json:"meeting_id,omitempty"`
	Peers     []ProbedPeer `json:"peers,omitempty"` // of that meeting
}

// ProbedPeer is the way to somebody in a meeting.
type ProbedPeer struct {
	ID        identity.PeerID          `json:"id"`
	Name      string                   `json:"name"`
	Kind      protocol.ParticipantKind `json:"kind"`
	Path      string                   `json:"path,omitempty"` // in the overlay: none, relayed or direct; "" for a browser
	Transport string                   `json:"transport,omitempty"`
	RTTMillis int64                    `json:"rtt_ms,omitempty"`
	Link      string                   `json:"link,omitempty"` // of the media: direct, relayed, or what keeps it from being up
}

// Probe looks at the network of this machine, and at the ways to a meeting's
// members.
func Probe(ctx context.Context, cfg ProbeConfig) (Probed, error) {
	if cfg.Logger == nil {
		cfg.Logger = slog.New(slog.DiscardHandler)
	}
	asked, err := client.New(client.Config{Rendezvous: cfg.Rendezvous, Identity: cfg.Identity, HTTP: cfg.HTTP})
	if err != nil {
		return Probed{}, err
	}
	known, err := asked.WellKnown(ctx)
	if err != nil {
		return Probed{}, err
	}
	o, err := overlay.New(overlay.Config{Identity: cfg.Identity, Relays: known.Relay, LAN: true, Logger: cfg.Logger})
	if err != nil {
		return Probed{}, fmt.Errorf("node: %w", err)
	}
	defer o.Close()
	running, end := context.WithCancel(ctx)
	ended := make(chan error, 1)
	go func() { ended <- o.Run(running) }()
	defer func() {
		end()
		<-ended
	}()
	found := probed(o.Probe(ctx), known.Relay)
	if cfg.Door != nil {
		err = found.members(ctx, asked, network{o}, cfg)
	}
	return found, err
}

func probed(r overlay.Report, relays []string) Probed {
	p := Probed{
		PeerID: r.ID, Reachable: r.Reachable, NAT: r.NAT.String(), Relays: relays, QUICProblem: r.QUICProblem, TCPProblem: r.TCPProblem,
		Reserved: r.Reserved, ReserveProblem: r.ReserveProblem, RelayRTTMillis: r.RelayRTT.Milliseconds(),
	}
	if r.Observed.IsValid() {
		p.Observed = r.Observed.String()
	}
	return p
}

// members joins the meeting for a while and looks at its members.
func (p *Probed) members(ctx context.Context, c *client.Client, o network, cfg ProbeConfig) error {
	joined, err := c.Join(ctx, cfg.Door.Join)
	if err != nil {
		return err
	}
	transport, err := link.NewTransport(link.TransportConfig{Logger: cfg.Logger})
	if err != nil {
		return fmt.Errorf("node: %w", err)
	}
	defer transport.Close()
	s, err := session.New(session.Config{
		Client: c, Joined: joined, Kind: protocol.KindNode, Name: "Probe", Transport: transport, Overlay: o, Logger: cfg.Logger,
	})
	if err != nil {
		return fmt.Errorf("node: %w", err)
	}
	running, end := context.WithTimeout(ctx, cfg.Stay)
	defer end()
	look := time.NewTicker(probeLooks)
	defer look.Stop()
	ended := make(chan error, 1)
	go func() { ended <- s.Run(context.WithoutCancel(ctx)) }()
	p.MeetingID = joined.MeetingID
	for over := running.Done(); over != nil; {
		select {
		case _, open := <-s.Events():
			if !open {
				return <-ended
			}
			continue
		case <-over:
			over = nil
		case <-look.C:
		}
		if p.Peers = probedPeers(s.State(), o); allDirect(p.Peers) {
			break
		}
	}
	s.Leave()
	for range s.Events() {
	}
	return <-ended
}

func probedPeers(state session.State, o network) []ProbedPeer {
	var peers []ProbedPeer
	for _, person := range state.People {
		if person.ID != state.Self {
			peers = append(peers, probedPeer(person, state, o))
		}
	}
	return peers
}

// allDirect tells that no way can get better any more.
func allDirect(peers []ProbedPeer) bool {
	for _, p := range peers {
		if p.Link != linkDirect || p.Kind != protocol.KindBrowser && p.Path != overlay.PathDirect.String() {
			return false
		}
	}
	return len(peers) > 0
}

func probedPeer(person session.Person, state session.State, o network) ProbedPeer {
	found := ProbedPeer{ID: person.ID, Name: person.Presence.Name, Kind: person.Kind}
	if person.Kind != protocol.KindBrowser {
		way := o.Peer(person.ID)
		found.Path, found.Transport, found.RTTMillis = way.Path.String(), way.Transport, way.RTT.Milliseconds()
	}
	for _, l := range state.Links {
		if l.Peer != person.ID {
			continue
		}
		switch {
		case l.State != session.LinkUp:
			found.Link = string(l.State)
		case l.Relayed:
			found.Link = "relayed"
		default:
			found.Link = linkDirect
		}
	}
	return found
}
