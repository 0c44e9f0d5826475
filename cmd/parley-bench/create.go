package main

import (
	"context"
	"os"
	"path/filepath"
	"runtime"
	"time"

	"golang.org/x/crypto/argon2"

	"github.com/parley-mesh/parley/pkg/protocol"
)

type createCommand struct{}

func (*createCommand) Run(ctx context.Context, cli *commandLine) error {
	return cli.report(measureCreate(ctx, cli))
}

// The cost of one password as the rendezvous has it: argon2id (RFC 9106) with
// 19 MiB, two passes and one lane.
const (
	hashPasses  = 2
	hashKiB     = 19 << 10
	hashThreads = 1
)

func bareHash() {
	argon2.IDKey([]byte("204815"), make([]byte, 16), hashPasses, hashKiB, hashThreads, 32)
}

// bareSync writes a record's worth of bytes and waits until the disk has them.
func bareSync(file *os.File) error {
	if _, err := file.Write(make([]byte, 1024)); err != nil {
		return err
	}
	return file.Sync()
}

func measureCreate(ctx context.Context, cli *commandLine) ([]row, error) {
	server, err := startRendezvous(ctx, cli, "--helper=false")
	if err != nil {
		return nil, err
	}
	defer server.stop()
	someone, err := newCaller(server.url)
	if err != nil {
		return nil, err
	}
	create := func(ctx context.Context) error {
		_, err := someone.create(ctx, protocol.CreateRequest{Title: "Benchmark"})
		return err
	}
	file, err := os.Create(filepath.Join(server.folder, "bare"))
	if err != nil {
		return nil, err
	}
	defer file.Close()

	cores := runtime.GOMAXPROCS(0)
	rates := row{What: "meetings created, every write on disk", Unit: "1/s", Yardstick: "argon2id on every core", Goal: "≥ 0.9"}
	latency := row{What: "latency of a creation at half that rate, p50", Unit: "ms", Yardstick: "one argon2id and one disk sync", Goal: "≤ 1.2"}
	const during = 4 * time.Second
	for range cli.Runs {
		hashes, err := rate(ctx, cores, during, func(context.Context) error { bareHash(); return nil })
		if err != nil {
			return nil, err
		}
		rates.Bare = append(rates.Bare, hashes)
		made, err := rate(ctx, 2*cores, during, create)
		if err != nil {
			return nil, err
		}
		rates.Parley = append(rates.Parley, made)

		bare, err := paced(ctx, made/2, 60, func(context.Context) error { bareHash(); return bareSync(file) })
		if err != nil {
			return nil, err
		}
		latency.Bare = append(latency.Bare, millis(bare).median())
		took, err := paced(ctx, made/2, 60, create)
		if err != nil {
			return nil, err
		}
		latency.Parley = append(latency.Parley, millis(took).median())
	}
	return []row{rates.judged(), latency.judged()}, nil
}

func millis(took []time.Duration) sample {
	out := make(sample, len(took))
	for i, d := range took {
		out[i] = float64(d) / float64(time.Millisecond)
	}
	return out
}
