// Command parley-node is Parley without a browser.
//
//	parley-node create [TITLE] --rendezvous URL [--entry any|invitation]
//	parley-node join INVITATION|ID [--publish FILE]… [--record DIR]
//	parley-node helper --rendezvous URL
//	parley-node unseal FILE|DIR --passphrase-file FILE
//	parley-node probe --rendezvous URL
//	parley-node identity
//	parley-node token --rendezvous URL
//	parley-node version
//
// Each flag is also PARLEY_… in the environment and, with underscores for
// dashes, a key of the JSON file that --config names; the command line comes
// before the environment and that before the file.
//
// Exit codes: 0 done, 1 failed, 2 wrong usage, 3 refused by the rendezvous,
// 4 could not connect.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/alecthomas/kong"

	"github.com/parley-mesh/parley/node"
	"github.com/parley-mesh/parley/node/tui"
	"github.com/parley-mesh/parley/pkg/client"
	"github.com/parley-mesh/parley/pkg/protocol"
)

const (
	exitDone = iota
	exitFailed
	exitUsage
	exitRefused
	exitUnreachable
)

type cli struct {
	Config   kong.ConfigFlag `help:"Read flags from this JSON file." placeholder:"FILE"`
	Identity string          `help:"The key file that says who you are; made if there is none. Default: parley/identity.pem in the user's folder for configuration." placeholder:"FILE"`
	JSON     bool            `name:"json" help:"Print one JSON object a line."`

	Create  create      `cmd:"" help:"Create a meeting and print its ID, password and invitation."`
	Join    join        `cmd:"" help:"Take part in a meeting."`
	Helper  helper      `cmd:"" help:"Carry meetings that are too large for their own members."`
	Unseal  unseal      `cmd:"" help:"Open a sealed recording."`
	Probe   probe       `cmd:"" help:"Tell how this machine is reached, and by which way the others are."`
	Who     identityCmd `cmd:"" name:"identity" help:"Print your peer ID and where its key is."`
	Token   token       `cmd:"" help:"Print a bearer token for a rendezvous' HTTP interface."`
	Version version     `cmd:"" help:"Print the version."`
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, func() {
		stop() // a second signal ends it at once
		time.AfterFunc(endWithin, func() { os.Exit(exitFailed) })
	})
	os.Exit(run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}

// endWithin bounds how long the process lives after a signal, whatever hangs.
const endWithin = 10 * time.Second

// stderr is where logs and complaints go.
type stderr io.Writer

func run(ctx context.Context, args []string, in io.Reader, stdout, errs io.Writer) int {
	var c cli
	out := &printer{w: stdout}
	parser, err := kong.New(&c, kong.Name("parley-node"), kong.Description("Parley without a browser."),
		kong.DefaultEnvars("PARLEY"), kong.Configuration(configFile), kong.Writers(stdout, errs),
		kong.BindTo(ctx, (*context.Context)(nil)), kong.Bind(out), kong.BindTo(errs, (*stderr)(nil)), kong.BindTo(in, (*stdin)(nil)))
	if err != nil {
		panic(err) // a broken tag above
	}
	command, err := parser.Parse(args)
	if err != nil {
		fmt.Fprintf(errs, "parley-node: %v\nTry parley-node --help.\n", err)
		return exitUsage
	}
	out.json = c.JSON
	if err := command.Run(&c); err != nil {
		fmt.Fprintf(errs, "parley-node: %s\n", tui.Sentence(err.Error()))
		out.failed(err)
		return exitCode(err)
	}
	return exitDone
}

// configFile is kong's JSON resolver, which alone would come before the
// environment.
func configFile(r io.Reader) (kong.Resolver, error) {
	file, err := kong.JSON(r)
	if err != nil {
		return nil, err
	}
	return kong.ResolverFunc(func(ctx *kong.Context, parent *kong.Path, flag *kong.Flag) (any, error) {
		for _, name := range flag.Envs {
			if _, set := os.LookupEnv(name); set {
				return nil, nil
			}
		}
		return file.Resolve(ctx, parent, flag)
	}), nil
}

// exitCode is the exit code of each sort of failure.
func exitCode(err error) int {
	var refused *client.Refused
	var ended *client.Ended
	var field *protocol.FieldError
	switch {
	case err == nil:
		return exitDone
	case errors.As(err, &refused), errors.As(err, &ended):
		return exitRefused
	case errors.Is(err, client.ErrUnreachable), errors.Is(err, client.ErrNotRendezvous):
		return exitUnreachable
	case errors.Is(err, client.ErrConfig), errors.Is(err, node.ErrConfig), errors.Is(err, node.ErrDoor), errors.Is(err, errPassphrase), errors.Is(err, errProbe), errors.Is(err, errSealedName), errors.As(err, &field):
		return exitUsage
	default:
		return exitFailed
	}
}
