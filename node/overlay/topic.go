package overlay

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	pubsub "github.com/libp2p/go-libp2p-pubsub"
	"github.com/libp2p/go-libp2p/core/peer"
	"golang.org/x/time/rate"

	"github.com/parley-mesh/parley/pkg/identity"
	"github.com/parley-mesh/parley/pkg/meeting"
	"github.com/parley-mesh/parley/pkg/p2p"
	"github.com/parley-mesh/parley/pkg/protocol"
)

// Meeting names a room to join.
type Meeting struct {
	ID     meeting.ID
	HostID identity.PeerID
}

// Inbox takes what arrives for a room. Its functions are called on the overlay's
// goroutines: they post and return. All are required.
type Inbox struct {
	// Members tells whether somebody is in the room: nobody else is listened to.
	Members func(identity.PeerID) bool
	// Envelope brings an envelope that its author, a member, signed. It comes once.
	Envelope func(protocol.Envelope)
	// Signal brings a box that a member's node sent, from its session.
	Signal func(from identity.PeerID, session int64, box string)
}

const (
	maxUnread = 128 // envelopes that wait for the inbox; more are lost
	maxNodes  = protocol.MaxRoster
)

// Topic is a room that was joined.
type Topic struct {
	overlay *Overlay
	meeting Meeting
	in      Inbox
	name    string
	topic   *pubsub.Topic
	sub     *pubsub.Subscription
	reading sync.WaitGroup
	ended   sync.Once

	mu         sync.Mutex
	nodes      []peer.ID // in order
	authors    map[identity.PeerID]*window
	publishers map[identity.PeerID]*rate.Limiter
}

// Join enters a room's topic. It fails with ErrRoom or ErrClosed.
func (o *Overlay) Join(m Meeting, in Inbox) (*Topic, error) {
	t := &Topic{
		overlay: o, meeting: m, in: in, name: topicName(m),
		authors: make(map[identity.PeerID]*window), publishers: make(map[identity.PeerID]*rate.Limiter),
	}
	o.joining.Lock()
	defer o.joining.Unlock()
	if err := o.admit(t, false); err != nil {
		return nil, err
	}
	if err := t.open(); err != nil {
		t.end()
		return nil, fmt.Errorf("overlay: join: %w", err)
	}
	t.reading.Go(t.read)
	if err := o.admit(t, true); err != nil { // closed meanwhile
		t.end()
		return nil, err
	}
	return t, nil
}

// admit tells whether a topic can be joined, and counts it as joined if that is
// wanted.
func (o *Overlay) admit(t *Topic, join bool) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	switch {
	case o.closed:
		return ErrClosed
	case o.topics[t.name] != nil:
		return ErrRoom
	case join:
		o.topics[t.name] = t
	}
	return nil
}

func (t *Topic) open() error {
	gossip := t.overlay.gossip
	err := gossip.RegisterTopicValidator(t.name, t.validate)
	if err != nil {
		return err
	}
	if t.topic, err = gossip.Join(t.name); err != nil {
		return err
	}
	if err := t.topic.SetScoreParams(topicScore()); err != nil {
		return err
	}
	t.sub, err = t.topic.Subscribe(pubsub.WithBufferSize(maxUnread))
	return err
}

// read hands envelopes on until the subscription ends.
func (t *Topic) read() {
	for {
		m, err := t.sub.Next(t.overlay.ctx)
		if err != nil {
			return
		}
		if envelope, ok := m.ValidatorData.(protocol.Envelope); ok && m.ReceivedFrom != t.overlay.self {
			t.in.Envelope(envelope)
		}
	}
}

// knows tells whether somebody is in the room; this node is.
func (t *Topic) knows(id identity.PeerID) bool {
	return id != "" && (id == t.overlay.config.Identity.PeerID() || t.in.Members(id))
}

// Meet says which members run a node: connections are kept with them, and with
// nobody who is in no room any more.
func (t *Topic) Meet(nodes []identity.PeerID) {
	var known []peer.ID
	for _, id := range nodes[:min(len(nodes), maxNodes)] {
		if p, err := p2p.ID(id); err == nil && p != t.overlay.self {
			known = append(known, p)
		}
	}
	slices.Sort(known)
	known = slices.Compact(known)
	t.mu.Lock()
	before := t.nodes
	t.nodes = known
	t.mu.Unlock()
	t.overlay.met(before, known)
}

func (t *Topic) members() []peer.ID {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.nodes // replaced, never changed
}

// Publish hands an envelope, of this node or of another member, to every node
// of the room. It fails with ErrTooLarge, ErrClosed, or what is wrong with the
// envelope.
func (t *Topic) Publish(e protocol.Envelope) error {
	data, err := protocol.Encode(e)
	if err != nil {
		return fmt.Errorf("overlay: publish: %w", err)
	}
	if len(data) > maxMessage {
		return ErrTooLarge
	}
	if t.overlay.ctx.Err() != nil {
		return ErrClosed
	}
	err = t.topic.Publish(t.overlay.ctx, data)
	var invalid pubsub.ValidationError
	switch {
	case err == nil, errors.As(err, &invalid) && invalid.Reason == pubsub.RejectValidationIgnored:
		return nil // or it was published before
	case errors.Is(err, pubsub.ErrTopicClosed), t.overlay.ctx.Err() != nil:
		return ErrClosed
	}
	return fmt.Errorf("overlay: publish: %w", err)
}

// Peers tells the ways to the room's other nodes.
func (t *Topic) Peers() []Peer {
	members := t.members()
	peers := make([]Peer, 0, len(members))
	for _, p := range members {
		peers = append(peers, t.overlay.peer(p))
	}
	return peers
}

// Close leaves the room; a second Close is harmless.
func (t *Topic) Close() error {
	t.overlay.forget(t)
	t.end()
	t.overlay.met(t.members(), nil)
	return nil
}

func (o *Overlay) forget(t *Topic) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.topics[t.name] == t {
		delete(o.topics, t.name)
	}
}

// end lets go of the subscription and waits for the inbox.
func (t *Topic) end() {
	t.ended.Do(func() {
		if t.sub != nil {
			t.sub.Cancel()
		}
		t.reading.Wait()
		if t.topic != nil {
			_ = t.topic.Close()
		}
		_ = t.overlay.gossip.UnregisterTopicValidator(t.name)
	})
}

// Signal brings a box to a member's node. session is this node's own in that
// room. It fails with ErrNotMember, ErrNoPath, ErrTooLarge or ErrRefused.
func (t *Topic) Signal(ctx context.Context, to identity.PeerID, session int64, box string) error {
	p, err := p2p.ID(to)
	if err != nil || !slices.Contains(t.members(), p) {
		return ErrNotMember
	}
	return t.overlay.signal(ctx, p, signal{Meeting: t.meeting.ID, Session: session, Box: box})
}
