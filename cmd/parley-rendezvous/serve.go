package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/parley-mesh/parley/pkg/identity"
	"github.com/parley-mesh/parley/rendezvous"
	"github.com/parley-mesh/parley/rendezvous/guard"
)

type serveCommand struct {
	Listen         string   `help:"Address to serve at." default:"127.0.0.1:8080" placeholder:"HOST:PORT"`
	PublicURL      []string `name:"public-url" help:"Address that people use, as https://meet.example.com; repeat it when there are several. Default: this machine's own." placeholder:"URL"`
	Data           string   `help:"Folder that everything is kept in. Default: parley in $XDG_DATA_HOME or in ~/.local/share." placeholder:"DIR"`
	TLS            string   `name:"tls" help:"off, self-signed, or a certificate and its key as cert.pem,key.pem." default:"off" placeholder:"MODE"`
	RelayListen    string   `help:"Address where native nodes meet, by UDP and TCP, or off. Default: the host of --listen, and the port after its own." placeholder:"HOST:PORT"`
	PasswordDigits int      `help:"Length of the passwords that are made, 6 to 12." default:"6" placeholder:"N"`
	Limit          []string `help:"Change a rate, as create=100/s or join=off; NAME is create, join, guess, connect or frame. Repeatable." placeholder:"NAME=RATE"`
	TrustedProxy   []string `help:"Proxy whose X-Forwarded-For is believed. Repeatable." placeholder:"CIDR"`
	Helper         bool     `help:"Lend this machine to rooms that nobody in them can carry, over the UDP port of the same number as --listen's; --helper=false does not." default:"true"`
	HelperIdentity []string `help:"Identity (peer ID) of another helper that may be called into rooms, see parley-node helper. Repeatable." placeholder:"PEER"`
	LogFormat      string   `help:"text or json." enum:"text,json" default:"text" placeholder:"FORMAT"`
}

// Run serves until the process is told to end.
func (c *serveCommand) Run(ctx context.Context, stdout io.Writer, logs logOutput) error {
	config, err := c.config()
	if err != nil {
		return err
	}
	config.Logger = logs.logger(c.LogFormat)
	server, err := rendezvous.New(ctx, config)
	if err != nil {
		return err
	}
	if _, err := fmt.Fprintf(stdout, "Parley is ready: %s\nData: %s\n", server.URL(), config.DataDir); err != nil {
		server.Close()
		return err
	}
	return c.serve(ctx, server, config.Logger)
}

// serve runs the server, and a helper beside it that ends first: who is served
// by it hears so while there is still somebody to tell.
func (c *serveCommand) serve(ctx context.Context, server *rendezvous.Server, log *slog.Logger) error {
	if !c.Helper {
		return server.Run(ctx)
	}
	serving, end := context.WithCancel(context.WithoutCancel(ctx))
	defer end()
	lent := make(chan struct{})
	lending, stop := context.WithCancel(ctx)
	go func() {
		defer close(lent)
		lend(lending, server, linksBeside(c.Listen), log)
	}()
	go func() {
		<-lending.Done()
		select {
		case <-lent:
		case <-time.After(helperEnds):
		}
		end()
	}()
	err := server.Run(serving)
	stop()
	<-lent
	return err
}

// config turns flags into a configuration, which rendezvous.New checks as a
// whole.
func (c *serveCommand) config() (rendezvous.Config, error) {
	config := rendezvous.Config{Listen: c.Listen, PublicURLs: c.PublicURL, RelayListen: c.RelayListen, PasswordDigits: c.PasswordDigits, Version: programVersion()}
	if c.PasswordDigits == 0 {
		config.PasswordDigits = -1 // 0 would ask for the default
	}
	limits := guard.DefaultLimits()
	for _, limit := range c.Limit {
		if err := limits.Set(limit); err != nil {
			return config, fmt.Errorf("%w: --limit: %w", errUsage, err)
		}
	}
	config.Limits = &limits
	for _, text := range c.HelperIdentity {
		id, err := identity.ParsePeerID(text)
		if err != nil {
			return config, fmt.Errorf("%w: --helper-identity must be a peer ID, as parley-node identity prints it", errUsage)
		}
		config.Helpers = append(config.Helpers, id)
	}
	for _, proxy := range c.TrustedProxy {
		prefix, err := guard.ParseProxy(proxy)
		if err != nil {
			return config, fmt.Errorf("%w: --trusted-proxy: %w", errUsage, err)
		}
		config.TrustedProxies = append(config.TrustedProxies, prefix)
	}
	var err error
	if config.TLS, err = parseTLS(c.TLS); err != nil {
		return config, err
	}
	config.DataDir, err = dataDir(c.Data)
	return config, err
}

func parseTLS(mode string) (rendezvous.TLS, error) {
	switch mode {
	case "off":
		return rendezvous.TLS{}, nil
	case "self-signed":
		return rendezvous.TLS{SelfSigned: true}, nil
	case "auto":
		return rendezvous.TLS{}, fmt.Errorf("%w: --tls auto is not there yet: give cert.pem,key.pem, or put a proxy with TLS in front", errUsage)
	}
	cert, key, two := strings.Cut(mode, ",")
	if !two || cert == "" || key == "" {
		return rendezvous.TLS{}, fmt.Errorf("%w: --tls must be off, self-signed, or cert.pem,key.pem", errUsage)
	}
	return rendezvous.TLS{CertFile: cert, KeyFile: key}, nil
}

// dataDir is the folder asked for, or this user's for data (XDG Base Directory
// Specification).
func dataDir(asked string) (string, error) {
	if asked != "" {
		dir, err := filepath.Abs(asked)
		if err != nil {
			return "", fmt.Errorf("the data folder: %w", err)
		}
		return dir, nil
	}
	if base := os.Getenv("XDG_DATA_HOME"); filepath.IsAbs(base) { // a relative one is to be ignored
		return filepath.Join(base, "parley"), nil
	}
	home, err := os.UserHomeDir()
	if err != nil || home == "" {
		return "", fmt.Errorf("%w: there is no home folder to keep data in: give a folder with --data", errUsage)
	}
	return filepath.Join(home, ".local", "share", "parley"), nil
}
