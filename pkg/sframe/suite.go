package sframe

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/sha256"
	"crypto/sha512"
	"fmt"
	"hash"
)

// A Suite is a cipher suite by its number in the IANA registry (section 8.1).
type Suite uint16

const (
	AES128CTRHMAC80 Suite = 1 // AES_128_CTR_HMAC_SHA256_80
	AES128CTRHMAC64 Suite = 2 // AES_128_CTR_HMAC_SHA256_64
	AES128CTRHMAC32 Suite = 3 // AES_128_CTR_HMAC_SHA256_32
	AES128GCM       Suite = 4 // AES_128_GCM_SHA256_128
	AES256GCM       Suite = 5 // AES_256_GCM_SHA512_128
)

// String gives the suite's name in the registry.
func (s Suite) String() string {
	switch s {
	case AES128CTRHMAC80:
		return "AES_128_CTR_HMAC_SHA256_80"
	case AES128CTRHMAC64:
		return "AES_128_CTR_HMAC_SHA256_64"
	case AES128CTRHMAC32:
		return "AES_128_CTR_HMAC_SHA256_32"
	case AES128GCM:
		return "AES_128_GCM_SHA256_128"
	case AES256GCM:
		return "AES_256_GCM_SHA512_128"
	default:
		return fmt.Sprintf("Unknown(%#04x)", uint16(s))
	}
}

const nonceSize = 12 // Nn, of every suite

// constants are what section 4.5 lays down for a suite, in bytes.
type constants struct {
	hash    func() hash.Hash // of the key derivation; its size is Nh
	keySize int              // Nk
	tagSize int              // Nt
}

func (s Suite) constants() (c constants, ok bool) {
	switch s {
	case AES128CTRHMAC80:
		return constants{sha256.New, ctrKeySize, 10}, true
	case AES128CTRHMAC64:
		return constants{sha256.New, ctrKeySize, 8}, true
	case AES128CTRHMAC32:
		return constants{sha256.New, ctrKeySize, 4}, true
	case AES128GCM:
		return constants{sha256.New, 16, 16}, true
	case AES256GCM:
		return constants{sha512.New, 32, 16}, true
	default:
		return constants{}, false
	}
}

// aead makes the suite's cipher of a key of its size.
func (s Suite) aead(c constants, key []byte) (cipher.AEAD, error) {
	if s == AES128GCM || s == AES256GCM {
		block, err := aes.NewCipher(key)
		if err != nil {
			return nil, err
		}
		return cipher.NewGCM(block)
	}
	return newCTRHMAC(key, c.tagSize)
}
