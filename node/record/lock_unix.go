//go:build linux || darwin || freebsd || netbsd || openbsd || dragonfly

package record

import (
	"os"
	"syscall"
)

// lockFile keeps other recorders out for as long as the file is open.
func lockFile(file *os.File) error {
	return syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
}
