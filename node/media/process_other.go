//go:build !unix

package media

import (
	"os"
	"os/exec"
)

func ownGroup(*exec.Cmd) {}

// killGroup ends the child alone, where there are no process groups.
func killGroup(process *os.Process) {
	_ = process.Kill() // it may be gone
}
