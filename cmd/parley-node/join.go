package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"strings"
	"sync"

	"golang.org/x/term"

	"github.com/parley-mesh/parley/node"
	"github.com/parley-mesh/parley/node/session"
	"github.com/parley-mesh/parley/node/tui"
	"github.com/parley-mesh/parley/pkg/protocol"
)

// entering is the flag of every command that goes into a meeting.
type entering struct {
	Rendezvous string `help:"The rendezvous of a meeting ID. An invitation names its own." placeholder:"URL"`
	Password   string `help:"The password of a meeting ID. An invitation needs none."`
}

func (e entering) door(where string) (node.Door, error) {
	return node.ParseDoor(where, e.Rendezvous, e.Password)
}

type join struct {
	entering
	Where   string   `arg:"" name:"invitation|id" help:"An invitation link, or a meeting ID."`
	Name    string   `help:"What the others see. Default: this machine's name."`
	Publish []string `sep:"none" help:"A file, device or URL to bring: IVF, Ogg or WebM, and with ffmpeg installed whatever that reads (MP4, rtsp://…, /dev/video0). Repeatable: the first picture is the camera, the second the screen." placeholder:"FILE"`
	Record  string   `help:"Record everybody to this folder." placeholder:"DIR"`
	Seal    string   `help:"Seal the recording with the passphrase in this file." placeholder:"FILE"`
	SFU     string   `name:"sfu" enum:"auto,never" default:"auto" help:"auto: this node may carry the room; never: it does not."`
	Uplink  rate     `help:"What this line can send, like 20Mbit. Default: measured." placeholder:"RATE"`
	NoTUI   bool     `name:"no-tui" help:"Print lines, also in a terminal."`
}

// Run takes part in a meeting until it is told to leave.
func (cmd *join) Run(ctx context.Context, c *cli, out *printer, in stdin, errs stderr) error {
	id, keyFile, err := c.identity()
	if err != nil {
		return err
	}
	door, err := cmd.door(cmd.Where)
	if err != nil {
		return err
	}
	file := keepBeside(keyFile)
	made, err := file.isMade(door)
	if err != nil {
		newLogger(errs, slog.LevelWarn, false).Warn(err.Error())
	}
	cfg := node.Config{
		Identity: id, Door: door, Host: made, Keep: file.behind(door), Name: nameOr(cmd.Name, node.DefaultName), Publish: cmd.Publish, Record: cmd.Record,
		NeverSFU: cmd.SFU == "never", Network: node.Network{UplinkKbps: int(cmd.Uplink)},
	}
	if cmd.Seal != "" {
		if cfg.Passphrase, err = readPassphrase(cmd.Seal); err != nil {
			return err
		}
	}
	screen := cmd.screen(c, out)
	cfg.Hear = screen != nil
	cfg.Logger = newLogger(errs, slog.LevelWarn, screen != nil)
	n, err := node.New(cfg)
	if err != nil {
		return err
	}
	ended := make(chan error, 1)
	go func() { ended <- n.Run(ctx) }()
	if screen != nil {
		err = tui.Run(ctx, n, tui.Options{Input: os.Stdin, Output: screen, Environ: os.Environ(), Record: cmd.Record, QR: pictureOf})
	} else {
		err = out.meeting(ctx, n, orders(in))
	}
	n.Leave() // standard output may be what failed
	for range n.Events() {
	}
	if err := errors.Join(err, <-ended); err != nil || screen == nil {
		return err
	}
	return out.farewell(n.State(), cmd.Record)
}

// farewell is what stays in the terminal when the interface is gone.
func (p *printer) farewell(s session.State, folder string) error {
	line := fmt.Sprintf("You left “%s”.", tui.Plain(s.Title))
	if folder != "" {
		line += " The recording is in " + folder + "."
	}
	_, err := fmt.Fprintln(p.w, line)
	return err
}

// screen is the terminal for the interface, nil when lines are wanted.
func (cmd *join) screen(c *cli, out *printer) *os.File {
	f, ok := out.w.(*os.File)
	if c.JSON || cmd.NoTUI || !ok || !term.IsTerminal(int(f.Fd())) || !term.IsTerminal(int(os.Stdin.Fd())) {
		return nil
	}
	return f
}

// meeting prints what happens, until nothing more does, and obeys what is ordered
// meanwhile.
func (p *printer) meeting(ctx context.Context, n *node.Node, orders io.Reader) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	teller := tui.Teller{Self: n.ID()}
	begin := sync.OnceFunc(func() { go p.steer(ctx, n, orders) }) // a reader that waits cannot be told to end
	for e := range n.Events() {
		if err := p.happened(e, teller.Tell(e)); err != nil {
			return err
		}
		if _, inside := e.(session.Roster); inside && orders != nil {
			begin()
		}
	}
	return nil
}

func (p *printer) happened(e session.Event, line string) error {
	if p.json {
		if wrong, ok := e.(session.Error); ok {
			return p.event(e.Kind(), failure{Code: protocol.Code(wrong.Alarm), Detail: tui.Sentence(wrong.Message)})
		}
		return p.event(e.Kind(), e)
	}
	if line == "" {
		return nil
	}
	return p.line(line)
}

// nameOr is a name, or this machine's, or else the last.
func nameOr(name, otherwise string) string {
	if name != "" {
		return name
	}
	host, err := os.Hostname()
	if err != nil {
		return otherwise
	}
	if host, _, _ = strings.Cut(host, "."); host != "" {
		return host
	}
	return otherwise
}

// maxPassphrase bounds a passphrase's file, in bytes.
const maxPassphrase = 4096

var errPassphrase = errors.New("the passphrase's file must hold one line of 1 to 4096 bytes")

// readPassphrase reads the first line of a file.
func readPassphrase(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errPassphrase, err)
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxPassphrase+1))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errPassphrase, err)
	}
	line, rest, _ := strings.Cut(string(data), "\n")
	line = strings.TrimSuffix(line, "\r")
	if line == "" || len(data) > maxPassphrase || strings.TrimSpace(rest) != "" {
		return nil, errPassphrase
	}
	return []byte(line), nil
}

// newLogger logs to standard error, unless that would draw over the interface.
func newLogger(w io.Writer, level slog.Level, screen bool) *slog.Logger {
	if f, ok := w.(*os.File); screen && ok && term.IsTerminal(int(f.Fd())) {
		return slog.New(slog.DiscardHandler)
	}
	return slog.New(slog.NewTextHandler(w, &slog.HandlerOptions{Level: level}))
}
