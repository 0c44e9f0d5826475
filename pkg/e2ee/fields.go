package e2ee

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
)

const (
	keySize   = 32
	nonceSize = 12
	tagSize   = 16
)

// strict refuses a text that is not the only one of its bytes.
var strict = base64.RawURLEncoding.Strict()

// decode reads base64url. Unlike the package it stands on it refuses line breaks
// as well: there is one text for some bytes.
func decode(s string) ([]byte, bool) {
	b, err := strict.DecodeString(s)
	return b, err == nil && strict.EncodedLen(len(b)) == len(s)
}

func parse32(s string) (b [keySize]byte, ok bool) {
	if len(s) != strict.EncodedLen(keySize) {
		return b, false
	}
	raw, ok := decode(s)
	copy(b[:], raw)
	clear(raw)
	return b, ok
}

// fields are bytes to be hashed, signed or authenticated: every part has its
// length before it or a length that is fixed, so that no two lists of parts give
// the same bytes.
type fields []byte

func (f fields) text(s string) fields {
	return append(binary.BigEndian.AppendUint32(f, uint32(len(s))), s...)
}

func (f fields) number(n int64) fields { return binary.BigEndian.AppendUint64(f, uint64(n)) }

func (f fields) fixed(b ...byte) fields { return append(f, b...) }

// expand is HKDF-Expand (RFC 5869 section 2.3) to 32 bytes.
func expand(key [keySize]byte, info fields) (out [keySize]byte) {
	b, err := hkdf.Expand(sha256.New, key[:], string(info), keySize)
	if err != nil {
		panic("e2ee: hkdf: " + err.Error()) // for lengths alone, and this one is fixed
	}
	copy(out[:], b)
	clear(b)
	return out
}

// gcm is AES-256-GCM under key.
func gcm(key [keySize]byte) cipher.AEAD {
	block, err := aes.NewCipher(key[:])
	if err != nil {
		panic("e2ee: aes: " + err.Error()) // for lengths alone, and this one is fixed
	}
	aead, err := cipher.NewGCM(block)
	if err != nil {
		panic("e2ee: gcm: " + err.Error())
	}
	return aead
}

// nonce is a counter as a nonce. Whoever calls it sees to it that a counter is
// given once under a key.
func nonce(counter uint64) []byte {
	return binary.BigEndian.AppendUint64(make([]byte, nonceSize-8, nonceSize), counter)
}
