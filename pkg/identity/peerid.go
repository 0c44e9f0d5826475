package identity

import (
	"bytes"
	"crypto/ed25519"
	"fmt"

	"github.com/mr-tron/base58"
)

// PeerIDLength is the length of every peer ID's text form, in bytes.
const PeerIDLength = 52

// multihashPrefix begins the bytes of each Ed25519 peer ID: the identity
// multihash (0x00) of 36 bytes (0x24), which are the libp2p PublicKey message
// with Type Ed25519 (08 01) and 32 bytes of Data (12 20).
var multihashPrefix = [...]byte{0x00, 0x24, 0x08, 0x01, 0x12, 0x20}

// PeerID is the canonical text form of a libp2p peer ID of an Ed25519 key:
// base58btc without multibase prefix, "12D3KooW…", [PeerIDLength] bytes.
// Two peer IDs name the same key exactly if they are the same string.
//
// A PeerID from outside goes through [ParsePeerID] first.
type PeerID string

// PeerIDFromPublicKey names a public key. It fails with [ErrPeerID] if key is
// not 32 bytes long.
func PeerIDFromPublicKey(key ed25519.PublicKey) (PeerID, error) {
	if len(key) != ed25519.PublicKeySize {
		return "", ErrPeerID
	}
	return peerID(key), nil
}

func peerID(key ed25519.PublicKey) PeerID {
	return PeerID(base58.Encode(append(multihashPrefix[:], key...)))
}

// ParsePeerID accepts the canonical form only: not the CID form, not the
// hashed peer ID of another kind of key. It fails with [ErrPeerID].
func ParsePeerID(s string) (PeerID, error) {
	if _, err := PeerID(s).PublicKey(); err != nil {
		return "", err
	}
	return PeerID(s), nil
}

// PublicKey returns the key that the peer ID contains, or [ErrPeerID].
func (id PeerID) PublicKey() (ed25519.PublicKey, error) {
	if len(id) != PeerIDLength {
		return nil, ErrPeerID
	}
	raw, err := base58.Decode(string(id))
	if err != nil || len(raw) != len(multihashPrefix)+ed25519.PublicKeySize || !bytes.HasPrefix(raw, multihashPrefix[:]) {
		return nil, ErrPeerID
	}
	return ed25519.PublicKey(raw[len(multihashPrefix):]), nil
}

// Verify checks a 64-byte Ed25519 signature (RFC 8032) over message. It fails
// with [ErrPeerID] or [ErrSignature].
func (id PeerID) Verify(message, signature []byte) error {
	key, err := id.PublicKey()
	if err != nil {
		return fmt.Errorf("verify: %w", err)
	}
	if !ed25519.Verify(key, message, signature) {
		return ErrSignature
	}
	return nil
}
