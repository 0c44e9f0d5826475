// Command parley-bench measures the product as its users meet it: the real
// binaries, over loopback, next to a yardstick in the same run. It prints a
// table and, with --json, the same as JSON. Every figure is the median of
// several runs with its spread, and is judged as a ratio to its yardstick, so
// that a slower machine changes both.
//
// The yardsticks are processes of their own (hidden commands of this binary)
// where what is measured is one.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/alecthomas/kong"
)

type commandLine struct {
	Rendezvous string `help:"The parley-rendezvous binary to measure; built from this module when absent." type:"existingfile" placeholder:"FILE"`
	Node       string `help:"The parley-node binary to measure; built from this module when absent." type:"existingfile" placeholder:"FILE"`
	Runs       int    `help:"Runs of each measurement." default:"5"`
	JSON       bool   `help:"Print JSON instead of a table."`

	All        allCommand        `cmd:"" help:"Everything below, in order."`
	Create     createCommand     `cmd:"" help:"Meetings created a second, and the latency at half that rate."`
	Join       joinCommand       `cmd:"" help:"Joins by invitation a second."`
	Idle       idleCommand       `cmd:"" help:"Memory of an idle participant."`
	FirstFrame firstFrameCommand `cmd:"" name:"first-frame" help:"From the click on Join meeting now to the first frame of somebody else, in Chromium."`
	Seal       sealCommand       `cmd:"" help:"What end-to-end encryption costs per frame, in Chromium and in a node."`
	SFU        sfuCommand        `cmd:"" name:"sfu" help:"What forwarding costs a node: CPU, memory, latency and joins."`
	Room       roomCommand       `cmd:"" help:"A room of thirty: who has what they asked for, and what a join costs the others."`
	Failover   failoverCommand   `cmd:"" help:"From the death of an SFU to media from the standby."`

	BareForwarder bareForwarderCommand `cmd:"" name:"bare-forwarder" hidden:""`
	BareHandler   bareHandlerCommand   `cmd:"" name:"bare-handler" hidden:""`
	BareEcho      bareEchoCommand      `cmd:"" name:"bare-echo" hidden:""`

	folder string // what is built and stored; removed at the end
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	os.Exit(run(ctx))
}

func run(ctx context.Context) int {
	var cli commandLine
	command := kong.Parse(&cli, kong.Name("parley-bench"), kong.Description("Measures Parley next to its yardsticks."), kong.UsageOnError())
	command.BindTo(ctx, (*context.Context)(nil))
	var err error
	if cli.folder, err = os.MkdirTemp("", "parley-bench-"); err == nil {
		err = errors.Join(command.Run(&cli), os.RemoveAll(cli.folder))
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "parley-bench:", err)
		return 1
	}
	return 0
}

type allCommand struct {
	Participants int `help:"WebSocket sessions of the idle measurement." default:"10000"`
}

func (c *allCommand) Run(ctx context.Context, cli *commandLine) error {
	var rows []row
	for _, measure := range []func() ([]row, error){
		func() ([]row, error) { return measureCreate(ctx, cli) },
		func() ([]row, error) { return measureJoin(ctx, cli) },
		func() ([]row, error) { return measureIdle(ctx, cli, c.Participants) },
		func() ([]row, error) { return measureFirstFrame(ctx, cli, 10) },
		func() ([]row, error) { return measureSeal(ctx, cli) },
	} {
		more, err := measure()
		if err != nil {
			return err
		}
		rows = append(rows, more...)
	}
	return cli.report(rows, nil)
}
