package protocol

import (
	"encoding/base64"
	"encoding/binary"
	"errors"

	"github.com/parley-mesh/parley/pkg/identity"
	"github.com/parley-mesh/parley/pkg/meeting"
)

// EnvelopeKind tells what an envelope's body is.
type EnvelopeKind string

// The kinds of envelope.
const (
	EnvelopeDirective EnvelopeKind = "directive"
	EnvelopeChat      EnvelopeKind = "chat"
	EnvelopeCapacity  EnvelopeKind = "capacity"
	EnvelopeEpoch     EnvelopeKind = "epoch"
)

// Envelope is one control message of the room, signed by its author, the same
// whether it travels over a link, between nodes, or through the rendezvous.
// Receivers drop what they have seen of (From, Session, Seq).
type Envelope struct {
	Meeting meeting.ID      `json:"meeting" is:"meeting"`
	From    identity.PeerID `json:"from" is:"peer"`
	Session int64           `json:"session" is:"number"`
	Seq     int64           `json:"seq" is:"number"` // from 1, per author and session
	Kind    EnvelopeKind    `json:"kind" is:"envelope"`
	Body    string          `json:"body" is:"body"` // JSON: Directive, Capacity or Epoch; of a chat, a sealed Chat
	Sig     string          `json:"sig" is:"signature"`
}

const envelopeContext = "parley/1/envelope"

// ErrEnvelopeSignature is returned for an envelope that its author did not sign.
var ErrEnvelopeSignature = errors.New("protocol: envelope: not signed by its author")

// Signed returns the bytes that the author signs: the context and each field,
// text as four bytes of length (big endian) and its UTF-8, numbers as eight
// bytes.
func (e Envelope) Signed() []byte {
	b := make([]byte, 0, len(envelopeContext)+len(e.Body)+160)
	text := func(s string) {
		b = binary.BigEndian.AppendUint32(b, uint32(len(s)))
		b = append(b, s...)
	}
	text(envelopeContext)
	text(e.Meeting.String())
	text(string(e.From))
	b = binary.BigEndian.AppendUint64(b, uint64(e.Session))
	b = binary.BigEndian.AppendUint64(b, uint64(e.Seq))
	text(string(e.Kind))
	text(e.Body)
	return b
}

// Sign returns the envelope with its author's signature. From becomes the
// identity's peer ID.
func (e Envelope) Sign(author *identity.Identity) Envelope {
	e.From = author.PeerID()
	e.Sig = base64.RawURLEncoding.EncodeToString(author.Sign(e.Signed()))
	return e
}

// Verify returns nil when the author named in From signed this envelope, else
// ErrEnvelopeSignature.
func (e Envelope) Verify() error {
	sig, err := base64.RawURLEncoding.Strict().DecodeString(e.Sig)
	if err != nil {
		return ErrEnvelopeSignature
	}
	if err := e.From.Verify(e.Signed(), sig); err != nil {
		return ErrEnvelopeSignature
	}
	return nil
}

// Chat is a line of chat.
type Chat struct {
	ID   string          `json:"id" is:"link"` // 16 random bytes, so that a line has a name of its own
	Text string          `json:"text" is:"chat"`
	At   int64           `json:"at" is:"number"`        // the author's clock, milliseconds since 1970
	Name string          `json:"name" is:"name"`        // the author's name when it was written
	To   identity.PeerID `json:"to,omitzero" is:"peer"` // a private line; absent for all
}

// Capacity is what a participant can lend to a room.
type Capacity struct {
	UplinkKbps   int   `json:"uplink_kbps" is:"kbps"`
	DownlinkKbps int   `json:"downlink_kbps" is:"kbps"`
	CoresMilli   int   `json:"cores_milli" is:"cores"` // idle cores × 1000
	Reachable    bool  `json:"reachable"`              // accepts connections from outside
	Willing      bool  `json:"willing"`                // may be made the SFU
	RTTs         []RTT `json:"rtts,omitempty" is:"rtts"`
	// LossMille is how many of a thousand packets this participant misses of
	// what the SFU sends it; 0 when there is none.
	LossMille int `json:"loss_mille,omitzero" is:"mille"`
}

// RTT is a measured round trip.
type RTT struct {
	To     identity.PeerID `json:"to" is:"peer"`
	Millis int             `json:"millis" is:"millis"`
}

// Topology is who connects to whom.
type Topology string

// The topologies.
const (
	TopologyMesh Topology = "mesh"
	TopologyStar Topology = "star"
	TopologyTree Topology = "tree"
)

// Directive is an instruction to the whole room, in an envelope that the acting
// host signed. The higher (Term, Seq) wins; Term rises when the chair changes
// hands.
type Directive struct {
	Term     int64           `json:"term" is:"number"`
	Seq      int64           `json:"seq" is:"number"`
	Topology Topology        `json:"topology" is:"topology"`
	SFU      identity.PeerID `json:"sfu,omitzero" is:"peer"`
	Standby  identity.PeerID `json:"standby,omitzero" is:"peer"`
	Manual   bool            `json:"manual,omitzero"` // the host chose, not the election
	Reason   Code            `json:"reason" is:"code"`
}

// Epoch is an acting host's statement that an epoch begins: everything said in
// it is sealed under one key, of which this shows the digest. The higher Number
// wins.
type Epoch struct {
	Number int64         `json:"number" is:"number"`
	Commit string        `json:"commit" is:"digest"`
	Entry  meeting.Entry `json:"entry" is:"entry"` // who may have the key: everybody, or by invitation alone
}
