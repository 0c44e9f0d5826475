package sframe

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"slices"
)

const (
	ctrCipherKeySize = 16                             // Nka
	ctrKeySize       = ctrCipherKeySize + sha256.Size // Nk = Nka + Nh
)

// ctrHMAC is AES in counter mode with a truncated HMAC over nonce, additional
// data and ciphertext (section 4.5.1), as a [cipher.AEAD].
type ctrHMAC struct {
	block   cipher.Block
	authKey [sha256.Size]byte
	tagSize int
}

func newCTRHMAC(key []byte, tagSize int) (*ctrHMAC, error) {
	block, err := aes.NewCipher(key[:ctrCipherKeySize])
	if err != nil {
		return nil, err
	}
	return &ctrHMAC{block: block, authKey: [sha256.Size]byte(key[ctrCipherKeySize:]), tagSize: tagSize}, nil
}

func (c *ctrHMAC) NonceSize() int { return nonceSize }

func (c *ctrHMAC) Overhead() int { return c.tagSize }

func (c *ctrHMAC) Seal(dst, nonce, plaintext, aad []byte) []byte {
	dst = slices.Grow(dst, len(plaintext)+c.tagSize)
	start := len(dst)
	ciphertext := dst[start : start+len(plaintext)]
	c.crypt(ciphertext, nonce, plaintext)
	return append(dst[:start+len(plaintext)], c.tag(nonce, aad, ciphertext)...)
}

func (c *ctrHMAC) Open(dst, nonce, sealed, aad []byte) ([]byte, error) {
	if len(sealed) < c.tagSize {
		return nil, ErrOpen
	}
	ciphertext, tag := sealed[:len(sealed)-c.tagSize], sealed[len(sealed)-c.tagSize:]
	if !hmac.Equal(tag, c.tag(nonce, aad, ciphertext)) {
		return nil, ErrOpen
	}
	dst = slices.Grow(dst, len(ciphertext))
	start := len(dst)
	dst = dst[:start+len(ciphertext)]
	c.crypt(dst[start:], nonce, ciphertext)
	return dst, nil
}

func (c *ctrHMAC) crypt(dst, nonce, src []byte) {
	var counter [aes.BlockSize]byte // the nonce, and a block counter from 0
	copy(counter[:], nonce)
	cipher.NewCTR(c.block, counter[:]).XORKeyStream(dst, src)
}

func (c *ctrHMAC) tag(nonce, aad, ciphertext []byte) []byte {
	var lengths [24]byte
	binary.BigEndian.PutUint64(lengths[0:], uint64(len(aad)))
	binary.BigEndian.PutUint64(lengths[8:], uint64(len(ciphertext)))
	binary.BigEndian.PutUint64(lengths[16:], uint64(c.tagSize))

	mac := hmac.New(sha256.New, c.authKey[:])
	for _, part := range [][]byte{lengths[:], nonce, aad, ciphertext} {
		mac.Write(part)
	}
	return mac.Sum(nil)[:c.tagSize]
}
