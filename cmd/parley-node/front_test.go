package main

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"testing"

	"github.com/coder/websocket"

	"github.com/parley-mesh/parley/pkg/protocol"
	"github.com/parley-mesh/parley/rendezvous"
)

// standBefore starts a real rendezvous and a front before it, by whose URL alone
// it is known: each request is shown to request, each answer may be changed by
// answer, and what goes over a WebSocket is for signal to carry, between the
// client's end and the real one.
func standBefore(t *testing.T, request func(*http.Request), answer func(*http.Response) error, signal func(ctx context.Context, near, far *websocket.Conn)) (publicURL string) {
	t.Helper()
	front := httptest.NewUnstartedServer(nil)
	publicURL = "http://" + front.Listener.Addr().String()
	ctx, stop := context.WithCancel(context.Background())
	server, err := rendezvous.New(ctx, rendezvous.Config{
		Listen: "127.0.0.1:0", RelayListen: "127.0.0.1:0", DataDir: t.TempDir(), PublicURLs: []string{publicURL},
	})
	if err != nil {
		stop()
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- server.Run(ctx) }()
	address := server.Addr().String()
	proxy := httputil.NewSingleHostReverseProxy(&url.URL{Scheme: "http", Host: address})
	proxy.ModifyResponse = answer
	front.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		request(r)
		if r.URL.Path != "/signal" {
			proxy.ServeHTTP(w, r)
			return
		}
		near, err := websocket.Accept(w, r, &websocket.AcceptOptions{Subprotocols: []string{protocol.Version}, InsecureSkipVerify: true})
		if err != nil {
			return
		}
		defer near.CloseNow()
		far, _, err := websocket.Dial(r.Context(), "ws://"+address+"/signal", &websocket.DialOptions{Subprotocols: []string{protocol.Version}})
		if err != nil {
			return
		}
		defer far.CloseNow()
		near.SetReadLimit(protocol.MaxFrame)
		far.SetReadLimit(protocol.MaxWelcome)
		signal(r.Context(), near, far)
	})
	front.Start()
	t.Cleanup(func() {
		stop()
		if err := <-done; err != nil {
			t.Error(err)
		}
		front.CloseClientConnections()
		front.Close()
	})
	return publicURL
}
