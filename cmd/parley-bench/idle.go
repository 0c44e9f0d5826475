package main

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/coder/websocket"

	"github.com/parley-mesh/parley/pkg/identity"
	"github.com/parley-mesh/parley/pkg/protocol"
)

type idleCommand struct {
	Participants int `help:"WebSocket sessions." default:"10000"`
}

func (c *idleCommand) Run(ctx context.Context, cli *commandLine) error {
	return cli.report(measureIdle(ctx, cli, c.Participants))
}

const (
	perRoom = 100              // participants of a room in the idle measurement
	settle  = 10 * time.Second // from the last participant until the memory is read
	dialing = 32               // connections being made at once
)

// measureIdle is one run: ten thousand sessions are their own average.
func measureIdle(ctx context.Context, cli *commandLine, participants int) ([]row, error) {
	out := row{What: fmt.Sprintf("memory of an idle participant, %d of them", participants), Unit: "KiB", Yardstick: "an echo server on the same WebSocket library", Goal: "≤ 1.5"}
	bare, err := startBare(ctx, "bare-echo")
	if err != nil {
		return nil, err
	}
	fresh, err := bare.resident()
	if err != nil {
		return nil, err
	}
	each, err := memoryEach(ctx, bare, fresh, participants, func(ctx context.Context, _ int) (*websocket.Conn, error) {
		socket, response, err := websocket.Dial(ctx, bare.url, nil)
		if response != nil && response.Body != nil {
			defer response.Body.Close()
		}
		if err != nil {
			return nil, err
		}
		if err := socket.Write(ctx, websocket.MessageText, []byte("hello")); err != nil {
			return nil, err
		}
		_, _, err = socket.Read(ctx)
		return socket, err
	})
	if err := bare.stop(); err != nil {
		return nil, err
	}
	if err != nil {
		return nil, err
	}
	out.Bare = sample{each / 1024}

	server, err := startRendezvous(ctx, cli, "--helper=false")
	if err != nil {
		return nil, err
	}
	defer server.stop()
	if fresh, err = server.resident(); err != nil {
		return nil, err
	}
	host, err := newCaller(server.url)
	if err != nil {
		return nil, err
	}
	var tokens []string
	for range (participants + perRoom - 1) / perRoom {
		made, err := host.create(ctx, protocol.CreateRequest{Title: "Benchmark"})
		if err != nil {
			return nil, err
		}
		tokens = append(tokens, made.InvitationToken)
	}
	each, err = memoryEach(ctx, server, fresh, participants, func(ctx context.Context, i int) (*websocket.Conn, error) {
		return enterRoom(ctx, server.url, tokens[i/perRoom])
	})
	if err != nil {
		return nil, err
	}
	out.Parley = sample{each / 1024}
	return []row{out.judged()}, nil
}

// enterRoom joins a meeting as a new identity and returns its WebSocket after
// the welcome.
func enterRoom(ctx context.Context, url, token string) (*websocket.Conn, error) {
	someone, err := newCaller(url)
	if err != nil {
		return nil, err
	}
	ticket, err := someone.join(ctx, token)
	if err != nil {
		return nil, err
	}
	socket, response, err := websocket.Dial(ctx, strings.Replace(url, "http", "ws", 1)+"/signal", &websocket.DialOptions{
		Subprotocols: []string{protocol.Version}, CompressionMode: websocket.CompressionDisabled,
	})
	if response != nil && response.Body != nil {
		defer response.Body.Close()
	}
	if err != nil {
		return nil, err
	}
	socket.SetReadLimit(protocol.MaxWelcome)
	hello, err := protocol.EncodeClient(0, protocol.Hello{
		MeetingID: ticket.MeetingID.String(), Ticket: ticket.Ticket, Kind: protocol.KindNode,
		Presence: protocol.Presence{Name: "Idle"}, Card: someCard(ticket.HostID),
	})
	if err != nil {
		return nil, err
	}
	if err := socket.Write(ctx, websocket.MessageText, hello); err != nil {
		return nil, err
	}
	_, _, err = socket.Read(ctx)
	return socket, err
}

// memoryEach opens so many sessions, lets them settle while their clients go on
// reading and acknowledging, and returns what each added to a process that
// occupied so much when it was new.
func memoryEach(ctx context.Context, server *process, fresh float64, sessions int, open func(context.Context, int) (*websocket.Conn, error)) (float64, error) {
	ctx, cancel := context.WithCancel(ctx)
	var readers sync.WaitGroup
	defer readers.Wait()
	defer cancel()
	places := make(chan struct{}, dialing)
	failures := make(chan error, sessions)
	var opening sync.WaitGroup
	for i := range sessions {
		places <- struct{}{}
		opening.Go(func() {
			defer func() { <-places }()
			socket, err := open(ctx, i)
			if err != nil {
				failures <- err
				return
			}
			readers.Go(func() { idle(ctx, socket) })
		})
	}
	opening.Wait()
	select {
	case err := <-failures:
		return 0, fmt.Errorf("open %d sessions: %w", sessions, err)
	default:
	}
	select {
	case <-time.After(settle):
	case <-ctx.Done():
		return 0, ctx.Err()
	}
	after, err := server.resident()
	return (after - fresh) / float64(sessions), err
}

// idle is a participant that only listens: it acknowledges what it gets, as
// every client does, and pings in time.
func idle(ctx context.Context, socket *websocket.Conn) {
	defer socket.CloseNow()
	go func() {
		for range time.Tick(protocol.PingEvery * time.Second) {
			ping, err := protocol.EncodeClient(0, protocol.Ping{})
			if err != nil || ctx.Err() != nil || socket.Write(ctx, websocket.MessageText, ping) != nil {
				return
			}
		}
	}()
	for unacked := 0; ; {
		_, data, err := socket.Read(ctx)
		if err != nil {
			return
		}
		seq, _, err := protocol.DecodeServer(data)
		if err != nil || seq == 0 {
			continue
		}
		if unacked++; unacked < 16 {
			continue
		}
		unacked = 0
		if ack, err := protocol.EncodeClient(0, protocol.Ack{Received: seq}); err == nil {
			_ = socket.Write(ctx, websocket.MessageText, ack)
		}
	}
}

// bareEchoCommand is the yardstick of idle participants: the same WebSocket
// library, one goroutine a connection, nothing kept.
type bareEchoCommand struct{}

func (*bareEchoCommand) Run(ctx context.Context) error {
	return serveBare(ctx, func(string) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			socket, err := websocket.Accept(w, r, &websocket.AcceptOptions{CompressionMode: websocket.CompressionDisabled})
			if err != nil {
				return
			}
			defer socket.CloseNow()
			for {
				kind, data, err := socket.Read(ctx)
				if err != nil || socket.Write(ctx, kind, data) != nil {
					return
				}
			}
		})
	})
}

// someCard is as large as a participant's, and means nothing: the rendezvous
// does not look into it.
func someCard(host identity.PeerID) protocol.Card {
	text := func(size int) string {
		random := make([]byte, size)
		_, _ = rand.Read(random) // never fails
		return base64.RawURLEncoding.EncodeToString(random)
	}
	return protocol.Card{Key: text(protocol.SessionKeySize), At: time.Now().UnixMilli(), Host: host, Proof: text(32), Sig: text(64)}
}
