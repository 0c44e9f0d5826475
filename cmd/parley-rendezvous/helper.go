package main

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"time"

	"github.com/parley-mesh/parley/node"
	"github.com/parley-mesh/parley/pkg/client"
	"github.com/parley-mesh/parley/rendezvous"
)

const (
	// helperAgain is how long a helper that failed waits before it is tried again;
	// it doubles up to helperAgainMost.
	helperAgain     = time.Second
	helperAgainMost = time.Minute
	// helperEnds is how long the server waits at the end for its helper to take its
	// leave of the rooms.
	helperEnds = time.Second
)

// lend runs a helper beside the server until ctx ends. Whatever becomes of it,
// the server goes on: what fails is said once and tried again.
func lend(ctx context.Context, server *rendezvous.Server, listen netip.AddrPort, log *slog.Logger) {
	wait, said := helperAgain, ""
	for ctx.Err() == nil {
		helping := false
		err := lendOnce(ctx, server, listen, log, func() { helping = true })
		if ctx.Err() != nil {
			return
		}
		if helping {
			wait, said = helperAgain, ""
		}
		if text := reason(err); text != said {
			log.Warn("the embedded helper does not run, and is tried again; rooms that need it stay without", "error", text)
			said = text
		}
		select {
		case <-time.After(wait):
		case <-ctx.Done():
		}
		wait = min(2*wait, helperAgainMost)
	}
}

// reason tells the refusal alone where there is one: it is a sentence.
func reason(err error) string {
	var refused *client.Refused
	switch {
	case err == nil:
		return "it ended"
	case errors.As(err, &refused):
		return refused.Error()
	default:
		return err.Error()
	}
}

func lendOnce(ctx context.Context, server *rendezvous.Server, listen netip.AddrPort, log *slog.Logger, helping func()) error {
	helper, err := node.NewHelper(node.HelperConfig{
		Rendezvous: server.URL(),
		Identity:   server.Helper(),
		HTTP:       &http.Client{Transport: server.Inside()},
		Network: node.Network{
			Listen:   listen,
			Loopback: isLocal(server.PublicURLs()),
			// The overlay is for rooms that outlive the rendezvous; this helper does not.
			NoOverlay: true,
		},
		Tell: func(e node.HelperEvent) {
			if _, ok := e.(node.Helping); ok {
				helping()
				log.Info("the embedded helper is ready")
			}
		},
		Logger: log,
	})
	if err != nil {
		return err
	}
	return helper.Run(ctx)
}

// linksBeside is the UDP port of the same number as the one of --listen, on every
// address of this machine: the server may be behind a proxy, links never are.
// When any port was asked for, it is any port too.
func linksBeside(listen string) netip.AddrPort {
	_, text, err := net.SplitHostPort(listen)
	if err != nil {
		return netip.AddrPort{}
	}
	port, err := net.LookupPort("tcp", text)
	if err != nil || port == 0 {
		return netip.AddrPort{}
	}
	return netip.AddrPortFrom(netip.IPv6Unspecified(), uint16(port))
}

// isLocal tells whether people use the server on this machine alone.
func isLocal(publicURLs []string) bool {
	for _, text := range publicURLs {
		u, err := url.Parse(text)
		if err != nil {
			return false
		}
		if ip, err := netip.ParseAddr(u.Hostname()); u.Hostname() != "localhost" && (err != nil || !ip.IsLoopback()) {
			return false
		}
	}
	return true
}
