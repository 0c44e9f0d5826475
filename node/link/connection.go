package link

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"errors"
	"fmt"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pion/dtls/v3"
	"github.com/pion/ice/v4"
	"github.com/pion/sctp"

	"github.com/parley-mesh/parley/pkg/protocol"
)

// connection is what one link travels over: ICE finds the path (RFC 8445), DTLS
// agrees on keys over it and proves who is there by the fingerprint of its
// certificate (RFC 8827), SRTP carries the media and SCTP the channels (RFC 8831).
//
// It is a browser's RTCPeerConnection without the negotiation of media, which all
// links have alike, and its datagrams take no detour: ICE sees its own checks
// alone, media is opened where it is read, and what is sent goes straight to the
// pair that ICE has selected.
type connection struct {
	transport *Transport
	port      *portMux
	offerer   bool
	events    connectionEvents
	agent     *ice.Agent

	ctx     context.Context // ends with the connection
	cancel  context.CancelFunc
	running sync.WaitGroup

	chain     tls.Certificate
	own       fingerprint // of chain
	handshake *dtlsWire
	media     *mailbox // RTP that waits to be opened
	ice       atomic.Int32
	relayed   atomic.Bool
	route     atomic.Pointer[route]    // where to, when it leaves by the port
	detour    atomic.Pointer[ice.Conn] // where to otherwise: through a relay
	keys      atomic.Pointer[keys]
	listening atomic.Bool // somebody reads media

	clock    func() time.Duration
	openedAt atomic.Int64 // by clock, when the last of the peer's packets was opened: a sign of life as a beat is
	mediaAt  atomic.Int64 // and the last of its media

	mu          sync.Mutex
	credentials credentials // of mine, in this generation
	started     bool
	served      bool        // there are STUN or TURN servers, or have been
	watched     bool        // readDetour runs
	fingerprint fingerprint // of the peer, once and for all
	secured     *dtls.Conn
	association *sctp.Association
	closed      bool
}

// connectionEvents tells of a connection. rtp and rtcp are called by who reads,
// with what is valid during the call; the others by goroutines of ICE's and of the
// connection's own, of which none may be kept waiting.
type connectionEvents struct {
	candidate  func(candidate, ufrag string)
	iceChanged func()
	secured    func(*keys)             // media can be sent
	associated func(*sctp.Association) // channels can be opened
	failed     func(error)
	rtp, rtcp  func([]byte)
}

// credentials are an end's for one generation of ICE (RFC 8445, section 5.3).
type credentials struct{ ufrag, password string }

// newCredentials has 40 bits of a name and 130 of a password; the RFC wants 24
// and 128.
func newCredentials() credentials {
	return credentials{ufrag: rand.Text()[:8], password: rand.Text()}
}

// route is the selected pair of candidates.
type route struct {
	path *path
	to   netip.AddrPort
}

// connectionConfig says how a connection is made.
type connectionConfig struct {
	offerer bool // and so ICE's controlling end
	servers []protocol.ICEServer
	times   iceTimes
	clock   func() time.Duration
}

func newConnection(t *Transport, port *portMux, config connectionConfig, events connectionEvents) (*connection, error) {
	c := &connection{
		transport: t, port: port, offerer: config.offerer, events: events, clock: config.clock,
		media: newMailbox(), credentials: newCredentials(), served: len(config.servers) > 0,
	}
	var err error
	if c.chain, c.own, err = t.certificate.now(); err != nil {
		return nil, err
	}
	c.ctx, c.cancel = context.WithCancel(context.Background())
	c.handshake = newDTLSWire(c.send)
	port.use(c.credentials.ufrag, c.receive)
	c.agent, err = ice.NewAgentWithOptions(t.agentOptions(port, c.credentials, config)...)
	if err != nil {
		port.RemoveConnByUfrag(c.credentials.ufrag)
		c.cancel()
		return nil, fmt.Errorf("link: ICE: %w", err)
	}
	err = errors.Join(
		c.agent.OnCandidate(func(found ice.Candidate) {
			if found != nil {
				of, _ := found.GetExtension("ufrag")
				events.candidate("candidate:"+found.Marshal(), of.Value)
			}
		}),
		c.agent.OnConnectionStateChange(func(state ice.ConnectionState) {
			c.ice.Store(int32(state))
			if state == ice.ConnectionStateFailed {
				c.route.Store(nil) // nobody there consents any more (RFC 7675)
			}
			events.iceChanged()
		}),
		c.agent.OnSelectedCandidatePairChange(c.selected),
	)
	if err != nil {
		c.close()
		return nil, fmt.Errorf("link: ICE: %w", err)
	}
	return c, nil
}

