package sframe

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
)

// The vectors are those of RFC 9605, appendix C, as the working group publishes
// them (github.com/sframe-wg/sframe, test-vectors/test-vectors.json), with the
// numbers as texts. TypeScript replays the same files.

type hexBytes []byte

func (b *hexBytes) UnmarshalText(text []byte) error {
	var err error
	*b, err = hex.DecodeString(string(text))
	return err
}

type headerVector struct {
	KID     uint64   `json:"kid,string"`
	CTR     uint64   `json:"ctr,string"`
	Encoded hexBytes `json:"encoded"`
}

type cipherVector struct {
	Suite Suite    `json:"suite"`
	Key   hexBytes `json:"key"`
	Nonce hexBytes `json:"nonce"`
	AAD   hexBytes `json:"aad"`
	PT    hexBytes `json:"pt"`
	CT    hexBytes `json:"ct"`
}

type frameVector struct {
	Suite     Suite    `json:"suite"`
	KID       uint64   `json:"kid,string"`
	CTR       uint64   `json:"ctr,string"`
	BaseKey   hexBytes `json:"base_key"`
	KeyLabel  hexBytes `json:"sframe_key_label"`
	SaltLabel hexBytes `json:"sframe_salt_label"`
	Secret    hexBytes `json:"sframe_secret"`
	Key       hexBytes `json:"sframe_key"`
	Salt      hexBytes `json:"sframe_salt"`
	Metadata  hexBytes `json:"metadata"`
	Nonce     hexBytes `json:"nonce"`
	AAD       hexBytes `json:"aad"`
	PT        hexBytes `json:"pt"`
	CT        hexBytes `json:"ct"`
}

func vectors[T any](tb testing.TB, name string) []T {
	tb.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", "vectors", name))
	if err != nil {
		tb.Fatal(err)
	}
	var all []T
	if err := json.Unmarshal(text, &all); err != nil {
		tb.Fatal(err)
	}
	if len(all) == 0 {
		tb.Fatalf("%s holds no vectors", name)
	}
	return all
}

func same(t *testing.T, what string, got, want []byte) {
	t.Helper()
	if !bytes.Equal(got, want) {
		t.Errorf("%s:\n got %x\nwant %x", what, got, want)
	}
}

// Appendix C.1: every pair of lengths, both ways.
func TestHeaderVectors(t *testing.T) {
	t.Parallel()
	for _, v := range vectors[headerVector](t, "headers.json") {
		same(t, "header", AppendHeader(nil, v.KID, v.CTR), v.Encoded)
		h, err := ParseHeader(v.Encoded)
		if err != nil || h.KID != v.KID || h.CTR != v.CTR || len(h.Body) != 0 {
			t.Errorf("%x is %d and %d (%v), want %d and %d", v.Encoded, h.KID, h.CTR, err, v.KID, v.CTR)
		}
		same(t, "raw header", h.Raw, v.Encoded)
	}
}

// Appendix C.2: the cipher alone.
func TestCTRHMACVectors(t *testing.T) {
	t.Parallel()
	for _, v := range vectors[cipherVector](t, "aes-ctr-hmac.json") {
		c, _ := v.Suite.constants()
		aead, err := v.Suite.aead(c, v.Key)
		if err != nil {
			t.Fatal(err)
		}
		same(t, v.Suite.String(), aead.Seal(nil, v.Nonce, v.PT, v.AAD), v.CT)
		pt, err := aead.Open(nil, v.Nonce, v.CT, v.AAD)
		if err != nil {
			t.Errorf("%v: %v", v.Suite, err)
		}
		same(t, v.Suite.String(), pt, v.PT)
	}
}

// Appendix C.3: every step from the base key to the frame, for each suite.
func TestFrameVectors(t *testing.T) {
	t.Parallel()
	seen := map[Suite]bool{}
	for _, v := range vectors[frameVector](t, "sframe.json") {
		seen[v.Suite] = true
		t.Run(v.Suite.String(), func(t *testing.T) {
			t.Parallel()
			c, _ := v.Suite.constants()
			secret, key, salt, err := derive(v.Suite, c, v.BaseKey, v.KID)
			if err != nil {
				t.Fatal(err)
			}
			same(t, "key label", label("key", v.Suite, v.KID), v.KeyLabel)
			same(t, "salt label", label("salt", v.Suite, v.KID), v.SaltLabel)
			same(t, "secret", secret, v.Secret)
			same(t, "key", key, v.Key)
			same(t, "salt", salt, v.Salt)

			k, err := NewKey(v.Suite, v.BaseKey, v.KID)
			if err != nil {
				t.Fatal(err)
			}
			s := k.prepare(v.CTR, AppendHeader(nil, v.KID, v.CTR), v.Metadata)
			same(t, "nonce", s.nonce[:], v.Nonce)
			same(t, "additional data", s.aad, v.AAD)

			same(t, "frame", k.Seal(nil, v.CTR, v.Metadata, v.PT), v.CT)
			h, err := ParseHeader(v.CT)
			if err != nil {
				t.Fatal(err)
			}
			pt, err := k.Open(nil, h, v.Metadata)
			if err != nil {
				t.Fatal(err)
			}
			same(t, "plaintext", pt, v.PT)
		})
	}
	if len(seen) != 5 {
		t.Errorf("vectors for %d suites, want all 5", len(seen))
	}
}
