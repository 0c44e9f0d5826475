package sframe

import (
	"bytes"
	"errors"
	"testing"
)

// No frame makes the parser panic, and what it takes has one encoding.
func FuzzParseHeader(f *testing.F) {
	for _, v := range vectors[headerVector](f, "headers.json") {
		f.Add([]byte(v.Encoded))
	}
	f.Fuzz(func(t *testing.T, frame []byte) {
		h, err := ParseHeader(frame)
		if err != nil {
			if !errors.Is(err, ErrHeader) {
				t.Fatalf("an error of no kind: %v", err)
			}
			return
		}
		again := append(AppendHeader(nil, h.KID, h.CTR), h.Body...)
		if !bytes.Equal(again, frame) || !bytes.Equal(append(bytes.Clone(h.Raw), h.Body...), frame) {
			t.Fatalf("%x is encoded %x", frame, again)
		}
	})
}

// No frame makes a suite panic, and what opens is what sealing its plaintext
// gives: nothing else is authentic.
func FuzzOpen(f *testing.F) {
	baseKeys := map[Suite][]byte{}
	for _, v := range vectors[frameVector](f, "sframe.json") {
		baseKeys[v.Suite] = v.BaseKey
		f.Add(uint16(v.Suite), []byte(v.Metadata), []byte(v.CT))
		f.Add(uint16(v.Suite), []byte(nil), []byte(v.CT[:5]))
	}
	f.Fuzz(func(t *testing.T, suite uint16, metadata, frame []byte) {
		baseKey, ok := baseKeys[Suite(suite)]
		if !ok {
			return
		}
		h, err := ParseHeader(frame)
		if err != nil {
			return
		}
		k := must(t, Suite(suite), baseKey, h.KID)
		plaintext, err := k.Open(nil, h, metadata)
		if err != nil {
			if !errors.Is(err, ErrOpen) || plaintext != nil {
				t.Fatalf("an error of no kind, or a plaintext with it: %v", err)
			}
			return
		}
		if again := k.Seal(nil, h.CTR, metadata, plaintext); !bytes.Equal(again, frame) {
			t.Fatalf("%x opened, but is sealed %x", frame, again)
		}
	})
}