// local is what the peer is told of this end's ICE.
func (c *connection) local() credentials {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.credentials
}

// state is how ICE is.
func (c *connection) state() ice.ConnectionState { return ice.ConnectionState(c.ice.Load()) }

// works tells whether ICE has a path.
func (c *connection) works() bool {
	state := c.state()
	return state == ice.ConnectionStateConnected || state == ice.ConnectionStateCompleted
}

// gather looks for this end's candidates.
func (c *connection) gather() error {
	if err := c.agent.GatherCandidates(); err != nil {
		return fmt.Errorf("link: ICE: %w", err)
	}
	return nil
}

// restart begins another generation of ICE. What was agreed on over the path
// stays, and what is sent meanwhile goes the way it went.
func (c *connection) restart() error {
	fresh := newCredentials()
	c.port.use(fresh.ufrag, c.receive)
	c.mu.Lock()
	c.credentials = fresh
	c.mu.Unlock()
	if err := c.agent.Restart(fresh.ufrag, fresh.password); err != nil {
		return fmt.Errorf("link: ICE: %w", err)
	}
	return nil
}

// setServers changes the servers of the next generation.
func (c *connection) setServers(servers []protocol.ICEServer) error {
	c.mu.Lock()
	c.served = c.served || len(servers) > 0
	c.mu.Unlock()
	c.watchDetour()
	return c.agent.UpdateOptions(ice.WithUrls(iceURLs(servers)))
}

// remoteEnd is what the peer's description says of its transport.
type remoteEnd struct {
	credentials
	fingerprint fingerprint
	client      bool // of DTLS
	undecided   bool // an offer leaves it to the answer, which makes the offerer the client
}

// begin goes for the peer, once; later, in another generation, it is the same
// peer elsewhere.
func (c *connection) begin(peer remoteEnd) error {
	c.mu.Lock()
	first := !c.started
	c.started = true
	if first {
		c.fingerprint = peer.fingerprint
	}
	same := c.fingerprint == peer.fingerprint
	c.mu.Unlock()
	switch {
	case !same:
		return fmt.Errorf("%w: another certificate than before", ErrShape)
	case !first:
		if err := c.agent.SetRemoteCredentials(peer.ufrag, peer.password); err != nil {
			return fmt.Errorf("%w: its ICE credentials", ErrShape)
		}
		return nil
	}
	c.running.Go(func() {
		if err := c.establish(peer); err != nil && c.ctx.Err() == nil {
			c.events.failed(err)
		}
	})
	return nil
}

// establish finds a path, agrees on keys and opens an association over it.
func (c *connection) establish(peer remoteEnd) error {
	dial := c.agent.Accept
	if c.offerer {
		dial = c.agent.Dial
	}
	conn, err := dial(c.ctx, peer.ufrag, peer.password)
	if err != nil {
		return fmt.Errorf("link: ICE: %w", err)
	}
	c.detour.Store(conn)
	c.watchDetour()
	secured, made, err := handshake(c.ctx, c.handshake, c.chain, peer, c.transport.logger)
	if err != nil {
		return err
	}
	c.mu.Lock()
	c.secured = secured
	closed := c.closed
	c.mu.Unlock()
	if closed {
		return errors.Join(c.ctx.Err(), secured.Close())
	}
	c.keys.Store(made)
	c.events.secured(made)
	association, err := sctp.ClientContext(c.ctx,
		sctp.WithNetConn(secured), sctp.WithLoggerFactory(pionLog{logger: c.transport.logger}),
		sctp.WithMTU(sctpMTU), sctp.WithMaxMessageSize(protocol.MaxFrame))
	if err != nil {
		return fmt.Errorf("link: SCTP: %w", err)
	}
	c.mu.Lock()
	c.association = association
	closed = c.closed
	c.mu.Unlock()
	if closed {
		association.Abort("")
		return c.ctx.Err()
	}
	c.events.associated(association)
	return nil
}

