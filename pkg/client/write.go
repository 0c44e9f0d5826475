package client

import (
	"context"
	"fmt"
	"time"

	"github.com/coder/websocket"

	"github.com/parley-mesh/parley/pkg/protocol"
)

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
