package link

import (
	"github.com/parley-mesh/parley/node/router"
	"github.com/parley-mesh/parley/pkg/identity"
	"github.com/parley-mesh/parley/pkg/protocol"
	"github.com/parley-mesh/parley/pkg/room"
)

// Link is one WebRTC link.
type Link struct {
	config Config
	lines  []Line
}

// New makes a link. One that offers does so at once.
func New(config Config) (*Link, error) {
	if err := config.validate(); err != nil {
		return nil, err
	}
	return &Link{config: config, lines: linesOf(config.Shape, config.Extra)}, nil
}

// ID is what the offerer named the link.
func (l *Link) ID() string { return l.config.ID }

// Ref is what the room calls the link.
func (l *Link) Ref() room.Ref {
	return room.Ref{Peer: l.config.Peer, Session: l.config.PeerSession, Shape: l.config.Shape}
}

// Peer is who is at the other end.
func (l *Link) Peer() identity.PeerID { return l.config.Peer }

// Lines lists the media lines, in their order. It is not to be changed.
func (l *Link) Lines() []Line { return l.lines }

// Accept takes a signal of the peer about this link.
func (l *Link) Accept(signal protocol.LinkSignal) {}

// Close ends the link here; with tell, the peer is told. It returns when
// nothing of the link runs any more, but for an event being told. A second
// Close is harmless.
func (l *Link) Close(tell bool) {}

// NetworkChanged says that this machine's addresses are not what they were.
func (l *Link) NetworkChanged() {}

// SetICEServers changes the servers that the next ICE restart uses.
func (l *Link) SetICEServers(servers []protocol.ICEServer) {}

// Send sends a control message. ErrNotOpen and ErrSlow tell that it was not.
func (l *Link) Send(message protocol.ControlMessage) error { return ErrNotOpen }

// SetLevel says how loud my microphone is, 0 silent to 127, for the beats.
func (l *Link) SetLevel(level int) {}

// WriteRTP sends a packet on a line that has one layer. It keeps nothing of out.
func (l *Link) WriteRTP(line int, out *router.Out) error { return l.WriteLayer(line, 0, out) }

// WriteLayer sends a packet on a layer of a line.
func (l *Link) WriteLayer(line, layer int, out *router.Out) error { return ErrLine }

// Flush has what a burst has gathered for this link sent now.
func (l *Link) Flush() {}

// RequestKeyFrame asks the peer for a key frame of what it sends.
func (l *Link) RequestKeyFrame(line, layer int) {}

// SendNack asks the peer again for packets that did not come.
func (l *Link) SendNack(line, layer int, seqs []uint16) {}

// SendReport relates what is sent on a line to the wall clock (RFC 3550, 6.4.1):
// ntp is in NTP format, rtp in the line's clock; packets and octets count what
// was sent.
func (l *Link) SendReport(line int, ntp uint64, rtp, packets, octets uint32) {}

// SendLayerReport is SendReport for a layer.
func (l *Link) SendLayerReport(line, layer int, ntp uint64, rtp, packets, octets uint32) {}

// Stats counts.
func (l *Link) Stats() Stats { return Stats{} }
