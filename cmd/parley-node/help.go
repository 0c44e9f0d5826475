package main

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"runtime/debug"
	"sync"
	"time"

	"github.com/parley-mesh/parley/node"
)

type helper struct {
	asking
	Name   string `help:"What is shown in Connections. Default: this machine's name."`
	Rooms  int    `default:"100" help:"How many rooms are carried at once."`
	Uplink rate   `help:"What this line can send, like 1G. Default: measured." placeholder:"RATE"`
}

// helperGC is the garbage collector's percentage of a helper that is told nothing
// else: it makes little garbage, and most of its memory is what its members' links
// hold, which need not be there twice.
const helperGC = 50

// Run lends this machine's line to meetings that need it, until it is told to
// end.
func (cmd *helper) Run(ctx context.Context, c *cli, out *printer, errs stderr) error {
	id, keyFile, err := c.identity()
	if err != nil {
		return err
	}
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(helperGC)
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var mu sync.Mutex // the helper tells from several goroutines
	var unheard error
	h, err := node.NewHelper(node.HelperConfig{
		Rendezvous: cmd.Rendezvous, Identity: id, Name: nameOr(cmd.Name, node.DefaultHelperName), MaxRooms: cmd.Rooms,
		Keep:    keepBeside(keyFile).behind(node.Door{Rendezvous: cmd.Rendezvous}),
		Network: node.Network{UplinkKbps: int(cmd.Uplink)}, Logger: newLogger(errs, slog.LevelInfo, false),
		Tell: func(e node.HelperEvent) {
			mu.Lock()
			defer mu.Unlock()
			if err := out.helped(e); err != nil {
				unheard = err // nobody listens any more
				cancel()
			}
		},
	})
	if err != nil {
		return err
	}
	if err := h.Run(ctx); err != nil {
		return err
	}
	return unheard
}

func (p *printer) helped(e node.HelperEvent) error {
	if p.json {
		return p.event(e.Kind(), e)
	}
	line := ""
	switch e := e.(type) {
	case node.Helping:
		line = "Registered: meetings that are too large can call this helper."
	case node.Away:
		line = "The rendezvous is away: " + e.Message
	case node.Serving:
		line = "Called to " + e.MeetingID.String()
	case node.Served:
		line = "Left " + e.MeetingID.String()
		if e.Message != "" {
			line += ": " + e.Message
		}
	}
	_, err := fmt.Fprintf(p.w, "%s  %s\n", time.Now().Format("15:04:05"), line)
	return err
}
