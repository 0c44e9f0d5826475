package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// cpu is how long the process has run on a core, all its threads together.
func (p *process) cpu() (time.Duration, error) {
	tasks, err := filepath.Glob(filepath.Join("/proc", strconv.Itoa(p.command.Process.Pid), "task", "*", "schedstat"))
	if err != nil {
		return 0, err
	}
	var sum time.Duration
	for _, task := range tasks {
		text, err := os.ReadFile(task)
		if err != nil {
			continue // a thread that ended
		}
		ran, _, _ := strings.Cut(string(text), " ")
		nanos, err := strconv.ParseInt(ran, 10, 64)
		if err != nil {
			return 0, fmt.Errorf("the time that a thread ran: %w", err)
		}
		sum += time.Duration(nanos)
	}
	return sum, nil
}

// pin gives the process one core to itself, the last, and this one the others,
// until the function it returns is called.
func (p *process) pin() (func(), error) {
	var before unix.CPUSet
	if err := unix.SchedGetaffinity(0, &before); err != nil {
		return nil, err
	}
	if before.Count() < 2 {
		return nil, fmt.Errorf("one core for the forwarder and one for the load are needed, there is %d", before.Count())
	}
	last := 0
	for cpu := range len(before) * 64 {
		if before.IsSet(cpu) {
			last = cpu
		}
	}
	one, others := unix.CPUSet{}, before
	one.Set(last)
	others.Clear(last)
	if err := setThreads(p.command.Process.Pid, &one); err != nil {
		return nil, err
	}
	if err := setThreads(os.Getpid(), &others); err != nil {
		return nil, err
	}
	return func() { _ = setThreads(os.Getpid(), &before) }, nil
}

// setThreads sets the cores of every thread of a process; those that they start
// later inherit them.
func setThreads(pid int, cores *unix.CPUSet) error {
	tasks, err := os.ReadDir(filepath.Join("/proc", strconv.Itoa(pid), "task"))
	if err != nil {
		return err
	}
	for _, task := range tasks {
		if id, err := strconv.Atoi(task.Name()); err == nil {
			if err := unix.SchedSetaffinity(id, cores); err != nil {
				return fmt.Errorf("choose the cores of a process: %w", err)
			}
		}
	}
	return nil
}
