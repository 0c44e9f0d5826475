package client

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/coder/websocket"

	"github.com/parley-mesh/parley/pkg/protocol"
)

// HelpEvent is what [Client.Help] tells: a Helping, a Wanted or a Lost.
type HelpEvent interface{ helpEvent() }

// Helping tells that the rendezvous has the helper in its list. It comes first,
// and again after every Lost.
type Helping struct{}

// Wanted tells that a room calls for the helper. Its ticket opens a session of
// [protocol.KindHelper] (see [Client.NewSession]).
type Wanted struct{ Call protocol.HelpWanted }

func (Helping) helpEvent() {}
func (Wanted) helpEvent()  {}
func (Lost) helpEvent()    {}

// Help registers the identity as a helper and tells when a room calls for it,
// until ctx ends, whose error it returns. A connection that was lost is tried
// again; a rendezvous that does not want this helper, or says a last word, ends
// it with a *[Refused] or an *[Ended], one that never answered with
// [ErrUnreachable] or [ErrNotRendezvous]. tell is called by one goroutine and
// holds up the next event while it runs; the rendezvous drops a helper that
// does not read.
func (c *Client) Help(ctx context.Context, tell func(HelpEvent)) error {
	known := false
	for attempt, tries := 0, 1; ; attempt, tries = attempt+1, tries+1 {
		since := time.Now()
		err := c.help(ctx, func(e HelpEvent) {
			if _, ok := e.(Helping); ok {
				known, since = true, time.Now()
			}
			tell(e)
		})
		switch {
		case ctx.Err() != nil:
			return fmt.Errorf("client: %w", context.Cause(ctx))
		case final(err), !known && (tries >= firstTries || errors.Is(err, ErrNotRendezvous)):
			return fmt.Errorf("register as a helper: %w", err)
		}
		if time.Since(since) >= steadyAfter {
			attempt = 0
		}
		wait := max(delay(attempt, rand.Float64()), retryAfter(err))
		if known {
			tell(Lost{err, wait})
		}
		select {
		case <-time.After(wait):
		case <-ctx.Done():
			return fmt.Errorf("client: %w", context.Cause(ctx))
		}
	}
}

// help is one WebSocket's life, from dial to its end. It never returns nil.
func (c *Client) help(ctx context.Context, tell func(HelpEvent)) error {
	conn, err := c.register(ctx)
	if err != nil {
		return err
	}
	defer conn.CloseNow()
	tell(Helping{})
	ctx, cancel := context.WithCancelCause(ctx)
	pinger := make(chan struct{})
	go func() {
		defer close(pinger)
		cancel(pingAlways(ctx, conn))
	}()
	err = readCalls(ctx, conn, tell)
	if ctx.Err() != nil {
		err = context.Cause(ctx)
	}
	cancel(err)
	<-pinger
	return err
}

// register dials and is told that it is in the list.
func (c *Client) register(ctx context.Context) (_ *websocket.Conn, err error) {
	ctx, cancel := context.WithTimeout(ctx, openTimeout)
	defer cancel()
	token, err := c.Token(tokenLifetime)
	if err != nil {
		return nil, fmt.Errorf("client: %w", err)
	}
	conn, err := c.dial(ctx, c.base+"/signal")
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			conn.CloseNow()
		}
	}()
	conn.SetReadLimit(protocol.MaxFrame)
	if err := writeFrame(ctx, conn, 0, protocol.Help{Token: token}); err != nil {
		return nil, err
	}
	_, frame, err := readFrame(ctx, conn)
	if err != nil {
		return nil, err
	}
	if _, ok := frame.(protocol.Helping); ok {
		return conn, nil
	}
	return nil, c.lastWord(frame)
}

func pingAlways(ctx context.Context, conn *websocket.Conn) error {
	ping := time.NewTicker(protocol.PingEvery * time.Second)
	defer ping.Stop()
	for {
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-ping.C:
			if err := writeFrame(ctx, conn, 0, protocol.Ping{}); err != nil {
				return err
			}
		}
	}
}

func readCalls(ctx context.Context, conn *websocket.Conn, tell func(HelpEvent)) error {
	for {
		within, cancel := context.WithTimeout(ctx, silentFor)
		_, frame, err := readFrame(within, conn)
		cancel()
		if err != nil {
			return err
		}
		switch f := frame.(type) {
		case protocol.Pong:
		case protocol.HelpWanted:
			tell(Wanted{f})
		case protocol.Bye:
			return &Ended{f}
		default:
			return errFrame
		}
	}
}

// Called returns what [Client.NewSession] needs to answer a call.
func (c *Client) Called(call protocol.HelpWanted) protocol.JoinResponse {
	return protocol.JoinResponse{MeetingID: call.MeetingID, Ticket: call.Ticket, SignalingURL: c.base + "/signal"}
}
