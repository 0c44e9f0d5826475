package link

import (
	"fmt"
	"time"

	"github.com/pion/webrtc/v4"

	"github.com/parley-mesh/parley/pkg/protocol"
)

const (
	// In beats: how often the figures are measured, and how often the peer is
	// told what arrived of its streams.
	figuresEvery = 2 * time.Second / beatEvery
	reportsEvery = time.Second / beatEvery
)

// recent is what the last figures were counted from.
type recent struct {
	at             time.Duration
	sent, received uint64 // bytes
}

// connect makes the PeerConnection with everything that the link will need.
func (l *Link) connect() error {
	port, err := l.config.Transport.portFor(l.config.Offer)
	if err != nil {
		return err
	}
	l.port = port
	l.connection, err = l.config.Transport.connect(port, l.config.ICEServers, l.incoming.end)
	if err != nil {
		l.disconnect()
		return err
	}
	if err := l.addLines(); err != nil {
		l.disconnect()
		return err
	}
	l.channels, err = newChannels(l.connection, l.config.Shape, channelEvents{
		opened:  func() { l.post(l.open) },
		control: func(m protocol.ControlMessage) { l.post(func() { l.control(m) }) },
		beat: func(b protocol.Beat) {
			l.heardAt.Store(int64(l.now()))
			l.post(func() { l.beats.hear(b, l.now()) })
		},
		ended: func() { l.post(l.breakOff) },
		clock: l.now,
	})
	if err != nil {
		l.disconnect()
		return err
	}
	l.listen()
	return nil
}

func (l *Link) addLines() error {
	for i, line := range l.lines {
		if !line.Send {
			_, err := l.connection.AddTransceiverFromKind(kindOf(line.Media),
				webrtc.RTPTransceiverInit{Direction: webrtc.RTPTransceiverDirectionRecvonly})
			if err != nil {
				return fmt.Errorf("link: line %d: %w", i, err)
			}
			continue
		}
		direction := webrtc.RTPTransceiverDirectionSendrecv
		if !line.Receive {
			direction = webrtc.RTPTransceiverDirectionSendonly
		}
		layers := l.outgoing.layers[i]
		transceiver, err := l.connection.AddTransceiverFromTrack(layers[0], webrtc.RTPTransceiverInit{Direction: direction})
		if err != nil {
			return fmt.Errorf("link: line %d: %w", i, err)
		}
		for _, layer := range layers[1:] {
			if err := transceiver.Sender().AddEncoding(layer); err != nil {
				return fmt.Errorf("link: line %d: %w", i, err)
			}
		}
	}
	return nil
}

func (l *Link) listen() {
	l.connection.OnICECandidate(func(candidate *webrtc.ICECandidate) {
		if candidate != nil {
			found := candidate.ToJSON()
			l.post(func() { l.found(found) })
		}
	})
	l.connection.OnICEConnectionStateChange(func(webrtc.ICEConnectionState) { l.post(l.iceChanged) })
	l.connection.OnConnectionStateChange(func(state webrtc.PeerConnectionState) {
		l.outgoing.setOpen(state == webrtc.PeerConnectionStateConnected || state == webrtc.PeerConnectionStateDisconnected)
		l.post(func() { l.connectionChanged(state) })
	})
}

// settleFor is how long a connection that is closed is left to itself before.
const settleFor = time.Millisecond

// closeWithin is how long a connection may take to close. An SCTP association
// whose handshake is answered once more after its end waits under its lock for
// ever (pion/sctp 1.12, completeHandshake); what else the link has is let go of
// all the same.
const closeWithin = 2 * time.Second

// disconnect ends what connect began.
func (l *Link) disconnect() {
	l.outgoing.setOpen(false)
	// What the peer's closing has begun in pion ends first: closing meanwhile
	// waits, under its lock, for an abort that nobody sends any more.
	time.Sleep(settleFor)
	closed := make(chan struct{})
	go func() {
		defer close(closed)
		if l.connection != nil {
			if err := l.connection.GracefulClose(); err != nil {
				l.logger.Debug("closing", "error", err)
			}
		}
		if l.channels != nil {
			l.channels.readers.Wait()
		}
	}()
	select {
	case <-closed:
	case <-time.After(closeWithin):
		l.logger.Warn("a connection does not end", "peer", l.config.Peer)
	}
	if l.port != l.config.Transport.port {
		_ = l.port.Close()
	}
}

// run is the link's goroutine.
func (l *Link) run() {
	defer close(l.done)
	defer l.config.Transport.remove(l)
	defer l.disconnect()
	defer l.asking.Wait()
	defer l.trickle.stop()
	heart := time.NewTicker(beatEvery)
	defer heart.Stop()
	l.act(l.negotiation.open(), nil)
	for {
		select {
		case <-l.ctx.Done():
			if l.tell.Load() {
				l.config.Events.Signal(l, protocol.Close{Ends: l.ends()})
			}
			return
		case do := <-l.inbox:
			do()
		case <-heart.C:
			l.tick()
		}
	}
}

func (l *Link) ends() protocol.LinkEnds {
	return protocol.LinkEnds{Link: l.config.ID, To: l.config.PeerSession}
}

func (l *Link) signal(s protocol.LinkSignal) {
	if l.ctx.Err() == nil {
		l.config.Events.Signal(l, s)
	}
}

// breakOff tells that the link is beyond repair.
func (l *Link) breakOff() {
	if !l.broken && l.ctx.Err() == nil {
		l.broken = true
		l.config.Events.Broken(l)
	}
}

