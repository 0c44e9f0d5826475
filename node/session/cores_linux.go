package session

import (
	"bytes"
	"os"
	"runtime"
	"strconv"
	"syscall"
	"time"
)

// cores measures how much of this machine's cores is there for forwarding: what
// is idle and what this process has already, and at the least the share that the
// scheduler gives to one more of those that want to run.
type cores struct {
	at   time.Time
	idle time.Duration // of all cores, since the machine started
	own  time.Duration
	last int
}

// clockTick is the unit of /proc/stat (USER_HZ), the same on all of Linux's
// architectures that Go runs on.
const clockTick = time.Second / 100

// look returns thousandths of a core, over the time since the last look.
func (c *cores) look() int {
	most := runtime.GOMAXPROCS(0) * 1000
	idle, running, ok := readStat()
	if !ok {
		return most
	}
	var usage syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &usage) // cannot fail for self
	own := time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
	now := time.Now()
	share := most / max(1, running)
	if passed := now.Sub(c.at); !c.at.IsZero() && passed > 0 {
		free := (idle - c.idle) + (own - c.own)
		c.last = int(min(int64(most), max(int64(share), int64(free*1000/passed))))
	} else if c.at.IsZero() {
		c.last = share
	}
	c.at, c.idle, c.own = now, idle, own
	return c.last
}

// readStat reads the first line's idle time, and how many want to run now.
func readStat() (idle time.Duration, running int, ok bool) {
	data, err := os.ReadFile("/proc/stat")
	if err != nil {
		return 0, 0, false
	}
	for line := range bytes.Lines(data) {
		fields := bytes.Fields(line)
		switch {
		case len(fields) > 5 && string(fields[0]) == "cpu":
			for _, f := range fields[4:6] { // idle and waiting for a disk
				n, err := strconv.ParseInt(string(f), 10, 64)
				if err != nil {
					return 0, 0, false
				}
				idle += time.Duration(n) * clockTick
			}
			ok = true
		case len(fields) == 2 && string(fields[0]) == "procs_running":
			running, _ = strconv.Atoi(string(fields[1]))
		}
	}
	return idle, running, ok
}
