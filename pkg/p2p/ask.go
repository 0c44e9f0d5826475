package p2p

import (
	"context"
	"io"
	"time"

	"github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/libp2p/go-libp2p/core/protocol"
)

// Ask opens a stream, sends a request on it and half-closes it. The stream has
// ctx's deadline, and is for reading the answer and then to be closed.
func (h *Host) Ask(ctx context.Context, to peer.ID, id protocol.ID, request []byte) (network.Stream, error) {
	s, err := h.NewStream(ctx, to, id)
	if err != nil {
		return nil, err
	}
	if deadline, ok := ctx.Deadline(); ok {
		err = s.SetDeadline(deadline)
	}
	if err == nil {
		_, err = s.Write(request)
	}
	if err == nil {
		err = s.CloseWrite()
	}
	if err != nil {
		_ = s.Reset()
		return nil, err
	}
	return s, nil
}

// ReadAll reads a stream's whole request or answer of at most limit bytes, within
// a time.
func ReadAll(s network.Stream, limit int, within time.Duration) ([]byte, error) {
	if err := s.SetReadDeadline(time.Now().Add(within)); err != nil {
		return nil, err
	}
	data, err := io.ReadAll(io.LimitReader(s, int64(limit)+1))
	if err == nil && len(data) > limit {
		err = ErrTooLarge
	}
	return data, err
}
