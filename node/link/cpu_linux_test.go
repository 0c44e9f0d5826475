package link

import (
	"time"

	"golang.org/x/sys/unix"
)

// processCPU is what this process has used of all cores.
func processCPU() time.Duration {
	var usage unix.Rusage
	if unix.Getrusage(unix.RUSAGE_SELF, &usage) != nil {
		return 0
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}
