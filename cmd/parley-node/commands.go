package main

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"time"

	"github.com/parley-mesh/parley/pkg/client"
	"github.com/parley-mesh/parley/pkg/identity"
	"github.com/parley-mesh/parley/pkg/meeting"
	"github.com/parley-mesh/parley/pkg/protocol"
)

// asking is the flag of every command that asks one.
type asking struct {
	Rendezvous string `required:"" help:"The rendezvous' public URL." placeholder:"URL"`
}

func (a asking) client(c *cli) (*client.Client, error) {
	id, _, err := c.identity()
	if err != nil {
		return nil, err
	}
	return client.New(client.Config{Rendezvous: a.Rendezvous, Identity: id})
}

// identity loads or makes the key file and tells where it is.
func (c *cli) identity() (*identity.Identity, string, error) {
	path := c.Identity
	if path == "" {
		folder, err := os.UserConfigDir()
		if err != nil {
			return nil, "", fmt.Errorf("no folder for the key file, name one with --identity: %w", err)
		}
		path = filepath.Join(folder, "parley", "identity.pem")
	}
	id, err := client.LoadOrCreateIdentity(path)
	return id, path, err
}

type create struct {
	asking
	Title string `arg:"" optional:"" default:"Meeting" help:"What the meeting is called."`
	Entry string `enum:"any,invitation" default:"any" help:"Who may come in. any: who has the password; invitation: only who has the invitation."`
}

// Run creates a meeting and notes that it was made here.
func (cmd *create) Run(ctx context.Context, c *cli, out *printer, errs stderr) error {
	id, keyFile, err := c.identity()
	if err != nil {
		return err
	}
	asked, err := client.New(client.Config{Rendezvous: cmd.Rendezvous, Identity: id})
	if err != nil {
		return err
	}
	entry, request := meeting.Entry(cmd.Entry), protocol.CreateRequest{Title: cmd.Title}
	if entry != meeting.EntryAny {
		request.Policy = &meeting.PolicyPatch{Entry: &entry}
	}
	made, err := asked.Create(ctx, request)
	if err != nil {
		return err
	}
	if err := keepBeside(keyFile).made(made, entry); err != nil {
		newLogger(errs, slog.LevelWarn, false).Warn(err.Error())
	}
	return out.created(made)
}

type identityCmd struct{}

// Run prints who the user is.
func (*identityCmd) Run(c *cli, out *printer) error {
	id, path, err := c.identity()
	if err != nil {
		return err
	}
	return out.identity(id.PeerID(), path)
}

type token struct {
	asking
	TTL time.Duration `name:"ttl" default:"1h" help:"How long the token is good, at most 24h."`
}

// Run prints a bearer token. The rendezvous is not asked.
func (cmd *token) Run(c *cli, out *printer) error {
	asked, err := cmd.client(c)
	if err != nil {
		return err
	}
	text, err := asked.Token(cmd.TTL)
	if err != nil {
		return err
	}
	return out.token(text)
}

type version struct{}

// Run prints what was built.
func (version) Run(out *printer) error {
	built := "unknown"
	if info, ok := debug.ReadBuildInfo(); ok {
		built = info.Main.Version
	}
	return out.version(built, runtime.Version())
}
