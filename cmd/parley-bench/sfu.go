package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"
)

type sfuCommand struct {
	Only    []string `help:"Measure these rooms alone: 1-5, 1-50, 1-100, 10-10." placeholder:"ROOM"`
	Seconds int      `help:"How long each room is measured." default:"8"`
	Most    int      `help:"Receivers at which the search for the most of them ends." default:"600"`
	Search  bool     `help:"Also search how many receivers one core serves." default:"true" negatable:""`
}

func (c *sfuCommand) Run(ctx context.Context, cli *commandLine) error {
	return cli.report(measureSFU(ctx, cli, c))
}

// A hall is a forwarder under measurement, a process of its own, with everybody
// who is connected to it.
type hall interface {
	forwarder() *process
	// publish connects publisher n, which sends until ctx ends and counts in m
	// what it receives of the others.
	publish(ctx context.Context, n int, m *meter) error
	// receive connects a receiver of everything and returns how long it took
	// from nothing to the first packet.
	receive(ctx context.Context, m *meter) (time.Duration, error)
	stop() error
}

// Each room is measured with either forwarder.
var rooms = []struct {
	key, name             string
	publishers, receivers int
	detailed              bool // memory and joins as well
}{
	{"1-5", "1→5", 1, 5, false},
	{"1-50", "1→50", 1, 50, false},
	{"1-100", "1→100", 1, 100, true},
	{"10-10", "10↔10", 10, 0, false},
}

func measureSFU(ctx context.Context, cli *commandLine, c *sfuCommand) ([]row, error) {
	const (
		meshMax   = 2
		yardstick = "a minimal pion forwarder"
	)
	sides := []func(ctx context.Context, publishers int) (hall, error){
		startBareHall,
		func(ctx context.Context, _ int) (hall, error) { return startParleyHall(ctx, cli, meshMax, 1) },
	}
	var rows []row
	for _, room := range rooms {
		if len(c.Only) > 0 && !slices.Contains(c.Only, room.key) {
			continue
		}
		cost := row{What: "forwarding " + room.name + ": CPU per packet delivered", Unit: "µs", Yardstick: yardstick, Goal: "≤ 0.45"}
		memory := row{What: "memory per receiver, " + room.name, Unit: "KiB", Yardstick: yardstick, Goal: "≤ 0.15"}
		join := row{What: "join → first packet, " + room.name, Unit: "ms", Yardstick: yardstick, Goal: "≤ 0.5"}
		late := row{What: "latency p99, " + room.name, Unit: "ms", Yardstick: yardstick, Goal: "≤ 1"}
		for range cli.Runs {
			for i, start := range sides {
				seen, err := measureRoom(ctx, start, room.publishers, room.receivers, time.Duration(c.Seconds)*time.Second)
				if err != nil {
					return nil, fmt.Errorf("forwarding %s: %w", room.name, err)
				}
				of := func(r *row) *sample {
					if i == 0 {
						return &r.Bare
					}
					return &r.Parley
				}
				for _, each := range []struct {
					row   *row
					value float64
				}{{&cost, seen.micros}, {&late, seen.p99}, {&memory, seen.memory}, {&join, seen.join}} {
					*of(each.row) = append(*of(each.row), each.value)
				}
			}
		}
		rows = append(rows, cost.judged(), late.judged())
		if room.detailed {
			rows = append(rows, memory.judged(), join.judged())
		}
	}
	if !c.Search {
		return rows, nil
	}
	most := row{What: "receivers on one core, p99 under 100 ms", Unit: "", Yardstick: yardstick, Goal: "≥ 3"}
	for i, start := range sides {
		n, err := searchMost(ctx, start, c.Most)
		if err != nil {
			return nil, fmt.Errorf("the most receivers: %w", err)
		}
		if i == 0 {
			most.Bare = sample{float64(n)}
		} else {
			most.Parley = sample{float64(n)}
		}
	}
	return append(rows, most.judged()), nil
}

