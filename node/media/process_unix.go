//go:build unix

package media

import (
	"os"
	"os/exec"
	"syscall"
)

// ownGroup makes the child lead a process group. It also keeps the terminal's
// interrupt from it, so that the parent decides when it ends.
func ownGroup(command *exec.Cmd) {
	command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
}

// killGroup ends a child and whatever it has started.
func killGroup(process *os.Process) {
	_ = syscall.Kill(-process.Pid, syscall.SIGKILL) // it may be gone
}
