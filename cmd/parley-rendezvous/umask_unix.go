//go:build unix

package main

import "syscall"

// keepFilesPrivate lets only the operator read what the process writes, from
// the moment that a file is there.
func keepFilesPrivate() { syscall.Umask(0o077) }