// A seenRoom is what one run gave.
type seenRoom struct {
	micros float64 // CPU of the forwarder for each packet delivered
	p99    float64 // ms
	memory float64 // KiB for each receiver
	join   float64 // ms, the median
}

func measureRoom(ctx context.Context, start func(context.Context, int) (hall, error), publishers, receivers int, length time.Duration) (seen seenRoom, err error) {
	ctx, cancel := context.WithTimeout(ctx, length+2*time.Minute)
	defer cancel()
	h, err := start(ctx, publishers)
	if err != nil {
		return seen, err
	}
	defer func() { err = errors.Join(err, h.stop()) }()
	sending, hush := context.WithCancel(ctx)
	defer hush()
	var m meter
	for n := range publishers {
		if err := h.publish(sending, n, &m); err != nil {
			return seen, err
		}
	}
	before, err := h.forwarder().resident()
	if err != nil {
		return seen, err
	}
	var joins sample
	for range receivers {
		took, err := h.receive(ctx, &m)
		if err != nil {
			return seen, err
		}
		joins = append(joins, float64(took)/float64(time.Millisecond))
	}
	if err := steady(ctx, &m, publishers*(publishers-1)+publishers*receivers); err != nil {
		return seen, err
	}
	cpu, err := h.forwarder().cpu()
	if err != nil {
		return seen, err
	}
	m.reset()
	if err := pause(ctx, length); err != nil {
		return seen, err
	}
	packets := m.packets.Load()
	after, err := h.forwarder().cpu()
	if err != nil {
		return seen, err
	}
	resident, err := h.forwarder().resident()
	if err != nil {
		return seen, err
	}
	seen = seenRoom{
		micros: float64((after-cpu)/time.Nanosecond) / 1000 / float64(max(packets, 1)),
		p99:    float64(m.p99()) / float64(time.Millisecond),
		join:   joins.median(),
		memory: (resident - before) / 1024 / float64(max(receivers, 1)),
	}
	return seen, nil
}

// steady waits until so many streams arrive in full for a second, which is when
// everybody has everything.
func steady(ctx context.Context, m *meter, streams int) error {
	const (
		patience = 30
		enough   = 0.85 // of many voices an SFU passes on the loudest alone
	)
	var got int64
	for range patience {
		m.reset()
		if err := pause(ctx, time.Second); err != nil {
			return err
		}
		if got = m.packets.Load(); float64(got) >= enough*float64(streams*packetsEachSecond) {
			return nil
		}
	}
	return fmt.Errorf("of %d packets a second %d arrive", streams*packetsEachSecond, got)
}

// searchMost adds receivers to a forwarder with one core until packets come
// late, and returns how many it served in time.
func searchMost(ctx context.Context, start func(context.Context, int) (hall, error), most int) (n int, err error) {
	const (
		step   = 20
		window = 3 * time.Second
		bound  = 100 * time.Millisecond
	)
	h, err := start(ctx, 1)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, h.stop()) }()
	free, err := h.forwarder().pin()
	if err != nil {
		return 0, err
	}
	defer free()
	sending, hush := context.WithCancel(ctx)
	defer hush()
	var m meter
	if err := h.publish(sending, 0, &m); err != nil {
		return 0, err
	}
	for n < most {
		for range step {
			if _, err := receiveWithin(ctx, h, &m, 10*time.Second); err != nil {
				return n, ctx.Err() // it lets nobody in any more
			}
		}
		if err := pause(ctx, time.Second); err != nil {
			return n, err
		}
		m.reset()
		if err := pause(ctx, window); err != nil {
			return n, err
		}
		full := float64((n+step)*packetsEachSecond) * window.Seconds()
		if m.p99() > bound || float64(m.packets.Load()) < 0.9*full {
			return n, nil
		}
		n += step
	}
	return n, nil
}

func receiveWithin(ctx context.Context, h hall, m *meter, patience time.Duration) (time.Duration, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	return h.receive(ctx, m)
}

func pause(ctx context.Context, d time.Duration) error {
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
