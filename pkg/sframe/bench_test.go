package sframe

import (
	"crypto/aes"
	"crypto/cipher"
	"fmt"
	"testing"
)

// BenchmarkSeal is a frame of each size beside the bare cipher: what SFrame adds
// is the difference.
func BenchmarkSeal(b *testing.B) {
	for _, size := range []int{1200, 20_000} {
		metadata, plaintext := make([]byte, 10), make([]byte, size)
		dst := make([]byte, 0, size+64)
		for _, s := range suites {
			b.Run(fmt.Sprintf("%v/%d", s, size), func(b *testing.B) {
				k := testKey(b, s)
				b.SetBytes(int64(size))
				b.ReportAllocs()
				ctr := uint64(0)
				for b.Loop() {
					k.Seal(dst, ctr, metadata, plaintext)
					ctr++
				}
			})
		}
		b.Run(fmt.Sprintf("bare AES-128-GCM/%d", size), func(b *testing.B) {
			aead := bare(b)
			nonce, aad := make([]byte, nonceSize), make([]byte, 23)
			b.SetBytes(int64(size))
			b.ReportAllocs()
			for b.Loop() {
				aead.Seal(dst, nonce, plaintext, aad)
			}
		})
	}
}

func BenchmarkOpen(b *testing.B) {
	for _, size := range []int{1200, 20_000} {
		for _, s := range suites {
			b.Run(fmt.Sprintf("%v/%d", s, size), func(b *testing.B) {
				k := testKey(b, s)
				metadata := make([]byte, 10)
				frame := k.Seal(nil, 1, metadata, make([]byte, size))
				dst := make([]byte, 0, size)
				b.SetBytes(int64(size))
				b.ReportAllocs()
				for b.Loop() {
					h, err := ParseHeader(frame)
					if err == nil {
						_, err = k.Open(dst, h, metadata)
					}
					if err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}

func bare(b *testing.B) cipher.AEAD {
	b.Helper()
	block, err := aes.NewCipher(make([]byte, 16))
	if err != nil {
		b.Fatal(err)
	}
	aead, err := cipher.NewGCM(block)
	if err != nil {
		b.Fatal(err)
	}
	return aead
}
