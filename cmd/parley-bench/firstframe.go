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
// has decoded a frame.
func measureFirstFrame(ctx context.Context, cli *commandLine, times int) ([]row, error) {
	server, err := startRendezvous(ctx, cli)
	if err != nil {
		return nil, err
	}
	defer server.stop()
	var measured struct{ Parley, Bare sample }
	if err := inChromium(ctx, &measured, "first-frame.mjs", server.url, strconv.Itoa(times)); err != nil {
		return nil, err
	}
	return []row{row{
		What: "Join meeting now → first frame of somebody else, mesh", Unit: "ms",
		Parley: measured.Parley, Yardstick: "a bare page doing only that", Bare: measured.Bare, Goal: "≤ 1.3",
	}.judged()}, nil
}
