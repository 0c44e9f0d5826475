package identity_test

import (
	"bytes"
	"crypto/ed25519"
	"encoding/hex"
	"errors"
	"math/big"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/parley-mesh/parley/pkg/identity"
)

// The Ed25519 key pair of the libp2p peer-ids specification's test vectors,
// with the private key's first half as the seed, and a peer ID that the
// specification shows.
const (
	specSeed   = "7e0830617c4a7de83925dfb2694556b12936c477a0e1feb2e148ec9da60fee7d"
	specPublic = "1ed1e8fae2c4a144b8be8fd4b47bf3d3b34b871c3cacf6010f0e42d474fce27e"
	specPeerID = "12D3KooWBtg3aaRMjxwedh83aGiUkwSxDwUZkzuJcfaqUmo7R3pq"

	specExample       = "12D3KooWD3eckifWpRn9wQpMG9R9hX3sD158z7EqHWmweQAJU5SA"
	specExamplePublic = "2ffa35a99d3a3cfbb17bb7c1dc5561b18a8dcca4df38dc613ea859c37eb1336b"
)

func unhex(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func specIdentity(t testing.TB) *identity.Identity {
	t.Helper()
	return identity.FromSeed([32]byte(unhex(t, specSeed)))
}

// Guards against being alone in the world with our peer IDs.
func TestPeerIDOfTheLibp2pSpecification(t *testing.T) {
	t.Parallel()
	id := specIdentity(t)
	if got := id.PeerID(); got != specPeerID {
		t.Errorf("peer ID = %s, want %s", got, specPeerID)
	}
	for peer, public := range map[string]string{specPeerID: specPublic, specExample: specExamplePublic} {
		parsed, err := identity.ParsePeerID(peer)
		if err != nil {
			t.Fatalf("ParsePeerID(%s): %v", peer, err)
		}
		key, err := parsed.PublicKey()
		if err != nil {
			t.Fatalf("PublicKey(%s): %v", peer, err)
		}
		if hex.EncodeToString(key) != public {
			t.Errorf("public key of %s = %x, want %s", peer, key, public)
		}
		if back, err := identity.PeerIDFromPublicKey(key); err != nil || string(back) != peer {
			t.Errorf("PeerIDFromPublicKey = %s, %v, want %s", back, err, peer)
		}
	}
}

func TestParsePeerIDRefuses(t *testing.T) {
	t.Parallel()
	wrongType := append([]byte{0x00, 0x24, 0x08, 0x02, 0x12, 0x20}, unhex(t, specPublic)...)
	for name, in := range map[string]string{
		"empty":                        "",
		"hashed peer ID of an RSA key": "QmYyQSo1c1Ym7orWxLYvCrM2EmxFTANf8wXmmE7DWjhx5N",
		"CID form":                     "bafzaajaiaejcal72gwuz2or47oyxxn6b3rkwdmmkrxgkjxzy3rqt5kczyn7lcm3l",
		"secp256k1 key":                encodeBase58(wrongType),
		"zero outside the alphabet":    strings.Replace(specPeerID, "B", "0", 1),
		"not ASCII":                    specPeerID[:48] + "ÄÄ",
		"space before":                 " " + specPeerID[:51],
		"one too long":                 specPeerID + "1",
		"one too short":                specPeerID[:51],
		"oversize":                     strings.Repeat("1", 1<<20),
	} {
		if _, err := identity.ParsePeerID(in); !errors.Is(err, identity.ErrPeerID) {
			t.Errorf("%s: err = %v, want ErrPeerID", name, err)
		}
	}
	for _, size := range []int{0, 31, 33} {
		if _, err := identity.PeerIDFromPublicKey(make(ed25519.PublicKey, size)); !errors.Is(err, identity.ErrPeerID) {
			t.Errorf("key of %d bytes: err = %v, want ErrPeerID", size, err)
		}
	}
}

// encodeBase58 is base58btc the slow way, to check the library by.
func encodeBase58(b []byte) string {
	const alphabet = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
	n, base, digit := new(big.Int).SetBytes(b), big.NewInt(58), new(big.Int)
	var out []byte
	for n.Sign() > 0 {
		n.DivMod(n, base, digit)
		out = append([]byte{alphabet[digit.Int64()]}, out...)
	}
	for _, x := range b {
		if x != 0 {
			break
		}
		out = append([]byte{'1'}, out...)
	}
	return string(out)
}

func TestPeerIDRoundTrip(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		key := rapid.SliceOfN(rapid.Byte(), 32, 32).Draw(t, "key")
		id, err := identity.PeerIDFromPublicKey(key)
		if err != nil {
			t.Fatal(err)
		}
		if want := encodeBase58(append([]byte{0, 0x24, 8, 1, 0x12, 0x20}, key...)); string(id) != want {
			t.Fatalf("peer ID = %s, want %s", id, want)
		}
		parsed, err := identity.ParsePeerID(string(id))
		if err != nil || parsed != id {
			t.Fatalf("ParsePeerID(%s) = %s, %v", id, parsed, err)
		}
		if got, err := parsed.PublicKey(); err != nil || !bytes.Equal(got, key) {
			t.Fatalf("PublicKey = %x, %v, want %x", got, err, key)
		}
	})
}

// Guards against a second spelling of one identity.
func FuzzParsePeerID(f *testing.F) {
	f.Add(specPeerID)
	f.Add("QmYyQSo1c1Ym7orWxLYvCrM2EmxFTANf8wXmmE7DWjhx5N")
	f.Add(strings.Repeat("1", identity.PeerIDLength))
	f.Fuzz(func(t *testing.T, in string) {
		id, err := identity.ParsePeerID(in)
		if err != nil {
			if !errors.Is(err, identity.ErrPeerID) {
				t.Fatalf("err = %v", err)
			}
			return
		}
		key, err := id.PublicKey()
		if err != nil {
			t.Fatal(err)
		}
		if back, err := identity.PeerIDFromPublicKey(key); err != nil || string(back) != in {
			t.Fatalf("%q is a second spelling of %q (%v)", in, back, err)
		}
	})
}
