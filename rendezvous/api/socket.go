package api

import (
	"context"
	"errors"
	"io"
	"time"

	"github.com/coder/websocket"
	"github.com/parley-mesh/parley/pkg/protocol"
)

const writeWithin = 5 * time.Second

// socket is a WebSocket as the hub sees it.
type socket struct{ conn *websocket.Conn }

// Write writes one frame. A client that takes longer than writeWithin to make
// room for it loses the connection.
func (s socket) Write(frame []byte) error {
	ctx, cancel := context.WithTimeout(context.Background(), writeWithin)
	defer cancel()
	return s.conn.Write(ctx, websocket.MessageText, frame)
}

// Close ends the connection with the close code for why.
func (s socket) Close(why protocol.ByeWhy) {
	_ = s.conn.Close(closeCode(why), string(why)) // whatever is wrong with it, it is closed
}

// closeCode is the one place where the reasons of a bye become close codes
// (RFC 6455 section 7.4). What a client does next it learns from the bye.
func closeCode(why protocol.ByeWhy) websocket.StatusCode {
	switch why {
	case protocol.ByeRestart:
		return websocket.StatusServiceRestart
	case protocol.ByeSlow:
		return websocket.StatusTryAgainLater
	case protocol.ByeProtocol:
		return websocket.StatusProtocolError
	case protocol.ByeElsewhere, protocol.ByeRemoved, protocol.ByeDenied, protocol.ByeExpired:
		return websocket.StatusPolicyViolation
	default: // ended, and a leave that needs no reason
		return websocket.StatusNormalClosure
	}
}

const (
	smallFrame = 4 << 10 // most frames fit
)

// next reads one frame into a buffer, which a session holds no longer than use
// runs. The buffer grows with what has really come.
func (a *API) next(conn *websocket.Conn, use func([]byte) error) error {
	// Not a context that can end: that would cost every idle session a place in
	// it. Who ends a session closes its socket.
	kind, reader, err := conn.Reader(context.Background())
	if err != nil {
		return err
	}
	if kind != websocket.MessageText {
		return errBinary
	}
	pooled := a.buffers.Get().(*[]byte)
	defer a.buffers.Put(pooled)
	buffer, n := *pooled, 0
	for {
		if n == len(buffer) {
			buffer = append(buffer, make([]byte, len(buffer))...)
		}
		read, err := reader.Read(buffer[n:])
		n += read
		switch {
		case n > protocol.MaxFrame:
			return errFrame
		case errors.Is(err, io.EOF):
			return use(buffer[:n])
		case err != nil:
			return err
		}
	}
}
