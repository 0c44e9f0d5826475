//go:build !linux

package main

import (
	"errors"
	"time"
)

var errLinux = errors.New("what a process costs is measured on Linux alone")

func (p *process) cpu() (time.Duration, error) { return 0, errLinux }

func (p *process) pin() (func(), error) { return nil, errLinux }
