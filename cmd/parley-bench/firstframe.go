package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
)

type firstFrameCommand struct {
	Times int `help:"Joins measured." default:"10"`
}

func (c *firstFrameCommand) Run(ctx context.Context, cli *commandLine) error {
	return cli.report(measureFirstFrame(ctx, cli, c.Times))
}

// measureFirstFrame lets web/bench/first-frame.mjs drive Chromium, because only
// a browser can tell when it has decoded a frame.
func measureFirstFrame(ctx context.Context, cli *commandLine, times int) ([]row, error) {
	script := filepath.Join("web", "bench", "first-frame.mjs")
	if _, err := os.Stat(script); err != nil {
		return nil, errors.New("first-frame runs in the module's root, after npm ci in web/")
	}
	server, err := startRendezvous(ctx, cli)
	if err != nil {
		return nil, err
	}
	defer server.stop()
	var out, complaints bytes.Buffer
	command := exec.CommandContext(ctx, "node", script, server.url, strconv.Itoa(times))
	command.Stdout, command.Stderr = &out, &complaints
	if err := command.Run(); err != nil {
		return nil, fmt.Errorf("%s: %w: %s", script, err, complaints.Bytes())
	}
	var measured struct{ Parley, Bare sample }
	if err := json.Unmarshal(out.Bytes(), &measured); err != nil {
		return nil, fmt.Errorf("%s: %w", script, err)
	}
	return []row{row{
		What: "Join meeting now → first frame of somebody else, mesh", Unit: "ms",
		Parley: measured.Parley, Yardstick: "a bare page doing only that", Bare: measured.Bare, Goal: "≤ 1.3",
	}.judged()}, nil
}
