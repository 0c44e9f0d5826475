package overlay

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"time"

	pubsub "github.com/libp2p/go-libp2p-pubsub"
	pb "github.com/libp2p/go-libp2p-pubsub/pb"
	"github.com/libp2p/go-libp2p/core/host"
	"github.com/libp2p/go-libp2p/core/peer"

	"github.com/parley-mesh/parley/pkg/p2p"
	"github.com/parley-mesh/parley/pkg/protocol"
)

// maxMessage bounds an envelope as JSON; around it GossipSub puts little.
const maxMessage = protocol.MaxBody

// topicName names a room's topic for those who know the meeting and its host,
// whose peer ID nobody can guess, as they could the nine digits of a meeting.
func topicName(m Meeting) string {
	hash := sha256.Sum256([]byte("parley/1/topic\n" + m.ID.String() + "\n" + string(m.HostID)))
	return "parley/1/room/" + hex.EncodeToString(hash[:])
}

// newGossip is GossipSub for rooms of two to some hundred nodes, which all want
// everything at once.
func newGossip(ctx context.Context, h host.Host, o *Overlay) (*pubsub.PubSub, error) {
	params := pubsub.DefaultGossipSubParams()
	params.D, params.Dlo, params.Dhi, params.Dout, params.Dscore = 8, 6, 12, 2, 4
	params.HeartbeatInterval, params.HeartbeatInitialDelay = 500*time.Millisecond, 50*time.Millisecond
	gossip, err := pubsub.NewGossipSub(ctx, h,
		pubsub.WithGossipSubParams(params),
		pubsub.WithFloodPublish(true),
		pubsub.WithMessageSignaturePolicy(pubsub.StrictSign),
		// The same envelope published by two nodes is one message.
		pubsub.WithMessageIdFn(func(m *pb.Message) string {
			hash := sha256.Sum256(m.GetData())
			return string(hash[:])
		}),
		pubsub.WithMaxMessageSize(maxMessage+4<<10),
		pubsub.WithSubscriptionFilter((*subscriptions)(o)),
		pubsub.WithPeerFilter(o.listens),
		pubsub.WithPeerScore(scoreParams(o.knows), &pubsub.PeerScoreThresholds{
			GossipThreshold: -10, PublishThreshold: -50, GraylistThreshold: -100, OpportunisticGraftThreshold: 1,
		}),
	)
	if err != nil {
		return nil, fmt.Errorf("overlay: gossip: %w", err)
	}
	return gossip, nil
}

// maxSubscriptions bounds what a peer says at once that it listens to.
const maxSubscriptions = 256

// listens tells whether a peer may hear what is said in a topic: who shares
// another room with us may not.
func (o *Overlay) listens(p peer.ID, topic string) bool {
	o.mu.Lock()
	t := o.topics[topic]
	o.mu.Unlock()
	return t != nil && t.in.Members(p2p.PeerID(p))
}

// subscriptions keeps others out of rooms that they are not in. It implements
// pubsub.SubscriptionFilter.
type subscriptions Overlay

// CanSubscribe allows what Join asks.
func (s *subscriptions) CanSubscribe(string) bool { return true }

// FilterIncomingSubscriptions drops those that are nobody's business.
func (s *subscriptions) FilterIncomingSubscriptions(from peer.ID, all []*pb.RPC_SubOpts) ([]*pb.RPC_SubOpts, error) {
	if len(all) > maxSubscriptions {
		return nil, pubsub.ErrTooManySubscriptions
	}
	return slices.DeleteFunc(all, func(o *pb.RPC_SubOpts) bool {
		return o.GetSubscribe() && !(*Overlay)(s).listens(from, o.GetTopicid())
	}), nil
}

// scoreParams take a node down that brings what no honest one does: three wrong
// messages in a row silence it for a minute. Nodes behind one address are as good
// as others.
func scoreParams(member func(peer.ID) bool) *pubsub.PeerScoreParams {
	return &pubsub.PeerScoreParams{
		Topics: make(map[string]*pubsub.TopicScoreParams),
		AppSpecificScore: func(p peer.ID) float64 {
			if member(p) {
				return 0
			}
			return -1000
		},
		AppSpecificWeight:         1,
		BehaviourPenaltyWeight:    -1,
		BehaviourPenaltyThreshold: 6,
		BehaviourPenaltyDecay:     pubsub.ScoreParameterDecay(time.Minute),
		DecayInterval:             time.Second,
		DecayToZero:               0.01,
		RetainScore:               time.Minute,
	}
}

func topicScore() *pubsub.TopicScoreParams {
	return &pubsub.TopicScoreParams{
		SkipAtomicValidation: true, TopicWeight: 1,
		TimeInMeshWeight: 0.01, TimeInMeshQuantum: time.Second, TimeInMeshCap: 100,
		FirstMessageDeliveriesWeight: 0.1, FirstMessageDeliveriesDecay: pubsub.ScoreParameterDecay(time.Minute), FirstMessageDeliveriesCap: 20,
		InvalidMessageDeliveriesWeight: -15, InvalidMessageDeliveriesDecay: pubsub.ScoreParameterDecay(time.Minute),
	}
}

// validate is asked of every message once, before it is handed on.
func (t *Topic) validate(_ context.Context, _ peer.ID, m *pubsub.Message) pubsub.ValidationResult {
	if len(m.GetData()) > maxMessage {
		return pubsub.ValidationReject
	}
	// Who hands on what somebody said may have heard of that somebody before us, and
	// cannot know how often they spoke to us: no blame.
	publisher := p2p.PeerID(m.GetFrom())
	if !t.knows(publisher) || !t.mayPublish(publisher) {
		return pubsub.ValidationIgnore
	}
	envelope, err := protocol.Decode[protocol.Envelope](m.GetData())
	if err != nil || envelope.Meeting != t.meeting.ID {
		return pubsub.ValidationReject
	}
	if !t.knows(envelope.From) {
		return pubsub.ValidationIgnore
	}
	if envelope.Verify() != nil {
		return pubsub.ValidationReject
	}
	if !t.first(envelope) {
		return pubsub.ValidationIgnore
	}
	m.ValidatorData = envelope
	return pubsub.ValidationAccept
}
