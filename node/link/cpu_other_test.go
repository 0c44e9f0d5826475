//go:build !linux

package link

import "time"

func processCPU() time.Duration { return 0 }
