// Package sframe owns one encrypted media frame: SFrame as RFC 9605 defines it,
// for every cipher suite of the RFC.
//
// It makes and reads the header (section 4.3), derives a key and a salt from a
// base key and a key ID (section 4.4.2), seals (section 4.4.3) and opens
// (section 4.4.4) with AES-GCM or with AES-CTR and HMAC (section 4.5.1), and
// remembers which counters were seen (section 9.3). It also says how many of a
// frame's first bytes stay clear for whoever forwards it.
//
// It does not own where base keys come from, what a key ID means, which counter
// is next, or whom a frame is from: see pkg/e2ee. In particular the promise that
// no two frames are sealed with one counter under one [Key] (section 9.1) is the
// caller's.
//
// A sealed frame is
//
//	header (1 to 17 bytes) ‖ ciphertext (as long as the plaintext) ‖ tag
//
// The package is pure, and nothing that it is given makes it panic, but for a
// destination that overlaps its source wrongly. No error repeats its input.
package sframe

import "errors"

var (
	ErrSuite   = errors.New("sframe: not a cipher suite of RFC 9605")
	ErrBaseKey = errors.New("sframe: a base key has at least 16 bytes")
	ErrHeader  = errors.New("sframe: not an SFrame header")
	ErrOpen    = errors.New("sframe: the frame is not authentic under this key")
)
