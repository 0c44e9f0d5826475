package protocol

// Sizes of what crosses a wire, in bytes unless a name says otherwise.
const (
	MaxBody     = 64 << 10  // an HTTP request's body
	MaxAnswer   = 256 << 10 // an HTTP answer's body
	MaxFrame    = 64 << 10  // a signaling frame, a control message
	MaxBeat     = 4 << 10   // a message on the beat channel
	MaxWelcome  = 4 << 20   // a frame of the rendezvous: a full roster fits
	MaxBox      = 60 << 10  // what a signal or a broadcast carries, unread by the rendezvous
	MaxMessage  = 42 << 10  // one message in a box
	MaxSDP      = 40 << 10  // a session description (RFC 8866)
	MaxEnvelope = 24 << 10  // an envelope's body

	SessionKeySize = 1216 // a card's key: ML-KEM-768 and X25519 together

	// MaxInt is the largest integer that Go and TypeScript both hold exactly.
	MaxInt = 1<<53 - 1

	MaxRoster  = 1000 // participants in a room
	MaxHistory = 200  // chat lines handed to who comes later
	MaxViews   = 64   // sources that a receiver asks for at once
	MaxSlots   = 64   // receive slots on one link
	MaxUnacked = 256  // sequenced frames that a client keeps for a resume; the rendezvous keeps more
)

// Times of the signaling protocol, in seconds.
const (
	HelloWithin  = 5  // from the WebSocket's opening to its hello
	SilentFor    = 30 // after which a client that says nothing is taken for lost
	PingEvery    = 10 // how often an idle client says ping
	ResumeWithin = 30 // how long a lost session keeps its place in the roster
)

// Version is the signaling WebSocket's subprotocol.
const Version = "parley.v1"
