package floors

import (
	"slices"
	"strings"
)

// floors says how high each package stands, by its path in the module. Imports
// go strictly down: a package imports lower floors only, never its own.
var floors = map[string]int{
	"pkg/identity":    0,
	"pkg/sframe":      0,
	"web":             0,
	"rendezvous/kv":   0,
	"node/media/webm": 0, // a container's bytes, for what reads and what writes it

	"pkg/meeting":            1,
	"rendezvous/kv/badgerkv": 1,
	"rendezvous/kv/natskv":   1,
	"rendezvous/kv/kvtest":   1,
	"node/media":             1,

	"pkg/protocol":         2,
	"pkg/elect":            2,
	"pkg/p2p":              2, // what the overlay and the relay are both made of
	"rendezvous/guard":     2,
	"rendezvous/turn":      2,
	"rendezvous/mail":      2,
	"node/media/mediatest": 2, // pictures and sound for the tests of whoever is above

	"pkg/protocol/internal/gen": 3, // writes the schema and the TypeScript; nothing imports it
	"pkg/e2ee":                  3,
	"pkg/room":                  3,
	"pkg/client":                3,
	"rendezvous/store":          3,
	"rendezvous/roster":         3,
	"rendezvous/ticket":         3, // knows the protocol's ways in
	"rendezvous/relay":          3,
	"node/overlay":              3,

	"pkg/room/roomtest":     4,
	"pkg/client/clienttest": 4,
	"rendezvous/hub":        4,
	"node/router":           4,
	"node/record":           4,

	"rendezvous/api": 5,
	"node/link":      5,

	"node/session": 6,

	"rendezvous": 7,
	"node":       7,
	"node/tui":   7,

	"cmd/parley-rendezvous": 8,
	"cmd/parley-node":       8,
	"cmd/parley-bench":      8,

	"pkg/internal/floors": 8, // these tests
}

// A ban keeps everything under one folder from importing anything under another.
type ban struct {
	from, to string
	because  string
}

// houses hold for tests as well as for the product.
var houses = []ban{
	{"rendezvous", "node", "whoever runs a rendezvous runs no media stack, and each must be replaceable without the other"},
	{"node", "rendezvous", "a node speaks to any rendezvous through the protocol, not to this one's insides"},
	{"pkg", "rendezvous", "what both houses share cannot depend on one of them"},
	{"pkg", "node", "what both houses share cannot depend on one of them"},
	{"web", "pkg", "the built client is bytes; what they mean is not its affair"},
}

// pure packages have no goroutine, socket, file, log, clock or randomness of
// their own: the same arguments give the same answer, here and in TypeScript,
// today and in a replay.
var pure = []string{
	"pkg/identity",
	"pkg/meeting",
	"pkg/protocol",
	"pkg/elect",
	"pkg/room",
	"pkg/e2ee",
	"pkg/sframe",
	"rendezvous/roster",
	"node/router",
}

// impureImports are standard packages that a pure package has no use for.
var impureImports = map[string]string{
	"crypto/rand":   "randomness is an io.Reader argument",
	"log":           "the caller logs, once",
	"math/rand":     "seeds are arguments, and math/rand/v2 takes them",
	"net":           "sockets belong to a shell",
	"os":            "files, environment and signals belong to a shell",
	"os/exec":       "processes belong to a shell",
	"os/signal":     "signals belong to cmd",
	"path/filepath": "files belong to a shell",
	"syscall":       "the system belongs to a shell",
	"testing":       "the product does not carry its tests",
	"unsafe":        "outside bytes are parsed here",
}

// A usage says which names of an otherwise useful package a pure package may
// touch, whether called or passed on: those that begin with only (all, when it
// is empty) and are not among banned.
type usage struct {
	only    string
	banned  []string
	because string
}

var usages = map[string]usage{
	"fmt": {
		banned:  []string{"Print", "Printf", "Println", "Scan", "Scanf", "Scanln"},
		because: "standard input and output belong to cmd",
	},
	"log/slog": {
		banned:  []string{"Debug", "DebugContext", "Info", "InfoContext", "Warn", "WarnContext", "Error", "ErrorContext", "Log", "LogAttrs", "Default", "SetDefault", "New"},
		because: "the caller logs, once; only how a value shows itself is decided here",
	},
	"math/rand/v2": {
		banned:  []string{"ExpFloat64", "Float32", "Float64", "Int", "Int32", "Int32N", "Int64", "Int64N", "IntN", "N", "NormFloat64", "Perm", "Shuffle", "Uint", "Uint32", "Uint32N", "Uint64", "Uint64N", "UintN"},
		because: "the shared source cannot be replayed; take a seed",
	},
	"net/http": {
		only:    "Status",
		because: "requests and answers belong to the edge; only the statuses' names are of use",
	},
	"time": {
		banned:  []string{"After", "AfterFunc", "NewTicker", "NewTimer", "Now", "Since", "Sleep", "Tick", "Until"},
		because: "time is an argument",
	},
}

