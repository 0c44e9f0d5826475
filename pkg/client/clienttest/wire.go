package clienttest

import (
	"context"
	"net"
	"sync"
)

// wire is a listener whose connections are pipes in memory.
type wire struct {
	conns  chan net.Conn
	closed chan struct{}
	once   sync.Once
}

func newWire() *wire {
	return &wire{conns: make(chan net.Conn), closed: make(chan struct{})}
}

func (w *wire) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	near, far := net.Pipe()
	select {
	case w.conns <- far:
		return near, nil
	case <-w.closed:
		return nil, net.ErrClosed
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// Accept returns the far end of the next dialled connection.
func (w *wire) Accept() (net.Conn, error) {
	select {
	case conn := <-w.conns:
		return conn, nil
	case <-w.closed:
		return nil, net.ErrClosed
	}
}

// Close refuses what is dialled from now on.
func (w *wire) Close() error {
	w.once.Do(func() { close(w.closed) })
	return nil
}

// Addr is a name without a meaning.
func (w *wire) Addr() net.Addr { return &net.UnixAddr{Name: "rendezvous.test", Net: "pipe"} }
