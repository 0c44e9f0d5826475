package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/parley-mesh/parley/pkg/identity"
	"github.com/parley-mesh/parley/pkg/protocol"
)

type joinCommand struct{}

func (*joinCommand) Run(ctx context.Context, cli *commandLine) error {
	return cli.report(measureJoin(ctx, cli))
}

func measureJoin(ctx context.Context, cli *commandLine) ([]row, error) {
	server, err := startRendezvous(ctx, cli, "--helper=false")
	if err != nil {
		return nil, err
	}
	defer server.stop()
	bare, err := startBare(ctx, "bare-handler")
	if err != nil {
		return nil, err
	}
	defer bare.stop()

	someone, err := newCaller(server.url)
	if err != nil {
		return nil, err
	}
	made, err := someone.create(ctx, protocol.CreateRequest{Title: "Benchmark"})
	if err != nil {
		return nil, err
	}
	body, err := protocol.Encode(protocol.JoinRequest{InvitationToken: made.InvitationToken})
	if err != nil {
		return nil, err
	}
	stranger, err := newCaller(bare.url)
	if err != nil {
		return nil, err
	}
	out := row{What: "joins by invitation", Unit: "1/s", Yardstick: "a handler that verifies one signature", Goal: "≥ 0.5"}
	for range cli.Runs {
		for _, side := range []struct {
			caller *caller
			into   *sample
		}{{stranger, &out.Bare}, {someone, &out.Parley}} {
			joins, err := rate(ctx, 16, 3*time.Second, func(ctx context.Context) error {
				_, err := side.caller.post(ctx, "/meetings/join", body)
				return err
			})
			if err != nil {
				return nil, err
			}
			*side.into = append(*side.into, joins)
		}
	}
	return []row{out.judged()}, nil
}

// bareHandlerCommand is the yardstick of joins: net/http, one JSON body read,
// one bearer verified, one JSON answer.
type bareHandlerCommand struct{}

func (*bareHandlerCommand) Run(ctx context.Context) error {
	return serveBare(ctx, func(url string) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			var asked map[string]string
			if err := json.NewDecoder(io.LimitReader(r.Body, protocol.MaxBody)).Decode(&asked); err != nil {
				http.Error(w, "not JSON", http.StatusBadRequest)
				return
			}
			token := strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")
			who, err := identity.VerifyToken(token, []string{url}, time.Now())
			if err != nil {
				http.Error(w, "who is that", http.StatusUnauthorized)
				return
			}
			w.Header().Set("Content-Type", "application/json")
			_ = json.NewEncoder(w).Encode(map[string]string{"host_id": string(who), "ticket": asked["invitation_token"]})
		})
	})
}

// serveBare serves a yardstick on a free port of loopback until the end.
func serveBare(ctx context.Context, handler func(url string) http.Handler) error {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	url := "http://" + listener.Addr().String()
	fmt.Println(url)
	server := &http.Server{Handler: handler(url), ReadHeaderTimeout: 5 * time.Second}
	context.AfterFunc(ctx, func() { _ = server.Close() })
	if err := server.Serve(listener); err != http.ErrServerClosed {
		return err
	}
	return nil
}
