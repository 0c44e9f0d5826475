package api

import (
	"context"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/coder/websocket"
	"github.com/parley-mesh/parley/pkg/protocol"
	"github.com/parley-mesh/parley/rendezvous/guard"
)

// pipes is a listener in memory, so that a server runs in a bubble of virtual
// time.
type pipes struct {
	conns  chan net.Conn
	closed chan struct{}
}

func (p *pipes) Accept() (net.Conn, error) {
	select {
	case c := <-p.conns:
		return c, nil
	case <-p.closed:
		return nil, net.ErrClosed
	}
}

func (p *pipes) Close() error {
	close(p.closed)
	return nil
}

func (p *pipes) Addr() net.Addr { return &net.TCPAddr{} }

func (p *pipes) dial(context.Context, string, string) (net.Conn, error) {
	server, client := net.Pipe()
	p.conns <- server
	return client, nil
}

// Guards memory from sockets that never say who they are: hello comes within five
// seconds, or they are told so and closed.
func TestHelloComesInTime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		a := edge(t)
		off := guard.Rate{Off: true}
		doors, err := guard.New(t.Context(), guard.Config{
			Limits: guard.Limits{Create: off, Join: off, Guess: off, Connect: off, Frame: off}, Store: nothing{}, Logger: slog.New(slog.DiscardHandler),
		})
		if err != nil {
			t.Fatal(err)
		}
		a.config.Guard = doors
		listener := &pipes{conns: make(chan net.Conn), closed: make(chan struct{})}
		server := &http.Server{Handler: a, ReadHeaderTimeout: time.Minute}
		served := make(chan struct{})
		go func() {
			defer close(served)
			_ = server.Serve(listener)
		}()

		transport := &http.Transport{DialContext: listener.dial}
		conn, _, err := websocket.Dial(t.Context(), "ws://localhost:8080/signal", &websocket.DialOptions{
			HTTPClient: &http.Client{Transport: transport}, Subprotocols: []string{protocol.Version},
		})
		if err != nil {
			t.Fatal(err)
		}
		began := time.Now()
		_, data, err := conn.Read(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		_, frame, err := protocol.DecodeServer(data)
		bye, ok := frame.(protocol.Bye)
		if err != nil || !ok || bye.Why != protocol.ByeProtocol || !strings.Contains(bye.Detail, "hello must come within 5 seconds") {
			t.Errorf("told %s, %v", data, err)
		}
		if waited := time.Since(began); waited != helloWithin {
			t.Errorf("after %v", waited)
		}
		if _, _, err := conn.Read(t.Context()); websocket.CloseStatus(err) != websocket.StatusProtocolError {
			t.Errorf("closed with %v", err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if err := a.Run(ctx); err != nil { // which waits for the session
			t.Error(err)
		}
		transport.CloseIdleConnections()
		_ = server.Close()
		<-served
	})
}
