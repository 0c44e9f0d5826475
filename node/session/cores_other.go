//go:build !linux

package session

import "runtime"

// cores measures how much of this machine's cores is there for forwarding. Where
// the system does not tell, all of them are.
type cores struct{}

func (*cores) look() int { return runtime.GOMAXPROCS(0) * 1000 }
