// Package identity owns who somebody is: an Ed25519 key pair, the libp2p peer
// ID that names its public half, and the bearer tokens that its owner signs.
//
// There is no registration and no user table. A peer ID contains its public
// key, so whoever holds a peer ID can verify what its owner signed. A token is
// a JWT (RFC 7519) signed with EdDSA (RFC 8037) whose subject is the peer ID;
// it proves possession of the private key to one audience for at most
// [MaxTokenLifetime].
//
// The package is pure: it reads no clock, no file and no randomness of its
// own. It does not know where a key is kept, nor what an identity may do.
package identity

import "errors"

// What can be wrong with something that came from outside. No error repeats
// its input.
var (
	ErrPeerID         = errors.New("identity: not the peer ID of an Ed25519 key")
	ErrSignature      = errors.New("identity: the signature is not by this identity")
	ErrKeyFile        = errors.New("identity: not a PKCS#8 PEM file with one Ed25519 private key")
	ErrAudience       = errors.New("identity: a token needs an audience of at most 512 bytes")
	ErrTokenMalformed = errors.New("identity: the token is not a JWT signed with EdDSA by a peer ID")
	ErrTokenSignature = errors.New("identity: the token's signature does not match its subject")
	ErrTokenAudience  = errors.New("identity: the token was made for another audience")
	ErrTokenExpired   = errors.New("identity: the token has expired")
	ErrTokenLifetime  = errors.New("identity: the token lives longer than 24 hours or ends before it begins")
	ErrTokenNotYet    = errors.New("identity: the token is not valid yet")
)
