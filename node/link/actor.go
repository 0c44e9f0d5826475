package link

import (
	"fmt"
	"time"

	"github.com/pion/ice/v4"
	"github.com/pion/sctp"

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

// connect makes what the link travels over.
func (l *Link) connect() error {
	port, err := l.config.Transport.portFor(l.config.Offer)
	if err != nil {
		return err
	}
	l.port = port
	l.channels = &channels{shape: l.config.Shape, events: channelEvents{
		opened:  func() { l.post(l.open) },
		control: func(m protocol.ControlMessage) { l.post(func() { l.control(m) }) },
		beat: func(b protocol.Beat) {
			l.heardAt.Store(int64(l.now()))
			l.post(func() { l.beats.hear(b, l.now()) })
		},
		ended: func() { l.post(l.breakOff) },
		clock: l.now,
	}}
	l.connection, err = newConnection(l.config.Transport, port, l.connectionConfig(), connectionEvents{
		candidate:  func(candidate, ufrag string) { l.post(func() { l.found(candidate, ufrag) }) },
		iceChanged: func() { l.post(l.iceChanged) },
		secured:    func(k *keys) { l.outgoing.open(k.sealRTP) },
		associated: l.associated,
		failed:     func(err error) { l.post(func() { l.failed(err) }) },
		rtp:        l.incoming.rtp,
		rtcp:       l.incoming.rtcp,
	})
	if err != nil {
		if port != l.config.Transport.port {
			_ = port.Close()
		}
		return err
	}
	l.describer = newDescriber(l.lines, l.outgoing, l.connection.own)
	return nil
}

func (l *Link) connectionConfig() connectionConfig {
	return connectionConfig{
		offerer: l.config.Offer, servers: l.config.ICEServers, times: timesOf(l.config.Shape), clock: l.now,
	}
}

// associated opens the channels.
func (l *Link) associated(association *sctp.Association) {
	if err := l.channels.start(association, pionLog{logger: l.logger}); err != nil {
		l.post(func() { l.failed(err) })
	}
}

// failed: ICE may work, and what goes over it does not: no restart can mend that.
func (l *Link) failed(err error) {
	l.logger.Info("a connection was not made", "reason", withoutAddresses(err.Error()))
	l.breakOff()
}

// closeWithin is how long a connection may take to close. An SCTP association
// whose handshake is answered once more after its end waits under its lock for
// ever (pion/sctp 1.12, completeHandshake); what else the link has is let go of
// all the same.
const closeWithin = 2 * time.Second

// disconnect ends what connect began.
func (l *Link) disconnect() {
	l.outgoing.open(nil)
	closed := make(chan struct{})
	go func() {
		defer close(closed)
		l.connection.close()
		l.channels.readers.Wait()
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
	beat, leave := l.config.Transport.hearts.join(l.wakes)
	defer leave()
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
		case half := <-beat:
			switch {
			case half%2 == 0:
				l.tick(half / 2)
			case l.opened:
				l.sendBeat(l.now())
			}
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
		l.act(l.negotiation.answered(s.Generation), func() error { return l.answered(s) })
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
	if l.pending != "" {
		// The last one was never answered, and still stands.
		l.signal(protocol.Offer{Ends: l.ends(), Generation: generation, SDP: l.pending})
		l.repeatFound()
		return nil
	}
	l.trickle.reset()
	if generation > 0 {
		if err := l.connection.restart(); err != nil {
			return err
		}
	}
	l.pending = l.describer.offer(l.connection.local())
	// Before anything is gathered, so that no candidate can overtake it.
	l.signal(protocol.Offer{Ends: l.ends(), Generation: generation, SDP: l.pending})
	return l.connection.gather()
}

func (l *Link) answer(offer protocol.Offer) error {
	read, err := l.read(offer.SDP)
	if err != nil {
		return err
	}
	if !read.remote.client {
		return fmt.Errorf("%w: an offer that wants a DTLS client", ErrShape)
	}
	l.trickle.reset()
	if l.described {
		if err := l.connection.restart(); err != nil {
			return err
		}
	}
	answer := l.describer.answer(l.connection.local(), read)
	l.signal(protocol.Answer{Ends: l.ends(), Generation: offer.Generation, SDP: answer})
	if err := l.connection.gather(); err != nil {
		return err
	}
	return l.take(read)
}

// answered takes the answer to the offer that is pending.
func (l *Link) answered(answer protocol.Answer) error {
	l.pending = ""
	read, err := l.read(answer.SDP)
	if err != nil {
		return err
	}
	if read.remote.client && read.remote.undecided {
		return fmt.Errorf("%w: an answer that leaves DTLS' roles open", ErrShape)
	}
	return l.take(read)
}

func (l *Link) read(text string) (*description, error) { return readDescription(text, l.lines) }

// take applies the peer's description.
func (l *Link) take(read *description) error {
	if err := l.outgoing.take(read); err != nil {
		return err
	}
	l.described = true
	l.incoming.described.Store(read)
	if err := l.connection.begin(read.remote); err != nil {
		return err
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
	switch l.connection.state() {
	case ice.ConnectionStateConnected, ice.ConnectionStateCompleted:
		state = iceConnected
	case ice.ConnectionStateDisconnected:
		state = iceDisconnected
	case ice.ConnectionStateFailed:
		state = iceFailed
	}
	l.act(l.negotiation.ice(state, l.now()), nil)
}