func (u usage) allows(name string) bool {
	return strings.HasPrefix(name, u.only) && !slices.Contains(u.banned, name)
}

// A library is third-party code that the product carries, by import path
// prefix, and the only packages that may import it. Tests are free.
type library struct {
	prefix  string
	homes   []string
	because string
}

var libraries = []library{
	{"github.com/pion/webrtc/", []string{"cmd/parley-bench"}, "the yardstick of forwarding is a bare PeerConnection"},
	{"github.com/pion/interceptor", []string{"node/link", "cmd/parley-bench"}, "part of the WebRTC stack"},
	{"github.com/pion/rtp", []string{"node/link", "node/media", "node/record", "cmd/parley-bench"}, "how frames lie in RTP payloads: a link's packets, files on their way out and recordings on their way in"},
	{"github.com/pion/stun/", []string{"node/link", "node/overlay", "rendezvous/relay"}, "what kind of NAT a node is behind: the two ends of the question; and ICE's servers"},
	{"github.com/pion/turn/", []string{"rendezvous/turn"}, "the TURN server is one door, behind the guard"},
	{"github.com/pion/", []string{"node/link", "cmd/parley-bench"}, "one actor owns a connection: ICE, DTLS, SRTP, SCTP, SDP and RTCP, and the virtual network"},
	{"github.com/libp2p/", []string{"pkg/p2p", "node/overlay", "rendezvous/relay"}, "the nodes' own network, and its relay; how their hosts are put together is told once"},
	{"github.com/multiformats/", []string{"pkg/p2p", "node/overlay", "rendezvous/relay"}, "libp2p's addresses"},
	{"github.com/quic-go/", []string{"pkg/p2p"}, "the secrets of libp2p's QUIC endpoint"},
	{"github.com/dgraph-io/badger/", []string{"rendezvous/kv/badgerkv"}, "an engine behind kv"},
	{"github.com/nats-io/", []string{"rendezvous/kv/natskv"}, "an engine behind kv"},
	{"github.com/coder/websocket", []string{"pkg/client", "pkg/client/clienttest", "rendezvous/api", "cmd/parley-bench"}, "the two ends of signaling, the client's fake server, and the bare echo server that they are measured against"},
	{"github.com/prometheus/", []string{"rendezvous"}, "figures are published by the assembly"},
	{"charm.land/", []string{"node/tui"}, "the terminal interface: bubbletea, lipgloss and bubbles in their second version, which asks a terminal nothing before a program runs"},
	{"github.com/charmbracelet/", []string{"node/tui"}, "how wide a text is in a terminal, and where it is cut"},
	{"github.com/golang-jwt/jwt/", []string{"pkg/identity"}, "tokens are made and checked in one place"},
	{"github.com/mr-tron/base58", []string{"pkg/identity"}, "the text form of a peer ID"},
	{"github.com/alecthomas/kong", []string{"cmd/parley-rendezvous", "cmd/parley-node", "cmd/parley-bench"}, "flags belong to cmd"},
	{"filippo.io/age", []string{"node/record"}, "recordings are sealed with a passphrase as they are written"},
	{"golang.org/x/term", []string{"cmd/parley-node"}, "whether there is a terminal to draw in"},
	{"github.com/rogpeppe/go-internal/lockedfile", []string{"cmd/parley-node"}, "processes of one identity that remember in one file, on every system"},
	{"github.com/mdp/qrterminal/", []string{"cmd/parley-node"}, "an invitation as a picture in the terminal"},
	{"golang.org/x/crypto/argon2", []string{"rendezvous/store", "cmd/parley-bench"}, "passwords are hashed where they are kept, behind one semaphore; the benchmark's yardstick is one bare hash"},
	{"golang.org/x/text/unicode/norm", []string{"pkg/meeting"}, "a password typed on another keyboard is the same password"},
	{"golang.org/x/time/rate", []string{"rendezvous/guard", "rendezvous/hub", "rendezvous/api", "rendezvous/relay", "node/overlay"}, "token buckets"},
	{"github.com/go-json-experiment/json", []string{"pkg/protocol", "pkg/protocol/internal/gen", "pkg/client/clienttest"}, "strict decoding in one place: unknown, repeated and misspelt fields are refused by name"},
	{"github.com/google/go-cmp/", []string{"rendezvous/kv/kvtest", "pkg/room/roomtest"}, "differences in tests, and in the suites that several packages' tests share"},
	{"golang.org/x/net/ipv4", []string{"node/link"}, "the multicast socket that .local names are asked on"},
	{"golang.org/x/sys/unix", []string{"rendezvous/kv/badgerkv", "node/link", "cmd/parley-bench"}, "how full the disk is, and room kept on it; a burst's packets in one system call; a process on one core"},
	{"golang.org/x/net/ipv4", []string{"node/link"}, "the multicast by which a browser's .local names are asked for"},
	{"golang.org/x/sync/", []string{"node/overlay", "rendezvous", "rendezvous/store", "rendezvous/hub", "rendezvous/api", "pkg/client", "cmd/parley-bench"}, "groups and semaphores with a context"},
}
