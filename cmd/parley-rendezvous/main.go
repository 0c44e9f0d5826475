// Command parley-rendezvous keeps meetings and introduces their participants to
// each other. It has no logic of its own: flags, environment and file become one
// rendezvous.Config, and errors become sentences and exit codes: 0 done, 1
// failed, 2 wrong usage.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"runtime/debug"
	"strings"
	"syscall"

	"github.com/alecthomas/kong"
	"github.com/parley-mesh/parley/rendezvous"
)

// version is set by the linker.
var version = ""

const (
	exitDone = iota
	exitFailed
	exitUsage
)

type commandLine struct {
	Config kong.ConfigFlag `help:"JSON file with the names of flags as keys; a flag or the environment comes before it." placeholder:"FILE"`

	Serve   serveCommand   `cmd:"" default:"withargs" help:"Serve meetings (the default)."`
	Version versionCommand `cmd:"" help:"Print the version."`
}

func main() {
	keepFilesPrivate()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// run is main without the process.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	exited := false
	options := []kong.Option{
		kong.Name("parley-rendezvous"),
		kong.Description("Keeps Parley's meetings, checks who may enter, and introduces the participants to each other.\n\n" +
			"Each flag is also a variable of the environment (--public-url is PARLEY_PUBLIC_URL) and a key of the file that --config names."),
		kong.DefaultEnvars("PARLEY"),
		kong.Configuration(readFlags),
		kong.Writers(stdout, stderr),
		kong.Exit(func(int) { exited = true }), // --help has been printed
		kong.BindTo(ctx, (*context.Context)(nil)),
		kong.BindTo(stdout, (*io.Writer)(nil)),
		kong.Bind(logOutput{stderr}),
	}
	var cli commandLine
	parser, err := kong.New(&cli, options...)
	if err != nil {
		fmt.Fprintln(stderr, "parley-rendezvous:", err)
		return exitFailed
	}
	if path := os.Getenv("PARLEY_CONFIG"); path != "" {
		args = append([]string{"--config", path}, args...)
	}
	command, err := parser.Parse(args)
	switch {
	case exited:
		return exitDone
	case err != nil:
		fmt.Fprintf(stderr, "parley-rendezvous: %s\nparley-rendezvous serve --help shows every flag.\n", sentence(err))
		return exitUsage
	}
	if err := command.Run(); err != nil {
		fmt.Fprintln(stderr, "parley-rendezvous:", sentence(err))
		if errors.Is(err, rendezvous.ErrConfig) || errors.Is(err, errUsage) {
			return exitUsage
		}
		return exitFailed
	}
	return exitDone
}

var errUsage = errors.New("usage")

// sentence drops the names of packages, which say nothing to an operator.
func sentence(err error) string {
	text := err.Error()
	for _, prefix := range []string{
		"usage: ", "rendezvous: wrong configuration: ", "rendezvous: ", "guard: ", "badgerkv: ", "store: key file: ", "relay: ", "p2p: ",
	} {
		text = strings.ReplaceAll(text, prefix, "")
	}
	return text
}

// logOutput is where logs go.
type logOutput struct{ io.Writer }

func (o logOutput) logger(format string) *slog.Logger {
	if format == "json" {
		return slog.New(slog.NewJSONHandler(o, nil))
	}
	return slog.New(slog.NewTextHandler(o, nil))
}

type versionCommand struct{}

// Run prints one line.
func (versionCommand) Run(stdout io.Writer) error {
	_, err := fmt.Fprintln(stdout, "parley-rendezvous", programVersion())
	return err
}

// programVersion is what the linker, or else the build information, says.
func programVersion() string {
	if version != "" {
		return version
	}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	for _, setting := range info.Settings {
		if setting.Key == "vcs.revision" && len(setting.Value) >= 12 {
			return setting.Value[:12]
		}
	}
	if v := info.Main.Version; v != "" && v != "(devel)" {
		return v
	}
	return "unknown"
}
