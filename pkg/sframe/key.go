package sframe

import (
	"crypto/cipher"
	"crypto/hkdf"
	"encoding/binary"
	"fmt"
	"log/slog"
	"sync"
)

// minBaseKey is the security of the weakest suite's cipher: with less behind it,
// no suite is what its name says.
const minBaseKey = 16

// A Key seals or opens the frames of one key ID: a cipher and the salt of its
// nonces. It is safe for concurrent use, and prints as a placeholder.
type Key struct {
	kid  uint64
	aead cipher.AEAD
	salt [nonceSize]byte

	// Nonces and additional data go through an interface and would each be on the
	// heap, frame by frame.
	scratch sync.Pool // of *scratch
}

type scratch struct {
	nonce [nonceSize]byte
	aad   []byte
	first [MaxHeader + 64]byte // what aad begins with, so that a scratch is one allocation
}

func newScratch() any {
	s := new(scratch)
	s.aad = s.first[:0]
	return s
}

// NewKey derives the key and the salt of one key ID from a base key of at least
// 16 bytes (section 4.4.2), which is not kept. The errors are [ErrSuite] and
// [ErrBaseKey].
func NewKey(s Suite, baseKey []byte, kid uint64) (*Key, error) {
	c, ok := s.constants()
	if !ok {
		return nil, ErrSuite
	}
	if len(baseKey) < minBaseKey {
		return nil, ErrBaseKey
	}
	secret, key, salt, err := derive(s, c, baseKey, kid)
	clear(secret)
	if err != nil {
		return nil, fmt.Errorf("sframe: derive: %w", err)
	}
	aead, err := s.aead(c, key)
	clear(key)
	if err != nil {
		return nil, fmt.Errorf("sframe: cipher: %w", err)
	}
	return &Key{
		kid:     kid,
		aead:    aead,
		salt:    [nonceSize]byte(salt),
		scratch: sync.Pool{New: newScratch},
	}, nil
}

// derive gives sframe_secret, sframe_key and sframe_salt.
func derive(s Suite, c constants, baseKey []byte, kid uint64) (secret, key, salt []byte, err error) {
	if secret, err = hkdf.Extract(c.hash, baseKey, nil); err != nil {
		return nil, nil, nil, err
	}
	if key, err = hkdf.Expand(c.hash, secret, string(label("key", s, kid)), c.keySize); err != nil {
		return secret, nil, nil, err
	}
	salt, err = hkdf.Expand(c.hash, secret, string(label("salt", s, kid)), nonceSize)
	return secret, key, salt, err
}

func label(what string, s Suite, kid uint64) []byte {
	l := binary.BigEndian.AppendUint64([]byte("SFrame 1.0 Secret "+what+" "), kid)
	return binary.BigEndian.AppendUint16(l, uint16(s))
}

// KID is the key ID that the key was derived for.
func (k *Key) KID() uint64 { return k.kid }

// Overhead is how many bytes longer than its plaintext a frame can be.
func (k *Key) Overhead() int { return MaxHeader + k.aead.Overhead() }

// Seal appends a frame, header ‖ ciphertext ‖ tag, to dst. A counter must never
// be given twice, whatever the plaintext. The metadata is authenticated and not
// part of the frame. Nothing is allocated when dst has [Key.Overhead] and the
// plaintext's length to spare and the suite is GCM; what it has to spare must
// not overlap the plaintext.
func (k *Key) Seal(dst []byte, ctr uint64, metadata, plaintext []byte) []byte {
	start := len(dst)
	dst = AppendHeader(dst, k.kid, ctr)
	s := k.prepare(ctr, dst[start:], metadata)
	dst = k.aead.Seal(dst, s.nonce[:], plaintext, s.aad)
	k.scratch.Put(s)
	return dst
}

// Open appends the plaintext of a parsed frame to dst, or gives [ErrOpen] and
// nothing of it. What dst has to spare may be the frame's body itself (pass
// h.Body[:0] to open in place, which spends the body) or must not overlap it.
func (k *Key) Open(dst []byte, h Header, metadata []byte) ([]byte, error) {
	if h.KID != k.kid {
		return nil, ErrOpen
	}
	s := k.prepare(h.CTR, h.Raw, metadata)
	plaintext, err := k.aead.Open(dst, s.nonce[:], h.Body, s.aad)
	k.scratch.Put(s)
	if err != nil {
		return nil, ErrOpen // whatever the cipher calls it
	}
	return plaintext, nil
}

// prepare gives the nonce, which is the salt XOR the counter (section 4.4.3),
// and the additional data.
func (k *Key) prepare(ctr uint64, header, metadata []byte) *scratch {
	s := k.scratch.Get().(*scratch)
	s.nonce = k.salt
	low := s.nonce[nonceSize-8:]
	binary.BigEndian.PutUint64(low, binary.BigEndian.Uint64(low)^ctr)
	s.aad = append(append(s.aad[:0], header...), metadata...)
	return s
}

// Format keeps the key out of every text.
func (k *Key) Format(f fmt.State, _ rune) { fmt.Fprint(f, "sframe.Key(…)") }

// LogValue keeps the key out of every log.
func (k *Key) LogValue() slog.Value { return slog.StringValue("sframe.Key(…)") }
