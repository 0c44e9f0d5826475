//go:build !linux

package link

import "net"

// offload is nothing here: each datagram is a call of its own.
type offload struct{ coalesced bool }

func (*offload) detect(*net.UDPConn) {}

func (*offload) send(*net.UDPConn, *burst) (bool, error) { return false, nil }

func (*socket) sendAll(*flight) int { return 0 }

func (*offload) received([]byte) int { return 0 }

const controlSize = 0

// calls is nothing here either.
type calls struct{}
