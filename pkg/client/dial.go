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

// open dials, says hello, and takes the session up as the welcome tells.
func (s *Session) open(ctx context.Context) (_ *websocket.Conn, _ protocol.Welcome, err error) {
	ctx, cancel := context.WithTimeout(ctx, openTimeout)
	defer cancel()
	var none protocol.Welcome
	conn, err := s.client.dial(ctx, s.url)
	if err != nil {
		return nil, none, err
	}
	defer func() {
		if err != nil {
			conn.CloseNow()
		}
	}()
	conn.SetReadLimit(protocol.MaxWelcome)
	if err := writeFrame(ctx, conn, 0, s.hello()); err != nil {
		return nil, none, err
	}
	_, frame, err := readFrame(ctx, conn)
	if err != nil {
		return nil, none, err
	}
	if welcome, ok := frame.(protocol.Welcome); ok {
		return conn, welcome, s.adopt(welcome)
	}
	return nil, none, s.client.lastWord(frame)
}

// dial opens a WebSocket that speaks the protocol.
func (c *Client) dial(ctx context.Context, url string) (*websocket.Conn, error) {
	conn, resp, err := websocket.Dial(ctx, url, &websocket.DialOptions{
		HTTPClient: c.http, Subprotocols: []string{protocol.Version},
	})
	if err != nil {
		if resp == nil {
			return nil, unreachable(ctx, err)
		}
		// The library keeps at most a kilobyte of the body.
		data, _ := io.ReadAll(io.LimitReader(resp.Body, protocol.MaxBody))
		return nil, refusal(resp, data)
	}
	if conn.Subprotocol() != protocol.Version {
		conn.CloseNow()
		return nil, fmt.Errorf("%w: no subprotocol %s", ErrNotRendezvous, protocol.Version)
	}
	return conn, nil
}

// lastWord makes an error of the frame that came in the place of a welcome.
func (c *Client) lastWord(frame protocol.ServerFrame) error {
	switch f := frame.(type) {
	case protocol.Bye:
		return &Ended{f}
	case protocol.Refusal:
		return &Refused{protocol.Problem{
			Type: c.base + "/problems/" + string(f.Code), Title: string(f.Code), Status: f.Code.Status(),
			Detail: f.Detail, Field: f.Field, RetryAfter: f.RetryAfter,
		}}
	default:
		return errFrame
	}
}

func (s *Session) hello() protocol.Hello {
	s.mu.Lock()
	defer s.mu.Unlock()
	select {
	case <-s.anew: // this one is
	default:
	}
	return protocol.Hello{
		MeetingID: s.meetingID, Ticket: s.ticket, Kind: s.kind, Presence: s.presence,
		Session: s.number, Received: s.received, Card: s.card,
	}
}

// isOwn tells whether an entry is about who runs this session.
func (s *Session) isOwn(p protocol.Participant) bool { return p.ID == s.client.Identity().PeerID() }

// adopt sets the session's numbers by the welcome that answers a hello.
func (s *Session) adopt(w protocol.Welcome) error {
	if !s.isOwn(w.Self) {
		return errFrame
	}
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
	s.resumed, s.began = w.Resumed, s.received
	return nil
}

// stuck reports, after a connection that ended in a broken frame, whether
// resuming once more would end in the same: it was refused, or it brought
// nothing new before the broken frame came again.
func (s *Session) stuck() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.welcomed.IsZero() || s.resumed && s.received == s.began
}

// forget makes the next hello ask for a new session, because this one cannot
// go on. Others see it as a reloaded page.
func (s *Session) forget() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.number, s.received, s.acked = 0, 0, 0
}
