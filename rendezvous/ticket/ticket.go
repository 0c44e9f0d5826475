// Package ticket seals and opens the tickets by which a participant who was let in over HTTP comes into the room over the
// WebSocket, and comes back after a lost connection or a restart of the rendezvous.
//
// A ticket is the rendezvous' note to itself: nobody else can read, make or change one, and nothing is stored about it. It owns its
// format and its lifetime. It does not say what its bearer may do in the room: roles and bans can change
// while it is out, so the room decides when it is shown.
//
// On the wire it is base64url without padding of
//
//	version (1 byte) ‖ nonce (12) ‖ AES-256-GCM(key, nonce, JSON, additional data = "parley/1/ticket\n" ‖ version) (JSON + 16)
//
// Nonces are random: a key is good for 2^32 tickets (NIST SP 800-38D section 8.3).
package ticket

import (
	"crypto/aes"
	"crypto/cipher"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/parley-mesh/parley/pkg/identity"
	"github.com/parley-mesh/parley/pkg/meeting"
	"github.com/parley-mesh/parley/pkg/protocol"
)

var (
	// ErrTicket says that something is no ticket of this rendezvous.
	ErrTicket = errors.New("ticket: not a ticket of this rendezvous")
	// ErrExpired says that a ticket's time is over.
	ErrExpired = errors.New("ticket: expired")
)

// Lifetimes and bounds.
const (
	JoinTTL   = 2 * time.Minute
	ResumeTTL = 24 * time.Hour
	// MaxLength bounds a sealed ticket, in characters.
	MaxLength = 1024
	// KeySize is the size of a sealer's key, in bytes.
	KeySize = 32

	version = 1
	purpose = "parley/1/ticket\n"
)

// Ticket is what a ticket proves about its bearer.
type Ticket struct {
	Meeting meeting.ID      `json:"meeting"`
	Peer    identity.PeerID `json:"peer"`
	Via     protocol.Via    `json:"via"`
	// Helper binds the ticket to a participant of kind helper, who was called into the meeting.
	Helper bool `json:"helper,omitzero"`
	// Session is the participant's session number in a ticket for coming back, 0 in one for joining. N is its join number, 0 as
	// long as it waits to be admitted.
	N       int64     `json:"n,omitzero"`
	Session int64     `json:"session,omitzero"`
	Issued  time.Time `json:"issued"`
	Expires time.Time `json:"expires"`
}

// Resume reports whether the ticket is one for coming back.
func (t Ticket) Resume() bool { return t.Session != 0 }

// Until is when a ticket issued now expires: after its time, or with the meeting.
func Until(now time.Time, ttl time.Duration, meetingExpires *time.Time) time.Time {
	until := now.Add(ttl)
	if meetingExpires != nil && meetingExpires.Before(until) {
		return *meetingExpires
	}
	return until
}

// Sealer seals and opens tickets with one key. It is safe for concurrent use.
type Sealer struct{ aead cipher.AEAD }

// NewSealer returns the sealer of a key.
func NewSealer(key [KeySize]byte) (*Sealer, error) {
	block, err := aes.NewCipher(key[:])
	if err != nil {
		return nil, fmt.Errorf("ticket: %w", err)
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		return nil, fmt.Errorf("ticket: %w", err)
	}
	return &Sealer{aead}, nil
}

// Seal returns the ticket's text. It fails with ErrTicket for one that Open would not accept.
func (s *Sealer) Seal(t Ticket) (string, error) {
	if err := t.validate(); err != nil {
		return "", err
	}
	plain, err := json.Marshal(t)
	if err != nil {
		return "", fmt.Errorf("%w: %w", ErrTicket, err)
	}
	sealed := s.aead.Seal([]byte{version}, nil, plain, additional(version))
	if base64.RawURLEncoding.EncodedLen(len(sealed)) > MaxLength {
		return "", fmt.Errorf("%w: longer than %d characters", ErrTicket, MaxLength)
	}
	return base64.RawURLEncoding.EncodeToString(sealed), nil
}

// Open returns what a ticket proves at now, which is ErrTicket or ErrExpired if nothing. Neither repeats its input.
func (s *Sealer) Open(text string, now time.Time) (Ticket, error) {
	if len(text) > MaxLength {
		return Ticket{}, ErrTicket
	}
	sealed, err := base64.RawURLEncoding.Strict().DecodeString(text)
	if err != nil || len(sealed) < 1 || sealed[0] != version {
		return Ticket{}, ErrTicket
	}
	plain, err := s.aead.Open(nil, nil, sealed[1:], additional(version))
	if err != nil {
		return Ticket{}, ErrTicket
	}
	var t Ticket
	if json.Unmarshal(plain, &t) != nil || t.validate() != nil {
		return Ticket{}, ErrTicket
	}
	if !now.Before(t.Expires) {
		return Ticket{}, ErrExpired
	}
	return t, nil
}

func additional(version byte) []byte { return append([]byte(purpose), version) }

func (t Ticket) validate() error {
	id, err := meeting.ParseID(string(t.Meeting))
	if err != nil || id != t.Meeting {
		return fmt.Errorf("%w: no meeting", ErrTicket)
	}
	if _, err := identity.ParsePeerID(string(t.Peer)); err != nil {
		return fmt.Errorf("%w: no peer", ErrTicket)
	}
	if t.Via != protocol.ViaInvitation && t.Via != protocol.ViaPassword {
		return fmt.Errorf("%w: no way in", ErrTicket)
	}
	if t.N < 0 || t.Session < t.N || t.Session > protocol.MaxInt {
		return fmt.Errorf("%w: broken numbers", ErrTicket)
	}
	if t.Issued.IsZero() || t.Expires.Sub(t.Issued) > ResumeTTL {
		return fmt.Errorf("%w: lives too long", ErrTicket)
	}
	return nil
}
