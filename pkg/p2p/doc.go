// Package p2p makes libp2p hosts of exactly the parts that Parley uses: QUIC and
// TCP, TLS and Noise, yamux, identify, ping and circuits.
//
// It exists because the library's own constructor links WebRTC, WebTransport,
// WebSocket and a dependency injector into every program, a second media stack
// among them, and because the nodes' overlay and the rendezvous' relay must speak
// the same. It owns how a host is put together and taken apart; who may connect
// and what runs on it is its user's affair.
package p2p

import "errors"

var (
	// ErrKey says that an identity is no key that libp2p takes.
	ErrKey = errors.New("p2p: not a usable identity")
	// ErrListen says that an address cannot be had.
	ErrListen = errors.New("p2p: cannot listen")
	// ErrNoHole says that nothing is known by which a hole could be punched.
	ErrNoHole = errors.New("p2p: no public address to punch a hole at")
	// ErrTooLarge is returned for a message that is larger than its bound.
	ErrTooLarge = errors.New("p2p: message too large")
)
