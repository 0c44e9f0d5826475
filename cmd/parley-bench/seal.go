package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"strconv"
	"time"

	"github.com/parley-mesh/parley/pkg/sframe"
)

type sealCommand struct{}

func (*sealCommand) Run(ctx context.Context, cli *commandLine) error {
	return cli.report(measureSeal(ctx, cli))
}

// measureSeal is what end-to-end encryption costs: in Chromium, with a camera of
// 1280 × 720 and a microphone, and in a node. It ends within a minute, if need be
// with fewer runs.
func measureSeal(ctx context.Context, cli *commandLine) ([]row, error) {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	inNode, err := sealInNode(cli.Runs)
	if err != nil {
		return nil, err
	}
	folder, err := os.MkdirTemp(cli.folder, "page-")
	if err != nil {
		return nil, err
	}
	var measured struct{ Sealed, Passed []browserRun }
	if err := inChromium(ctx, &measured, "seal.mjs", strconv.Itoa(cli.Runs), folder); err != nil {
		return nil, err
	}
	return append(browserRows(measured.Sealed, measured.Passed), inNode...), nil
}

// A browserRun is what web/bench/seal.mjs prints of one run.
type browserRun struct {
	Picture, Sound struct {
		Seal, Open struct{ Median, P95 float64 } // microseconds that a frame spends in the transform
	}
	Rate float64 // pictures decoded a second
	Size float64 // bytes of a picture as it is sent
	CPU  float64 // milliseconds of the whole browser per picture; 0 where it cannot be had
}

func browserRows(sealed, passed []browserRun) []row {
	var rows []row
	for _, figure := range []struct {
		what, unit string
		of         func(r *browserRun) float64
	}{
		{"picture of 1280 × 720, sealed in the browser's worker, p50", "µs", func(r *browserRun) float64 { return r.Picture.Seal.Median }},
		{"picture of 1280 × 720, sealed in the browser's worker, p95", "µs", func(r *browserRun) float64 { return r.Picture.Seal.P95 }},
		{"picture, opened there, p50", "µs", func(r *browserRun) float64 { return r.Picture.Open.Median }},
		{"picture, opened there, p95", "µs", func(r *browserRun) float64 { return r.Picture.Open.P95 }},
		{"20 ms of sound, sealed there, p50", "µs", func(r *browserRun) float64 { return r.Sound.Seal.Median }},
		{"20 ms of sound, sealed there, p95", "µs", func(r *browserRun) float64 { return r.Sound.Seal.P95 }},
		{"20 ms of sound, opened there, p50", "µs", func(r *browserRun) float64 { return r.Sound.Open.Median }},
		{"20 ms of sound, opened there, p95", "µs", func(r *browserRun) float64 { return r.Sound.Open.P95 }},
		{"pictures decoded", "1/s", func(r *browserRun) float64 { return r.Rate }},
		{"size of a picture on its way", "bytes", func(r *browserRun) float64 { return r.Size }},
		{"CPU of the whole browser per picture, from camera to screen", "ms", func(r *browserRun) float64 { return r.CPU }},
	} {
		values := func(runs []browserRun) (s sample) {
			for i := range runs {
				s = append(s, figure.of(&runs[i]))
			}
			return s
		}
		rows = append(rows, row{
			What: figure.what, Unit: figure.unit, Parley: values(sealed),
			Yardstick: "a worker that passes frames on", Bare: values(passed),
		}.judged())
	}
	return rows
}

// sealInNode times what a node does with a picture beside a copy of it.
func sealInNode(runs int) ([]row, error) {
	const (
		size  = 20_000 // bytes of an ordinary picture at 1.5 Mbit/s and some
		times = 5_000  // in each run
	)
	base, picture := make([]byte, 32), make([]byte, size)
	_, _ = rand.Read(base)
	_, _ = rand.Read(picture)
	picture[0] |= 1 // no key frame
	key, err := sframe.NewKey(sframe.AES128GCM, base, 1<<47)
	if err != nil {
		return nil, err
	}
	head := sframe.Clear(sframe.CodecVP8, picture)
	var ctr uint64
	sealed := make([]byte, 0, size+key.Overhead())
	seal := func() error {
		ctr++
		sealed = key.Seal(append(sealed[:0], picture[:head]...), ctr, picture[:head], picture[head:])
		return nil
	}
	opened := make([]byte, 0, size)
	open := func() error {
		header, err := sframe.ParseHeader(sealed[head:])
		if err != nil {
			return err
		}
		opened, err = key.Open(append(opened[:0], sealed[:head]...), header, sealed[:head])
		return err
	}
	passed := make([]byte, 0, size)
	pass := func() error {
		passed = append(passed[:0], picture...)
		return nil
	}

	sealing := row{What: fmt.Sprintf("picture of %d bytes, sealed in a node", size), Unit: "µs", Yardstick: "a copy of it"}
	opening := row{What: "the same, opened", Unit: "µs", Yardstick: sealing.Yardstick}
	for range runs {
		took, errSeal := each(times, seal)
		sealing.Parley = append(sealing.Parley, took)
		took, errOpen := each(times, open)
		opening.Parley = append(opening.Parley, took)
		took, errPass := each(times, pass)
		sealing.Bare, opening.Bare = append(sealing.Bare, took), append(opening.Bare, took)
		if err := errors.Join(errSeal, errOpen, errPass); err != nil {
			return nil, err
		}
	}
	return []row{sealing.judged(), opening.judged()}, nil
}

// each is how many microseconds one of so many calls takes.
func each(times int, do func() error) (float64, error) {
	began := time.Now()
	for range times {
		if err := do(); err != nil {
			return 0, err
		}
	}
	return float64(time.Since(began)) / float64(time.Microsecond) / float64(times), nil
}
