package client

import (
	"context"
	"fmt"
	"io"
	"net/url"
	"time"

	"github.com/coder/websocket"

	"github.com/parley-mesh/parley/pkg/identity"
	"github.com/parley-mesh/parley/pkg/protocol"
)

const (
	// openTimeout bounds dial, hello and welcome together.
	openTimeout = 15 * time.Second

	// silentFor is after which silence a rendezvous is taken for lost. It is
	// pinged every protocol.PingEvery seconds and answers each ping.
	silentFor = (2*protocol.PingEvery + 5) * time.Second

	// writeTimeout bounds one frame's way into the socket.
	writeTimeout = 10 * time.Second

	// What arrived is acknowledged after ackBatch frames, or within ackEvery.
	ackBatch = 32
	ackEvery = time.Second

	// linger is how long a connection that is done with writing, because of a
	// Leave or because it failed, is still read: the rendezvous' last word may
	// be on its way.
	linger = 3 * time.Second
)

// signalingURL checks where a rendezvous sends its participants: to a
// WebSocket, and from a secure page to a secure one only.
func signalingURL(base, signaling string) (string, error) {
	u, err := url.Parse(signaling)
	if err != nil || u.Host == "" || u.User != nil {
		return "", fmt.Errorf("%w: the signaling URL is not one", ErrConfig)
	}
	secure := u.Scheme == "wss" || u.Scheme == "https"
	if !secure && u.Scheme != "ws" && u.Scheme != "http" {
		return "", fmt.Errorf("%w: the signaling URL is no WebSocket's", ErrConfig)
	}
	if b, err := url.Parse(base); err != nil || b.Scheme == "https" && !secure {
		return "", fmt.Errorf("%w: the signaling URL is not secure, although the rendezvous is", ErrConfig)
	}
	return signaling, nil
}

// connection is the session's life on one WebSocket, from dial to its end. It
// never returns nil.
func (s *Session) connection(ctx context.Context) error {
	conn, welcome, err := s.open(ctx)
	if err != nil {
		return err
	}
	defer conn.CloseNow()
	ctx, cancel := context.WithCancelCause(ctx)
	writer := make(chan struct{})
	go func() {
		defer close(writer)
		err := s.write(ctx, conn)
		select {
		case <-time.After(linger):
		case <-ctx.Done():
		}
		cancel(err)
	}()
	err = s.deliver(ctx, Opened{welcome})
	if err == nil {
		err = s.read(ctx, conn)
	}
	if ctx.Err() != nil {
		err = context.Cause(ctx)
	}
	cancel(err)
	<-writer
	return err
}

// open dials, says hello, and takes the session up as the welcome tells.
func (s *Session) open(ctx context.Context) (_ *websocket.Conn, _ protocol.Welcome, err error) {
	ctx, cancel := context.WithTimeout(ctx, openTimeout)
	defer cancel()
	var none protocol.Welcome
	conn, resp, err := websocket.Dial(ctx, s.url, &websocket.DialOptions{
		HTTPClient: s.client.http, Subprotocols: []string{protocol.Version},
	})
	if err != nil {
		if resp == nil {
			return nil, none, unreachable(ctx, err)
		}
		// The library keeps at most a kilobyte of the body.
		data, _ := io.ReadAll(io.LimitReader(resp.Body, protocol.MaxBody))
		return nil, none, refusal(resp, data)
	}
	defer func() {
		if err != nil {
			conn.CloseNow()
		}
	}()
	if conn.Subprotocol() != protocol.Version {
		return nil, none, fmt.Errorf("%w: no subprotocol %s", ErrNotRendezvous, protocol.Version)
	}
	conn.SetReadLimit(protocol.MaxWelcome)
	if err := writeFrame(ctx, conn, 0, s.hello()); err != nil {
		return nil, none, err
	}
	_, frame, err := readFrame(ctx, conn)
	if err != nil {
		return nil, none, err
	}
	switch f := frame.(type) {
	case protocol.Welcome:
		return conn, f, s.adopt(f)
	case protocol.Bye:
		return nil, none, &Ended{f}
	case protocol.Refusal:
		return nil, none, &Refused{protocol.Problem{
			Type: s.client.base + "/problems/" + string(f.Code), Title: string(f.Code), Status: f.Code.Status(),
			Detail: f.Detail, Field: f.Field, RetryAfter: f.RetryAfter,
		}}
	default:
		return nil, none, errFrame
	}
}

func (s *Session) hello() protocol.Hello {
	s.mu.Lock()
	defer s.mu.Unlock()
	return protocol.Hello{
		MeetingID: s.meetingID, Ticket: s.ticket, Kind: s.kind, Presence: s.presence,
		Session: s.number, Received: s.received,
	}
}

