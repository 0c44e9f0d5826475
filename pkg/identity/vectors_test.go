package identity_test

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/parley-mesh/parley/pkg/identity"
)

var update = flag.Bool("update", false, "write the shared vectors anew")

// vector is one identity and everything that follows from its seed. Seeds,
// keys and messages are hex, signatures base64url without padding, times Unix
// seconds.
type vector struct {
	Seed      string `json:"seed"`
	PublicKey string `json:"public_key"`
	PeerID    string `json:"peer_id"`
	Message   string `json:"message"`
	Signature string `json:"signature"`
	Audience  string `json:"audience"`
	IssuedAt  int64  `json:"issued_at"`
	TTL       int64  `json:"ttl_seconds"`
	Token     string `json:"token"`
}

// Guards against Go and TypeScript drifting apart: the web client's tests
// replay the same file. Ed25519 is deterministic, so bytes are compared.
func TestVectors(t *testing.T) {
	t.Parallel()
	path := filepath.Join("testdata", "vectors", "identity.json")
	want := makeVectors(t)
	if *update {
		out, err := json.MarshalIndent(want, "", "  ")
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, append(out, '\n'), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	file, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var have []vector
	if err := json.Unmarshal(file, &have); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, have); diff != "" {
		t.Errorf("the vectors are not what the code makes (-code +file):\n%s", diff)
	}
	for _, v := range have {
		now := time.Unix(v.IssuedAt, 0)
		if id, err := identity.VerifyToken(v.Token, []string{v.Audience}, now); err != nil || string(id) != v.PeerID {
			t.Errorf("VerifyToken = %s, %v, want %s", id, err, v.PeerID)
		}
	}
}

func makeVectors(t *testing.T) []vector {
	t.Helper()
	var vectors []vector
	for i, seed := range []string{
		specSeed,
		"9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60", // RFC 8032 section 7.1, test 1
		"0000000000000000000000000000000000000000000000000000000000000000",
	} {
		id := identity.FromSeed([32]byte(unhex(t, seed)))
		key, err := id.PeerID().PublicKey()
		if err != nil {
			t.Fatal(err)
		}
		message := []byte([]string{"parley", "", "Grüße, \x00 and 会議"}[i])
		v := vector{
			Seed: seed, PublicKey: hex.EncodeToString(key), PeerID: string(id.PeerID()),
			Message: hex.EncodeToString(message), Signature: base64.RawURLEncoding.EncodeToString(id.Sign(message)),
			Audience: audience, IssuedAt: tokenTime.Unix() + int64(i), TTL: 3600,
		}
		v.Token, err = identity.NewToken(id, v.Audience, time.Unix(v.IssuedAt, 0), time.Duration(v.TTL)*time.Second)
		if err != nil {
			t.Fatal(err)
		}
		vectors = append(vectors, v)
	}
	return vectors
}
