package client

import (
	"context"
	"sync"
	"time"

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

// connection is the session's life on one WebSocket, from dial to its end. It
// never returns nil.
func (s *Session) connection(ctx context.Context) error {
	conn, welcome, err := s.open(ctx)
	if err != nil {
		return err
	}
	defer conn.CloseNow()
	ctx, cancel := context.WithCancelCause(ctx)
	var watch sync.WaitGroup
	watch.Go(func() {
		select {
		case <-s.anew:
			cancel(errAnew)
		case <-ctx.Done():
		}
	})
	defer watch.Wait()
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