// sctpMTU is as large as a datagram of SCTP may be, for DTLS, UDP and IPv6 to fit
// with it into 1280 bytes.
const sctpMTU = 1191

// selected notes the pair that ICE goes by.
func (c *connection) selected(local, remote ice.Candidate) {
	c.relayed.Store(local.Type() == ice.CandidateTypeRelay || remote.Type() == ice.CandidateTypeRelay)
	var direct *route
	if addr, err := netip.ParseAddr(remote.Address()); err == nil && local.Type() == ice.CandidateTypeHost {
		to := plain(netip.AddrPortFrom(addr, uint16(remote.Port())))
		if p := c.port.pathFor(c.local().ufrag, !to.Addr().Is4()); p != nil {
			direct = &route{path: p, to: to}
		}
	}
	c.route.Store(direct)
}

// send sends a datagram: RTP may wait for the rest of its burst.
func (c *connection) send(packet []byte) error {
	if direct := c.route.Load(); direct != nil {
		return direct.path.write(packet, direct.to)
	}
	if conn := c.detour.Load(); conn != nil {
		_, err := conn.Write(packet)
		return err
	}
	return ErrNotOpen
}

// watchDetour reads what comes by another socket than the port's: there is one for
// every server.
func (c *connection) watchDetour() {
	c.mu.Lock()
	defer c.mu.Unlock()
	conn := c.detour.Load()
	if conn == nil || !c.served || c.watched || c.closed {
		return
	}
	c.watched = true
	c.running.Go(func() { c.readDetour(conn) })
}

// readDetour reads what ICE has read.
func (c *connection) readDetour(conn *ice.Conn) {
	buffer := make([]byte, receiveMTU)
	for {
		n, err := conn.Read(buffer)
		if err != nil {
			return
		}
		c.receive(buffer[:n])
	}
}

// receive takes a datagram that is not ICE's (RFC 7983). Who reads the port has
// others to read for: media waits for a goroutine of the link's own, and reports,
// which are few and short, do not wait.
func (c *connection) receive(packet []byte) {
	switch {
	case len(packet) == 0:
	case packet[0] >= 20 && packet[0] < 64:
		c.handshake.deliver(packet)
	case c.keys.Load() == nil:
		// Nobody can have sealed it yet.
	case isRTP(packet):
		if c.listening.CompareAndSwap(false, true) {
			c.listen()
		}
		c.media.put(packet, netip.AddrPort{})
	case packet[0] >= 128 && packet[0] < 192:
		if opened, err := c.keys.Load().openRTCP(packet); err == nil {
			c.openedAt.Store(int64(c.clock()))
			c.events.rtcp(opened)
		}
	}
}

func (c *connection) listen() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.closed {
		c.running.Go(c.readMedia)
	}
}

func (c *connection) readMedia() {
	for {
		d, more := c.media.take()
		if d == nil {
			select {
			case <-c.media.arrived:
				continue
			case <-c.ctx.Done():
				return
			}
		}
		if opened, err := c.keys.Load().openRTP(d.data[:d.size]); err == nil {
			now := int64(c.clock())
			c.openedAt.Store(now)
			c.mediaAt.Store(now)
			c.events.rtp(opened)
		}
		datagrams.Put(d)
		if !more && c.ctx.Err() != nil {
			return
		}
	}
}

// addCandidate has ICE try a candidate of the peer's, "candidate:…" as in a
// description.
func (c *connection) addCandidate(text string) error {
	candidate, err := ice.UnmarshalCandidate(text)
	if err != nil {
		return fmt.Errorf("%w: no candidate", ErrShape)
	}
	if !candidate.NetworkType().IsUDP() {
		return nil // links are UDP's
	}
	if err := c.agent.AddRemoteCandidate(candidate); err != nil {
		return fmt.Errorf("link: ICE: %w", err)
	}
	return nil
}

// close ends everything; a second close is harmless. It may wait for SCTP.
func (c *connection) close() {
	c.mu.Lock()
	c.closed = true
	association, secured := c.association, c.secured
	c.mu.Unlock()
	c.cancel()
	if association != nil {
		association.Abort("")
	}
	if secured != nil {
		_ = secured.Close()
	}
	_ = c.handshake.Close()
	_ = c.agent.GracefulClose()
	c.media.end()
	c.port.RemoveConnByUfrag(c.local().ufrag)
	c.running.Wait()
}
