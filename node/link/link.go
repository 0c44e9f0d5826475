package link

import (
	"context"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pion/rtcp"

	"github.com/parley-mesh/parley/node/router"
	"github.com/parley-mesh/parley/pkg/identity"
	"github.com/parley-mesh/parley/pkg/protocol"
	"github.com/parley-mesh/parley/pkg/room"
)

// maxPosted is how much may wait for a link's goroutine.
const maxPosted = 512

// Link is one WebRTC link.
type Link struct {
	config Config
	lines  []Line
	begun  time.Time
	logger *slog.Logger

	port       *portMux
	connection *connection
	describer  *describer
	channels   *channels
	outgoing   *outgoing
	incoming   *incoming
	level      atomic.Int32
	heardAt    atomic.Int64 // when the last beat came, since begun

	inbox  chan func()
	ctx    context.Context // ends when the link is to end
	cancel context.CancelFunc
	tell   atomic.Bool
	asking sync.WaitGroup // who looks for names
	done   chan struct{}

	// What follows is the link's goroutine's.
	negotiation negotiation
	beats       beats
	opened      bool
	broken      bool
	described   bool   // the peer has described itself
	pending     string // an offer without its answer
	asked       bool
	trickle     trickle
	recent      recent

	mu    sync.Mutex
	stats Stats
}

// New makes a link. One that offers does so at once.
func New(config Config) (*Link, error) {
	if err := config.validate(); err != nil {
		return nil, err
	}
	l := &Link{
		config: config, lines: linesOf(config.Shape, config.Extra), begun: time.Now(),
		logger: config.Transport.logger.With("link", config.ID, "peer", config.Peer),
		inbox:  make(chan func(), maxPosted), done: make(chan struct{}),
		negotiation: begin(config.Offer, 0), beats: newBeats(), asked: true,
	}
	l.stats.Quality, l.stats.Asked, l.stats.Generation = Connecting, true, -1
	l.ctx, l.cancel = context.WithCancel(context.Background())
	l.outgoing = newOutgoing(l.lines, config.Simulcast, l.now)
	l.incoming = newIncoming(config.Media, l.lines, l.outgoing, l.now, l.sendRTCP, func() { l.post(l.breakOff) })
	if err := l.connect(); err != nil {
		l.cancel()
		return nil, err
	}
	if err := config.Transport.add(l); err != nil {
		l.cancel()
		l.disconnect()
		return nil, err
	}
	go l.run()
	return l, nil
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
func (l *Link) Accept(signal protocol.LinkSignal) { l.post(func() { l.accept(signal) }) }

// Close has the link end here; with tell, the peer is told. It returns at once;
// a second Close is harmless.
func (l *Link) Close(tell bool) {
	if tell {
		l.tell.Store(true)
	}
	l.cancel()
}

// Done is closed when nothing of a closed link runs any more.
func (l *Link) Done() <-chan struct{} { return l.done }

// NetworkChanged says that this machine's addresses are not what they were.
func (l *Link) NetworkChanged() {
	l.config.Transport.addresses.forget()
	l.post(func() { l.act(l.negotiation.doubt(l.now()), nil) })
}

// SetICEServers changes the servers that the next ICE restart uses.
func (l *Link) SetICEServers(servers []protocol.ICEServer) {
	l.post(func() {
		if err := l.connection.setServers(servers); err != nil {
			l.logger.Debug("the ICE servers stay as they were", "error", err)
		}
	})
}

// Send sends a control message. ErrNotOpen and ErrSlow tell that it was not.
func (l *Link) Send(message protocol.ControlMessage) error { return l.channels.send(message) }

// SetLevel says how loud my microphone is, 0 silent to 127, for the beats.
func (l *Link) SetLevel(level int) { l.level.Store(int32(min(max(level, 0), 127))) }

// WriteRTP sends a packet on a line that has one layer. It keeps nothing of out.
func (l *Link) WriteRTP(line int, out *router.Out) error { return l.outgoing.write(line, 0, out) }

// WriteLayer sends a packet on a layer of a line.
func (l *Link) WriteLayer(line, layer int, out *router.Out) error {
	return l.outgoing.write(line, layer, out)
}

// Heard is when the peer's last beat came; the zero time before the first.
func (l *Link) Heard() time.Time {
	if at := l.heardAt.Load(); at != 0 {
		return l.begun.Add(time.Duration(at))
	}
	return time.Time{}
}

// Flush has what was gathered sent now, for this link and all that share its
// port: what is written to many of them leaves together.
func (l *Link) Flush() { l.port.socket.flush() }

// RequestKeyFrame asks the peer for a key frame of what it sends.
func (l *Link) RequestKeyFrame(line, layer int) {
	if ssrc := l.incoming.ssrcOf(line, layer); ssrc != 0 {
		l.sendRTCP([]rtcp.Packet{&rtcp.PictureLossIndication{SenderSSRC: ownSSRC, MediaSSRC: ssrc}})
	}
}

// SendNack asks the peer again for packets that did not come.
func (l *Link) SendNack(line, layer int, seqs []uint16) {
	if ssrc := l.incoming.ssrcOf(line, layer); ssrc != 0 && len(seqs) > 0 {
		l.mu.Lock()
		l.stats.NacksSent += uint64(len(seqs))
		l.mu.Unlock()
		l.incoming.asked(line, layer, seqs)
		l.sendRTCP([]rtcp.Packet{&rtcp.TransportLayerNack{
			SenderSSRC: ownSSRC, MediaSSRC: ssrc, Nacks: rtcp.NackPairsFromSequenceNumbers(seqs),
		}})
	}
}

// SendReport relates what is sent on a line to the wall clock (RFC 3550, 6.4.1):
// ntp is in NTP format, rtp in the line's clock; packets and octets count what
// was sent.
func (l *Link) SendReport(line int, ntp uint64, rtp, packets, octets uint32) {
	l.SendLayerReport(line, 0, ntp, rtp, packets, octets)
}

// SendLayerReport is SendReport for a layer.
func (l *Link) SendLayerReport(line, layer int, ntp uint64, rtp, packets, octets uint32) {
	ssrc := l.outgoing.ssrcOf(line, layer)
	if ssrc == 0 {
		return
	}
	l.outgoing.reporting(line, layer, ntp)
	l.sendRTCP([]rtcp.Packet{&rtcp.SenderReport{
		SSRC: ssrc, NTPTime: ntp, RTPTime: rtp, PacketCount: packets, OctetCount: octets,
	}})
}

// Stats counts since the link was made.
func (l *Link) Stats() Stats {
	l.mu.Lock()
	s := l.stats
	l.mu.Unlock()
	out := l.outgoing.totals()
	s.PacketsSent, s.BytesSent, s.NacksReceived, s.KeyFramesAsked = out.packets, out.bytes, out.nacked, out.asked
	s.PacketsReceived, s.BytesReceived, s.PacketsLost = l.incoming.totals()
	s.Refused = l.incoming.refused.Load() + l.channels.refused.Load()
	return s
}

func (l *Link) now() time.Duration { return time.Since(l.begun) }

// sendRTCP sends what may as well be lost.
func (l *Link) sendRTCP(packets []rtcp.Packet) {
	if k := l.connection.keys.Load(); k != nil {
		_ = k.sealRTCP(packets)
	}
}

// post has the link's goroutine do something. What comes when it is
// overwhelmed, or over, is not done.
func (l *Link) post(do func()) {
	if l.ctx.Err() != nil {
		return
	}
	select {
	case l.inbox <- do:
	default:
		l.incoming.refused.Add(1)
	}
}
