package link

import "errors"

// Errors of this package.
var (
	// ErrConfig: a configuration that makes no sense.
	ErrConfig = errors.New("link: the configuration is not valid")
	// ErrClosed: the link or the transport is closed.
	ErrClosed = errors.New("link: closed")
	// ErrNotOpen: the control channel is not open.
	ErrNotOpen = errors.New("link: not open")
	// ErrSlow: the peer does not take what was sent before.
	ErrSlow = errors.New("link: the peer takes no more")
	// ErrLine: there is no such line, or it cannot send.
	ErrLine = errors.New("link: no line to send on")
	// ErrNumber: a packet's number was used before, or is too old to be sent.
	ErrNumber = errors.New("link: the packet's number has been used")
	// ErrSize: a packet that no datagram holds.
	ErrSize = errors.New("link: the packet is too large")
	// ErrShape: a description that is none of a link.
	ErrShape = errors.New("link: not the shape of a link")
)
