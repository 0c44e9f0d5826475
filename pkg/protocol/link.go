package protocol

import "github.com/parley-mesh/parley/pkg/identity"

// BoxMessage is what a sealed box holds: a LinkSignal, a Carry for somebody whom
// no link reaches, or a Grant.
type BoxMessage interface{ boxMessage() }

// LinkSignal is what two participants tell each other to make a link. Every one
// names the link, so that a late frame of an old link harms no new one, and the
// session numbers of both ends.
type LinkSignal interface {
	BoxMessage
	linkSignal()
}

// Grant hands an epoch's key on to somebody who may have it.
type Grant struct {
	Envelope Envelope `json:"envelope"` // of kind epoch, as the acting host signed it
	Key      string   `json:"key" is:"digest"`
	// Membership is what proofs of membership are made with from now on: from the
	// host, after a new invitation, to those who came by the old one.
	Membership string `json:"membership,omitzero" is:"digest"`
}

// LinkEnds names a link: its ID, chosen by the offerer, and the receiver's
// session that it is meant for.
type LinkEnds struct {
	Link string `json:"link" is:"link"`
	To   int64  `json:"to" is:"number"`
}

// Offer opens a link (Generation 0) or restarts its ICE (rising from 1). In
// a mesh the participant with the higher session number offers; of a link to an
// SFU the end that is served.
type Offer struct {
	Ends       LinkEnds `json:"ends"`
	Generation int64    `json:"generation" is:"number"`
	SDP        string   `json:"sdp" is:"sdp"`
}

// Answer answers the offer of the same generation.
type Answer struct {
	Ends       LinkEnds `json:"ends"`
	Generation int64    `json:"generation" is:"number"`
	SDP        string   `json:"sdp" is:"sdp"`
}

// Candidate is one ICE candidate (RFC 8840); an empty one ends the list.
type Candidate struct {
	Candidate string `json:"candidate" is:"candidate"`
	Mid       string `json:"mid,omitzero" is:"mid"`
	Line      int    `json:"line,omitzero" is:"line"`
	Ufrag     string `json:"ufrag,omitzero" is:"ufrag"`
}

// Candidates brings ICE candidates of one generation.
type Candidates struct {
	Ends       LinkEnds    `json:"ends"`
	Generation int64       `json:"generation" is:"number"`
	Candidates []Candidate `json:"candidates" is:"candidates"`
}

// Restart asks the offerer for an ICE restart.
type Restart struct {
	Ends LinkEnds `json:"ends"`
}

// Close tells that the link's other end has let go of it.
type Close struct {
	Ends LinkEnds `json:"ends"`
}

func (Offer) boxMessage()      {}
func (Answer) boxMessage()     {}
func (Candidates) boxMessage() {}
func (Restart) boxMessage()    {}
func (Close) boxMessage()      {}
func (Carry) boxMessage()      {}
func (Grant) boxMessage()      {}

func (Offer) linkSignal()      {}
func (Answer) linkSignal()     {}
func (Candidates) linkSignal() {}
func (Restart) linkSignal()    {}
func (Close) linkSignal()      {}

// ControlMessage goes over a link's reliable data channel, "control".
type ControlMessage interface{ controlMessage() }

// View is one source that a receiver shows, at most this large in device
// pixels. Audio has no size.
type View struct {
	From   identity.PeerID `json:"from" is:"peer"`
	Source Source          `json:"source" is:"source"`
	Width  int             `json:"width,omitzero" is:"pixels"`
	Height int             `json:"height,omitzero" is:"pixels"`
}

// Views tells everything that the sender of this message shows, most important
// first. What is not in it is not to be sent.
type Views struct {
	Views []View `json:"views" is:"views"`
}

// Slot tells what now flows in one of the receiver's slots.
type Slot struct {
	Mid    string          `json:"mid" is:"mid"`
	From   identity.PeerID `json:"from" is:"peer"`
	Source Source          `json:"source" is:"source"`
}

// Slots tells everything that now flows; a slot not in it is silent.
type Slots struct {
	Slots []Slot `json:"slots" is:"slots"`
}

// Carry brings an envelope over a link.
type Carry struct {
	Envelope Envelope `json:"envelope"`
}

// HistoryRequest asks for the chat of before.
type HistoryRequest struct{}

// History answers it, oldest first: the envelopes as their authors signed them.
// What does not fit one message follows in further ones.
type History struct {
	Envelopes []Envelope `json:"envelopes" is:"history"`
}

// Heard goes from an SFU to everybody it serves: everybody that it has a
// carrying link with. On every change, and every five seconds.
type Heard struct {
	Peers []identity.PeerID `json:"peers" is:"peers" each:"peer"`
}

// Pass hands a signal's box through the SFU while the rendezvous cannot be
// reached. The SFU hands it on to To with From and Session set to whom it came
// from, whatever was in them; who is To itself takes it for a Signal.
type Pass struct {
	From    identity.PeerID `json:"from" is:"peer"`
	Session int64           `json:"session" is:"number"`
	To      identity.PeerID `json:"to" is:"peer"`
	Box     string          `json:"box" is:"box"`
}

func (Views) controlMessage()          {}
func (Slots) controlMessage()          {}
func (Carry) controlMessage()          {}
func (HistoryRequest) controlMessage() {}
func (History) controlMessage()        {}
func (Heard) controlMessage()          {}
func (Pass) controlMessage()           {}

// Beat goes over a link's unreliable channel, "beat", four times a second; once a
// second where that is enough, and eight times where it is not. At is the sender's clock in milliseconds; Echo gives the last one heard back,
// Held how long it was kept, so that the round trip is now − Echo − Held.
type Beat struct {
	N     int64 `json:"n" is:"number"`
	At    int64 `json:"at" is:"number"`
	Echo  int64 `json:"echo,omitzero" is:"number"`
	Held  int64 `json:"held,omitzero" is:"number"`
	Level int   `json:"level,omitzero" is:"level"` // the microphone's loudness, 0 silent to 127
}
