package link

import (
	"encoding/base64"
	"fmt"
	"time"

	"github.com/parley-mesh/parley/node/router"
	"github.com/parley-mesh/parley/pkg/identity"
	"github.com/parley-mesh/parley/pkg/protocol"
	"github.com/parley-mesh/parley/pkg/room"
)

// Config says what a link is to be. It is validated once, by New.
type Config struct {
	Transport *Transport
	ID        string     // 16 bytes in base64url, chosen by the offerer
	Offer     bool       // this end offers
	Shape     room.Shape // as this end sees it
	Extra     room.Slots // lines beyond the four of every link; none in a mesh

	Self        identity.PeerID
	Session     int64 // mine
	Peer        identity.PeerID
	PeerSession int64

	ICEServers []protocol.ICEServer

	// Simulcast says for each of my four lines in how many layers I send it;
	// 0 and 1 mean one. Only the end that offers can send layers.
	Simulcast [4]int

	Events Events
	Media  Media
}

// Events tells a link's owner what happens to it. Its methods are called one
// at a time by the link's goroutine: they post and return.
type Events interface {
	// Signal is to be brought to the peer, in order.
	Signal(*Link, protocol.LinkSignal)
	// Opened tells that the control channel is open, once.
	Opened(*Link)
	Control(*Link, protocol.ControlMessage)
	// Vitals is told four times a second.
	Vitals(*Link, Vitals)
	// Broken tells that the link is beyond repair: to be closed and, while it
	// is wanted, made anew. It is told once.
	Broken(*Link)
}

// Quality is one word for how a link is.
type Quality uint8

// The qualities.
const (
	QualityUnknown Quality = iota
	Connecting
	Good
	Fair
	Poor
	Lost
)

func (q Quality) String() string {
	switch q {
	case Connecting:
		return "connecting"
	case Good:
		return "good"
	case Fair:
		return "fair"
	case Poor:
		return "poor"
	case Lost:
		return "lost"
	default:
		return "unknown"
	}
}

// Vitals is how a link is now.
type Vitals struct {
	// Up: the control channel is open and the heart beats.
	Up bool
	// Asked: the peer's last views ask for something; true before it sent any.
	Asked bool
	// Quality sums up what follows.
	Quality Quality
	// RTT is the smoothed round trip; 0 before it was measured.
	RTT time.Duration
	// Relayed: the path goes through a TURN relay.
	Relayed bool
	// PeerLevel is the loudness of the peer's microphone, 0 silent to 127.
	PeerLevel int
	// LossMille is what this end lost of what the peer sent in the last two
	// seconds, per thousand; what came when it was sent again was lost too.
	LossMille int
	// SendLossMille is the same of what the peer lost, by its receiver reports.
	SendLossMille int
	// SendKbps and ReceiveKbps are media rates over the last two seconds.
	SendKbps, ReceiveKbps int
	// Bandwidth is the estimate of what the path to the peer carries, bits per
	// second; 0 before the first.
	Bandwidth int
}

// Stats is what has been counted since the link was made.
type Stats struct {
	Vitals
	PacketsSent, BytesSent         uint64 // RTP, its payload
	PacketsReceived, BytesReceived uint64
	PacketsLost                    uint64 // of the received streams
	NacksReceived, NacksSent       uint64 // sequence numbers
	KeyFramesAsked                 uint64 // by the peer
	Refused                        uint64 // messages and packets that were too many or not understood
	Generation                     int64  // of the last offer, rising with each ICE restart
	Negotiations                   int    // offers and answers applied to this end: 1 for a link that never restarted
}

// Media takes what arrives on a link. Its methods are called by the link's
// reading goroutines; none may block.
type Media interface {
	// Packet is one RTP packet. It and its payload are valid during the call.
	Packet(line int, p *router.Packet)
	// SenderReport relates the peer's RTP clock to its wall clock (NTP format).
	SenderReport(line, layer int, ntp uint64, rtp uint32)
	// Nack asks again for packets that were sent on a line's layer; the layer
	// is 0 on a line without simulcast.
	Nack(line, layer int, seqs []uint16)
	// KeyFrame asks for one of what is sent on a line's layer.
	KeyFrame(line, layer int)
	// Reception is the peer's report on a line's layer: the fraction lost of
	// 256, the jitter in the codec's clock, and the round trip (0: unknown).
	Reception(line, layer int, fractionLost uint8, jitter uint32, rtt time.Duration)
	// Bandwidth is the estimate of what the path towards the peer carries,
	// after each change.
	Bandwidth(bitsPerSecond int)
	// Upstream tells that a layer of what the peer sends on a line appeared or
	// fell silent.
	Upstream(line, layer int, active bool)
}

// Line is one of a link's media lines.
type Line struct {
	Mid    string
	Media  router.Media
	Source protocol.Source // the source that a mesh carries on it; "" beyond the first four
	Send   bool            // this end may send on it
	// Receive: the peer may send on it.
	Receive bool
}

const linkIDSize = 16

// maxExtra bounds the lines beyond the four of every link: what all of them take to
// describe must fit into protocol.MaxSDP.
const maxExtra = 48

func (c *Config) validate() error {
	switch {
	case c.Transport == nil || c.Events == nil || c.Media == nil:
		return fmt.Errorf("%w: transport, events and media are needed", ErrConfig)
	case c.Shape != room.ShapeMesh && c.Shape != room.ShapeSFU && c.Shape != room.ShapeServe:
		return fmt.Errorf("%w: shape %q", ErrConfig, c.Shape)
	case c.Shape == room.ShapeMesh && c.Extra != (room.Slots{}):
		return fmt.Errorf("%w: a mesh link has no extra lines", ErrConfig)
	case c.Extra.Audio < 0 || c.Extra.Video < 0 || c.Extra.Audio+c.Extra.Video > maxExtra:
		return fmt.Errorf("%w: %d audio and %d video lines", ErrConfig, c.Extra.Audio, c.Extra.Video)
	}
	if id, err := base64.RawURLEncoding.DecodeString(c.ID); err != nil || len(id) != linkIDSize {
		return fmt.Errorf("%w: the ID must be 16 bytes in base64url", ErrConfig)
	}
	for line, layers := range c.Simulcast {
		if layers < 0 || layers > maxLayers || (layers > 1 && (!c.Offer || mediaOf(line, c.Extra) != router.Video)) {
			return fmt.Errorf("%w: %d layers on line %d", ErrConfig, layers, line)
		}
	}
	return nil
}
