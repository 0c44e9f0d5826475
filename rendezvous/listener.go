package rendezvous

import (
	"net"
	"sync"
)

// capped is a listener that has at most so many connections open at once. What
// comes beyond waits in the system's queue.
type capped struct {
	net.Listener
	places chan struct{}
	closed chan struct{}
	once   sync.Once
}

func newCapped(l net.Listener, most int) *capped {
	return &capped{Listener: l, places: make(chan struct{}, most), closed: make(chan struct{})}
}

// Accept waits for a place and then for a connection.
func (c *capped) Accept() (net.Conn, error) {
	select {
	case c.places <- struct{}{}:
	case <-c.closed:
		return nil, net.ErrClosed
	}
	conn, err := c.Listener.Accept()
	if err != nil {
		<-c.places
		return nil, err
	}
	return &cappedConn{Conn: conn, places: c.places}, nil
}

// Close ends a waiting Accept too.
func (c *capped) Close() error {
	c.once.Do(func() { close(c.closed) })
	return c.Listener.Close()
}

type cappedConn struct {
	net.Conn
	places chan struct{}
	once   sync.Once
}

func (c *cappedConn) Close() error {
	err := c.Conn.Close()
	c.once.Do(func() { <-c.places })
	return err
}
