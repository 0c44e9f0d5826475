package meeting

import (
	"fmt"
	"log/slog"
	"time"

	"github.com/parley-mesh/parley/pkg/identity"
)

// Sizes of a [Record]'s members, in bytes.
const (
	SaltSize      = 16
	HashSize      = 32
	MaxPublicKey  = 2048
	MaxSealed     = 4096
	maxMemoryKiB  = 1 << 20 // 1 GiB: no stored parameter may exhaust the machine
	maxIterations = 64
	maxLanes      = 16
)

// Record is a meeting as the rendezvous stores it. It contains nothing that
// lets its reader in: no password and no token.
type Record struct {
	ID         ID                `json:"id"`
	Title      string            `json:"title"`
	HostID     identity.PeerID   `json:"host_id"` // who created it
	CreatedAt  time.Time         `json:"created_at"`
	ExpiresAt  *time.Time        `json:"expires_at,omitzero"` // nil: does not expire
	Policy     Policy            `json:"policy"`
	Password   PasswordVerifier  `json:"password"`
	Invitation *SealedInvitation `json:"invitation,omitzero"` // nil: revoked
}

// PasswordVerifier is what a password is checked against: argon2id (RFC 9106)
// over a keyed hash of it, with the parameters it was made with.
type PasswordVerifier struct {
	Salt       []byte `json:"salt"` // SaltSize bytes, drawn for each password
	Hash       []byte `json:"hash"` // HashSize bytes
	MemoryKiB  uint32 `json:"memory_kib"`
	Iterations uint32 `json:"iterations"`
	Lanes      uint8  `json:"lanes"`
}

// SealedInvitation is what is kept of an invitation: enough to recognise its
// token and to give its holder, and nobody else, the password.
type SealedInvitation struct {
	Hash      []byte `json:"hash"`       // Token.Hash
	PublicKey []byte `json:"public_key"` // of the HPKE key pair (RFC 9180) derived from the token
	Sealed    []byte `json:"sealed"`     // the password, sealed to it
}

// Expired tells whether the meeting is over at now.
func (r *Record) Expired(now time.Time) bool {
	return r.ExpiresAt != nil && !now.Before(*r.ExpiresAt)
}

// Validate checks every invariant of a stored record, so that one that was
// damaged or written by something else is not acted on. The error wraps
// [ErrRecord] and names the member, never its value.
func (r *Record) Validate() error {
	if err := r.validate(); err != nil {
		return fmt.Errorf("%w: %w", ErrRecord, err)
	}
	return nil
}

func (r *Record) validate() error {
	if !r.ID.valid() {
		return fmt.Errorf("id: %w", ErrID)
	}
	if err := ValidTitle(r.Title); err != nil {
		return fmt.Errorf("title: %w", err)
	}
	if _, err := identity.ParsePeerID(string(r.HostID)); err != nil {
		return fmt.Errorf("host_id: %w", err)
	}
	if r.CreatedAt.IsZero() {
		return fmt.Errorf("created_at is missing")
	}
	if r.ExpiresAt != nil && !r.ExpiresAt.After(r.CreatedAt) {
		return fmt.Errorf("expires_at is not after created_at")
	}
	if err := r.Policy.Validate(); err != nil {
		return err
	}
	if err := r.Password.validate(); err != nil {
		return err
	}
	if r.Invitation != nil {
		return r.Invitation.validate()
	}
	return nil
}

func (v *PasswordVerifier) validate() error {
	switch {
	case len(v.Salt) != SaltSize:
		return fmt.Errorf("password.salt must be %d bytes", SaltSize)
	case len(v.Hash) != HashSize:
		return fmt.Errorf("password.hash must be %d bytes", HashSize)
	case v.Lanes < 1 || v.Lanes > maxLanes:
		return fmt.Errorf("password.lanes must be 1 to %d", maxLanes)
	case v.Iterations < 1 || v.Iterations > maxIterations:
		return fmt.Errorf("password.iterations must be 1 to %d", maxIterations)
	case v.MemoryKiB < 8*uint32(v.Lanes) || v.MemoryKiB > maxMemoryKiB: // 8 a lane: RFC 9106 section 3.1
		return fmt.Errorf("password.memory_kib must be %d to %d", 8*uint32(v.Lanes), maxMemoryKiB)
	}
	return nil
}

func (s *SealedInvitation) validate() error {
	switch {
	case len(s.Hash) != HashSize:
		return fmt.Errorf("invitation.hash must be %d bytes", HashSize)
	case len(s.PublicKey) < 1 || len(s.PublicKey) > MaxPublicKey:
		return fmt.Errorf("invitation.public_key must be 1 to %d bytes", MaxPublicKey)
	case len(s.Sealed) < 1 || len(s.Sealed) > MaxSealed:
		return fmt.Errorf("invitation.sealed must be 1 to %d bytes", MaxSealed)
	}
	return nil
}

// LogValue is the meeting's ID.
func (r *Record) LogValue() slog.Value { return slog.StringValue(r.ID.String()) }
