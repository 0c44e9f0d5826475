package relay

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"github.com/libp2p/go-libp2p/core/host"
	"github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/libp2p/go-libp2p/core/protocol"
	"golang.org/x/time/rate"
)

// errQuota ends a circuit. Nobody reads it: the nodes see a reset and make a new
// circuit if they still need one.
var errQuota = errors.New("relay: a quota is used up")

// metered is the host as the circuit service sees it: both streams of a circuit
// count what they bring.
type metered struct {
	host.Host
	quotas   Quotas
	circuits atomic.Int64
}

// SetStreamHandler meters what nodes open: reservations and a circuit's near end.
func (m *metered) SetStreamHandler(id protocol.ID, handler network.StreamHandler) {
	m.Host.SetStreamHandler(id, func(s network.Stream) { handler(m.meter(s, func() {})) })
}

// NewStream meters a circuit's far end, and with it the circuit.
func (m *metered) NewStream(ctx context.Context, p peer.ID, ids ...protocol.ID) (network.Stream, error) {
	if m.circuits.Add(1) > int64(m.quotas.Circuits) {
		m.circuits.Add(-1)
		return nil, errQuota
	}
	s, err := m.Host.NewStream(ctx, p, ids...)
	if err != nil {
		m.circuits.Add(-1)
		return nil, err
	}
	return m.meter(s, func() { m.circuits.Add(-1) }), nil
}

func (m *metered) meter(s network.Stream, ended func()) network.Stream {
	ctx, cancel := context.WithCancel(context.Background())
	out := &meteredStream{
		Stream: s, ctx: ctx, left: m.quotas.Bytes,
		rate: rate.NewLimiter(rate.Limit(m.quotas.BytesPerSecond), 2*m.quotas.BytesPerSecond),
	}
	timer := time.AfterFunc(m.quotas.CircuitTime, func() { _ = out.Reset() })
	out.end = sync.OnceFunc(func() {
		timer.Stop()
		cancel()
		ended()
	})
	return out
}

// meteredStream gives no more than its quota, and no faster.
type meteredStream struct {
	network.Stream
	ctx  context.Context // ends with the stream
	rate *rate.Limiter
	left int64 // of the quota; for the one who reads
	end  func()
}

// Read waits until its bytes may pass.
func (s *meteredStream) Read(p []byte) (int, error) {
	if s.left <= 0 {
		return 0, errQuota
	}
	n, err := s.Stream.Read(p[:min(int64(len(p)), s.left, int64(s.rate.Burst()))])
	s.left -= int64(n)
	if n > 0 && s.rate.WaitN(s.ctx, n) != nil && err == nil {
		err = errQuota
	}
	return n, err
}

// Close ends the stream's count as well.
func (s *meteredStream) Close() error {
	s.end()
	return s.Stream.Close()
}

// Reset ends the stream's count as well.
func (s *meteredStream) Reset() error {
	s.end()
	return s.Stream.Reset()
}

// ResetWithError ends the stream's count as well.
func (s *meteredStream) ResetWithError(code network.StreamErrorCode) error {
	s.end()
	return s.Stream.ResetWithError(code)
}
