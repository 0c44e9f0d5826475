package main

import (
	"context"
	"strconv"
)

type firstFrameCommand struct {
	Times int `help:"Joins measured." default:"10"`
}

func (c *firstFrameCommand) Run(ctx context.Context, cli *commandLine) error {
	return cli.report(measureFirstFrame(ctx, cli, c.Times))
}

// measureFirstFrame lets Chromium join, because only a browser can tell when it
// has decoded a frame: with the product as it is, with the product whose worker
// passes frames on, and with neither.
func measureFirstFrame(ctx context.Context, cli *commandLine, times int) ([]row, error) {
	server, err := startRendezvous(ctx, cli)
	if err != nil {
		return nil, err
	}
	defer server.stop()
	var measured struct{ Sealed, Passed, Bare sample }
	if err := inChromium(ctx, &measured, "first-frame.mjs", server.url, strconv.Itoa(times)); err != nil {
		return nil, err
	}
	const (
		what = "Join meeting now → first frame of somebody else, mesh"
		bare = "a bare page doing only that"
	)
	return []row{
		row{What: what, Unit: "ms", Parley: measured.Sealed, Yardstick: bare, Bare: measured.Bare, Goal: "≤ 1.3"}.judged(),
		row{What: "the same, frames passed on unsealed", Unit: "ms", Parley: measured.Passed, Yardstick: bare, Bare: measured.Bare}.judged(),
		row{What: what, Unit: "ms", Parley: measured.Sealed, Yardstick: "the same, frames passed on unsealed", Bare: measured.Passed}.judged(),
	}, nil
}
