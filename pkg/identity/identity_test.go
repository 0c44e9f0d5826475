package identity_test

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/parley-mesh/parley/pkg/identity"
)

func TestGenerateTakesItsSeedFromTheReader(t *testing.T) {
	t.Parallel()
	seed := unhex(t, specSeed)
	id, err := identity.Generate(bytes.NewReader(seed))
	if err != nil {
		t.Fatal(err)
	}
	if !id.Equal(specIdentity(t)) {
		t.Error("Generate and FromSeed differ for one seed")
	}
	if _, err := identity.Generate(bytes.NewReader(seed[:31])); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("short reader: err = %v, want io.ErrUnexpectedEOF", err)
	}
}

func TestSignAndVerify(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		id := identity.FromSeed([32]byte(rapid.SliceOfN(rapid.Byte(), 32, 32).Draw(t, "seed")))
		message := rapid.SliceOf(rapid.Byte()).Draw(t, "message")
		signature := id.Sign(message)
		if err := id.PeerID().Verify(message, signature); err != nil {
			t.Fatal(err)
		}
		if err := id.PeerID().Verify(append(message, 0), signature); !errors.Is(err, identity.ErrSignature) {
			t.Fatalf("changed message: err = %v", err)
		}
		signature[rapid.IntRange(0, 63).Draw(t, "byte")] ^= 1 << rapid.IntRange(0, 7).Draw(t, "bit")
		if err := id.PeerID().Verify(message, signature); !errors.Is(err, identity.ErrSignature) {
			t.Fatalf("changed signature: err = %v", err)
		}
	})
	if err := identity.PeerID(specPeerID).Verify(nil, nil); !errors.Is(err, identity.ErrSignature) {
		t.Errorf("no signature: err = %v, want ErrSignature", err)
	}
	if err := identity.PeerID("x").Verify(nil, nil); !errors.Is(err, identity.ErrPeerID) {
		t.Errorf("no peer ID: err = %v, want ErrPeerID", err)
	}
}

func TestPEMRoundTrip(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		id := identity.FromSeed([32]byte(rapid.SliceOfN(rapid.Byte(), 32, 32).Draw(t, "seed")))
		file, err := id.MarshalPEM()
		if err != nil {
			t.Fatal(err)
		}
		back, err := identity.ParsePEM(file)
		if err != nil {
			t.Fatal(err)
		}
		if !back.Equal(id) || back.PeerID() != id.PeerID() {
			t.Fatal("another identity came back")
		}
	})
}

func TestParsePEMRefuses(t *testing.T) {
	t.Parallel()
	good, err := specIdentity(t).MarshalPEM()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := identity.ParsePEM(append(bytes.Clone(good), "\n \n"...)); err != nil {
		t.Errorf("blank lines at the end: %v", err)
	}
	// A PKCS#8 key of another kind (RFC 8410's X25519 with OID 1.3.101.110).
	other := bytes.Clone(good)
	block, _ := base64.StdEncoding.DecodeString(strings.Split(string(good), "\n")[1])
	block[11] = 0x6e
	other = bytes.Replace(other, []byte(strings.Split(string(good), "\n")[1]),
		[]byte(base64.StdEncoding.EncodeToString(block)), 1)
	for name, in := range map[string][]byte{
		"empty":          nil,
		"not PEM":        []byte("12D3KooW"),
		"two keys":       append(bytes.Clone(good), good...),
		"public key":     bytes.ReplaceAll(good, []byte("PRIVATE"), []byte("PUBLIC")),
		"an X25519 key":  other,
		"cut":            good[:len(good)/2],
		"oversize":       append(bytes.Clone(good), bytes.Repeat([]byte(" "), identity.MaxKeyFile)...),
		"broken content": bytes.Replace(good, []byte("MC4"), []byte("MC5"), 1),
	} {
		if _, err := identity.ParsePEM(in); !errors.Is(err, identity.ErrKeyFile) {
			t.Errorf("%s: err = %v, want ErrKeyFile", name, err)
		}
	}
}

func TestEqual(t *testing.T) {
	t.Parallel()
	a, b := identity.FromSeed([32]byte{1}), identity.FromSeed([32]byte{2})
	if !a.Equal(identity.FromSeed([32]byte{1})) || a.Equal(b) || a.Equal(nil) {
		t.Error("Equal does not tell identities apart")
	}
}

// Guards against a private key in a log or an error, whichever way it is printed.
func TestIdentityPrintsAsItsPeerID(t *testing.T) {
	t.Parallel()
	id := specIdentity(t)
	var out strings.Builder
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%b"} {
		fmt.Fprintf(&out, verb+"\n", id)
		fmt.Fprintf(&out, verb+"\n", *id)
		fmt.Fprintf(&out, verb+"\n", struct{ ID *identity.Identity }{id})
		fmt.Fprintf(&out, verb+"\n", []identity.Identity{*id})
	}
	slog.New(slog.NewTextHandler(&out, nil)).Info("made", "id", id, "in", struct{ ID identity.Identity }{*id})
	slog.New(slog.NewJSONHandler(&out, nil)).Info("made", "id", id, "in", struct{ ID identity.Identity }{*id})
	encoded, err := json.Marshal(struct{ ID *identity.Identity }{id})
	if err != nil {
		t.Fatal(err)
	}
	out.Write(encoded)
	text := out.String()
	if !strings.Contains(text, specPeerID) {
		t.Error("the peer ID is nowhere")
	}
	seed := unhex(t, specSeed)
	for _, secret := range []string{
		specSeed[:16], strings.ToUpper(specSeed[:16]), fmt.Sprint(seed[:8])[1:20],
		base64.StdEncoding.EncodeToString(seed)[:12], fmt.Sprintf("%#v", seed[:4]), hex.EncodeToString(seed[8:16]),
	} {
		if strings.Contains(text, secret) {
			t.Errorf("the private key shows as %q in:\n%s", secret, text)
		}
	}
}
