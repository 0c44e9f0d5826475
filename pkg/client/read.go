package client

import (
	"context"
	"fmt"

	"github.com/coder/websocket"

	"github.com/parley-mesh/parley/pkg/protocol"
)

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
		if !s.isOwn(f.Self) || f.Self.Session != s.number {
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
