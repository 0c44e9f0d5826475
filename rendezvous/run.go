package rendezvous

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"golang.org/x/sync/errgroup"
)

// Run serves until ctx ends, and then ends in order within ten seconds: no new
// connection, every participant told to come back, requests under way answered,
// and the database closed.
func (s *Server) Run(ctx context.Context) error {
	defer s.Close()
	keeping, stopKeeping := context.WithCancel(context.WithoutCancel(ctx))
	defer stopKeeping()
	var keepers errgroup.Group
	keepers.Go(func() error { return s.store.Run(keeping) })
	keepers.Go(func() error { return s.database.Run(keeping) })

	meeting, endMeeting := context.WithCancel(context.WithoutCancel(ctx))
	defer endMeeting()
	var rooms errgroup.Group
	rooms.Go(func() error { return s.hub.Run(meeting) })
	rooms.Go(func() error { return s.api.Run(meeting) })

	served := make(chan error, 1)
	go func() { served <- s.serve() }()
	var failed error
	select {
	case <-ctx.Done():
	case failed = <-served:
	}
	s.config.Logger.Info("ending")
	endMeeting()
	err := s.drain(&rooms)
	stopKeeping()
	return errors.Join(failed, err, keepers.Wait())
}

func (s *Server) serve() error {
	var err error
	if s.http.TLSConfig != nil {
		err = s.http.ServeTLS(s.listener, "", "")
	} else {
		err = s.http.Serve(s.listener)
	}
	if errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return fmt.Errorf("rendezvous: serve: %w", err)
}

// drain waits for what is under way, but not for ever.
func (s *Server) drain(rooms *errgroup.Group) error {
	ctx, cancel := context.WithTimeout(context.Background(), endWithin)
	defer cancel()
	err := s.http.Shutdown(ctx)
	gone := make(chan error, 1)
	go func() { gone <- rooms.Wait() }()
	select {
	case failed := <-gone:
		err = errors.Join(err, failed)
	case <-ctx.Done():
		s.config.Logger.Warn("some connections did not end in time and are cut")
	}
	if errors.Is(err, context.DeadlineExceeded) {
		_ = s.http.Close()
		return nil
	}
	return err
}