// adopt sets the session's numbers by the welcome that answers a hello.
func (s *Session) adopt(w protocol.Welcome) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if w.Resumed {
		if s.number == 0 || w.Self.Session != s.number {
			return errFrame
		}
		if err := s.out.resume(w.Received); err != nil {
			return err
		}
		s.acked = s.received // the hello told
	} else {
		here := make(map[identity.PeerID]bool, len(w.Roster))
		for _, p := range w.Roster {
			here[p.ID] = true
		}
		s.out.restart(here)
		s.received, s.acked = 0, 0
	}
	s.ticket, s.number, s.welcomed, s.known = w.Resume.Ticket, w.Self.Session, time.Now(), true
	return nil
}

// forget makes the next hello ask for a new session, because this one's
// numbers no longer fit the rendezvous'.
func (s *Session) forget() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.number, s.received, s.acked = 0, 0, 0
}

// read takes frames until something fails.
func (s *Session) read(ctx context.Context, conn *websocket.Conn) error {
	for {
		within, cancel := context.WithTimeout(ctx, silentFor)
		seq, frame, err := readFrame(within, conn)
		cancel()
		if err != nil {
			return err
		}
		if err := s.take(ctx, seq, frame); err != nil {
			return err
		}
	}
}

// take handles one frame: what stands alone by what it is, all others by their
// number.
func (s *Session) take(ctx context.Context, seq int64, frame protocol.ServerFrame) error {
	switch f := frame.(type) {
	case protocol.Pong:
		return nil
	case protocol.Ack:
		s.mu.Lock()
		defer s.mu.Unlock()
		return s.out.ack(f.Received)
	case protocol.Bye:
		return &Ended{f}
	case protocol.Refusal:
		return s.deliver(ctx, Came{f})
	case protocol.Welcome: // let in from the waiting room: the same session
		if f.Self.Session != s.number {
			return errFrame
		}
		s.mu.Lock()
		s.ticket = f.Resume.Ticket
		s.mu.Unlock()
		return s.deliver(ctx, Opened{f})
	default:
		return s.takeNumbered(ctx, seq, frame)
	}
}

// takeNumbered delivers the next frame, drops one that came before, and gives
// up on a gap.
func (s *Session) takeNumbered(ctx context.Context, seq int64, frame protocol.ServerFrame) error {
	s.mu.Lock()
	last := s.received
	s.mu.Unlock()
	switch {
	case seq == 0 || seq > last+1:
		return errFrame
	case seq <= last:
		return nil
	}
	if err := s.deliver(ctx, Came{frame}); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.received = seq
	if s.received-s.acked >= ackBatch {
		s.wakeUp()
	}
	return nil
}

// write sends what the outbox has, acknowledgements and pings, until something
// fails, ctx ends, or a Leave has waited long enough.
func (s *Session) write(ctx context.Context, conn *websocket.Conn) error {
	ping := time.NewTicker(protocol.PingEvery * time.Second)
	defer ping.Stop()
	ack := time.NewTicker(ackEvery)
	defer ack.Stop()
	for {
		if err := s.flush(ctx, conn, ackBatch); err != nil {
			return err
		}
		var err error
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-s.wake:
		case <-ack.C:
			err = s.flush(ctx, conn, 1)
		case <-ping.C:
			err = writeFrame(ctx, conn, 0, protocol.Ping{})
		}
		if err != nil {
			return err
		}
	}
}

// flush writes an acknowledgement if at least ackFrom frames wait for one, and
// every frame of the outbox.
func (s *Session) flush(ctx context.Context, conn *websocket.Conn, ackFrom int64) error {
	for {
		seq, frame := s.next(ackFrom)
		if frame == nil {
			return nil
		}
		if err := writeFrame(ctx, conn, seq, frame); err != nil {
			return err
		}
		if _, leave := frame.(protocol.Leave); leave {
			return ErrEnded
		}
	}
}

func (s *Session) next(ackFrom int64) (int64, protocol.ClientFrame) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.received-s.acked >= ackFrom {
		s.acked = s.received
		return 0, protocol.Ack{Received: s.received}
	}
	return s.out.next()
}

func writeFrame(ctx context.Context, conn *websocket.Conn, seq int64, f protocol.ClientFrame) error {
	data, err := protocol.EncodeClient(seq, f)
	if err != nil {
		return fmt.Errorf("client: %w", err)
	}
	ctx, cancel := context.WithTimeout(ctx, writeTimeout)
	defer cancel()
	if err := conn.Write(ctx, websocket.MessageText, data); err != nil {
		return unreachable(ctx, err)
	}
	return nil
}

func readFrame(ctx context.Context, conn *websocket.Conn) (int64, protocol.ServerFrame, error) {
	kind, data, err := conn.Read(ctx)
	if err != nil {
		return 0, nil, unreachable(ctx, err)
	}
	if kind != websocket.MessageText {
		return 0, nil, errFrame
	}
	seq, frame, err := protocol.DecodeServer(data)
	if err != nil {
		return 0, nil, fmt.Errorf("%w: %w", errFrame, err)
	}
	return seq, frame, nil
}
