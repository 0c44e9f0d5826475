package p2p

import (
	"crypto/ed25519"
	"crypto/hkdf"
	"crypto/sha256"
	"crypto/x509"
	"encoding/pem"

	"github.com/libp2p/go-libp2p/core/crypto"
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/quic-go/quic-go"

	"github.com/parley-mesh/parley/pkg/identity"
)

// privateKey is the identity as libp2p knows keys. Its public half gives the
// same peer ID.
func privateKey(id *identity.Identity) (crypto.PrivKey, error) {
	text, err := id.MarshalPEM()
	if err != nil {
		return nil, ErrKey
	}
	block, _ := pem.Decode(text)
	if block == nil {
		return nil, ErrKey
	}
	parsed, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return nil, ErrKey // the cause may quote key material
	}
	raw, ok := parsed.(ed25519.PrivateKey)
	if !ok {
		return nil, ErrKey
	}
	key, err := crypto.UnmarshalEd25519PrivateKey(raw)
	if err != nil {
		return nil, ErrKey
	}
	return key, nil
}

// quicKeys derives the two secrets of a QUIC endpoint (RFC 9000, sections 8.1.3
// and 10.3.2), so that a restarted host still knows its old tokens.
func quicKeys(key crypto.PrivKey) (reset quic.StatelessResetKey, token quic.TokenGeneratorKey, err error) {
	raw, err := key.Raw()
	if err != nil {
		return reset, token, ErrKey
	}
	for info, into := range map[string][]byte{"parley/1/quic-reset": reset[:], "parley/1/quic-token": token[:]} {
		derived, err := hkdf.Key(sha256.New, raw, nil, info, len(into))
		if err != nil {
			return reset, token, ErrKey
		}
		copy(into, derived)
	}
	return reset, token, nil
}

// ID is a peer ID as libp2p holds it: its bytes instead of its text.
func ID(id identity.PeerID) (peer.ID, error) { return peer.Decode(string(id)) }

// PeerID is libp2p's peer ID as the rest of Parley holds it, or "" for one that is
// not made of an Ed25519 key.
func PeerID(id peer.ID) identity.PeerID {
	parsed, err := identity.ParsePeerID(id.String())
	if err != nil {
		return ""
	}
	return parsed
}