func (l *Link) open() {
	if !l.opened {
		l.opened = true
		l.config.Events.Opened(l)
		l.judge()
	}
}

func (l *Link) control(message protocol.ControlMessage) {
	if views, ok := message.(protocol.Views); ok {
		l.asked = len(views.Views) > 0
	}
	l.config.Events.Control(l, message)
}

// accept takes a signal. What the state machine does not want is not looked at.
func (l *Link) accept(signal protocol.LinkSignal) {
	if l.broken {
		return
	}
	switch s := signal.(type) {
	case protocol.Offer:
		l.act(l.negotiation.offered(s.Generation), func() error { return l.answer(s) })
	case protocol.Answer:
		l.act(l.negotiation.answered(s.Generation), func() error { return l.take(webrtc.SDPTypeAnswer, s.SDP) })
	case protocol.Candidates:
		l.act(l.negotiation.candidates(s.Generation), func() error {
			l.addCandidates(s.Candidates)
			return nil
		})
	case protocol.Restart:
		l.act(l.negotiation.asked(l.now()), nil)
	case protocol.Close:
		// About whether a link is, not how: its owner's to know.
	}
}

// act does what the state machine says; incoming is what to do with a signal
// that it takes.
func (l *Link) act(a action, incoming func() error) {
	var err error
	switch a {
	case doNothing:
		return
	case doOffer:
		err = l.offer()
	case doAnswer, doTake:
		if incoming != nil {
			err = incoming()
		}
	case doAsk:
		l.signal(protocol.Restart{Ends: l.ends()})
	case doRemake:
		l.breakOff()
	}
	if err != nil {
		// A description that is refused leaves nothing to go on with.
		l.logger.Info("a description was refused", "reason", err)
		l.breakOff()
	}
}

func (l *Link) offer() error {
	generation := l.negotiation.generation
	if pending := l.connection.PendingLocalDescription(); pending != nil {
		// The last one was never answered, and still stands.
		l.signal(protocol.Offer{Ends: l.ends(), Generation: generation, SDP: sentLayersOnly(pending.SDP)})
		l.repeatFound()
		return nil
	}
	l.trickle.reset()
	offer, err := l.connection.CreateOffer(&webrtc.OfferOptions{ICERestart: generation > 0})
	if err != nil {
		return fmt.Errorf("link: offer: %w", err)
	}
	// Before it is applied, so that no candidate can overtake it.
	l.signal(protocol.Offer{Ends: l.ends(), Generation: generation, SDP: sentLayersOnly(offer.SDP)})
	return l.applyLocal(offer)
}

func (l *Link) answer(offer protocol.Offer) error {
	if err := l.take(webrtc.SDPTypeOffer, offer.SDP); err != nil {
		return err
	}
	for i, transceiver := range l.connection.GetTransceivers() {
		if i >= len(l.lines) || transceiver.Mid() != l.lines[i].Mid {
			return fmt.Errorf("%w: line %d was not matched", ErrShape, i)
		}
	}
	answer, err := l.connection.CreateAnswer(nil)
	if err != nil {
		return fmt.Errorf("link: answer: %w", err)
	}
	l.signal(protocol.Answer{Ends: l.ends(), Generation: offer.Generation, SDP: answer.SDP})
	return l.applyLocal(answer)
}

func (l *Link) applyLocal(description webrtc.SessionDescription) error {
	if err := l.connection.SetLocalDescription(description); err != nil {
		return fmt.Errorf("link: %s: %w", description.Type, err)
	}
	return nil
}

// take applies the peer's description.
func (l *Link) take(kind webrtc.SDPType, text string) error {
	read, err := readDescription(text, l.lines)
	if err != nil {
		return err
	}
	if kind == webrtc.SDPTypeOffer {
		l.trickle.reset()
	}
	l.incoming.described.Store(read)
	if err := l.connection.SetRemoteDescription(webrtc.SessionDescription{Type: kind, SDP: read.text}); err != nil {
		// pion's words may hold parts of the description.
		l.logger.Debug("applying a description", "error", withoutAddresses(err.Error()))
		return fmt.Errorf("%w: it cannot be applied", ErrShape)
	}
	l.trickle.taken = 0
	l.addCandidates(read.candidates)
	l.mu.Lock()
	l.stats.Generation = l.negotiation.generation
	l.stats.Negotiations++
	l.mu.Unlock()
	return nil
}

func (l *Link) iceChanged() {
	l.feedICE()
	l.judge()
}

// feedICE tells the state machine how ICE is now.
func (l *Link) feedICE() {
	state := iceOther
	switch l.connection.ICEConnectionState() {
	case webrtc.ICEConnectionStateConnected, webrtc.ICEConnectionStateCompleted:
		state = iceConnected
	case webrtc.ICEConnectionStateDisconnected:
		state = iceDisconnected
	case webrtc.ICEConnectionStateFailed:
		state = iceFailed
	}
	l.act(l.negotiation.ice(state, l.now()), nil)
}

func (l *Link) connectionChanged(state webrtc.PeerConnectionState) {
	ice := l.connection.ICEConnectionState()
	over := state == webrtc.PeerConnectionStateClosed ||
		// ICE works and DTLS does not: no restart can mend that.
		state == webrtc.PeerConnectionStateFailed && ice != webrtc.ICEConnectionStateFailed
	if over {
		l.breakOff()
	}
	l.judge()
}
