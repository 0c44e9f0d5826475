package overlay

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"github.com/libp2p/go-libp2p/core/peer"
	ma "github.com/multiformats/go-multiaddr"

	"github.com/parley-mesh/parley/pkg/identity"
	"github.com/parley-mesh/parley/pkg/protocol"
)

// Guards both requests: what one node writes another reads, and nothing else.
func FuzzParseSignal(f *testing.F) {
	f.Add(signal{Meeting: "482913006", Session: 1, Box: "box"}.encode())
	f.Add(signal{Meeting: "482913006", Session: protocol.MaxInt, Box: strings.Repeat("x", protocol.MaxBox)}.encode())
	f.Add([]byte("482913006\x00\x00\x00\x00\x00\x00\x00\x00x"))
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, data []byte) {
		s, err := parseSignal(data)
		if err == nil && !bytes.Equal(s.encode(), data) {
			t.Errorf("read %q as %+v", data, s)
		}
	})
}

func FuzzParseFound(f *testing.F) {
	f.Add(encodeFound([]ma.Multiaddr{ma.StringCast("/ip4/192.0.2.1/udp/1/quic-v1"), ma.StringCast("/ip6/::1/tcp/2")}))
	f.Add(encodeFound([]ma.Multiaddr{ma.StringCast("/p2p-circuit")}))
	f.Add([]byte{200, 1})
	f.Fuzz(func(t *testing.T, data []byte) {
		addresses, err := parseFound(data)
		if err != nil {
			return
		}
		if len(addresses) > maxFound {
			t.Fatalf("%d addresses", len(addresses))
		}
		again, err := parseFound(encodeFound(addresses))
		if err != nil || !slices.EqualFunc(addresses, again, func(a, b ma.Multiaddr) bool { return a.Equal(b) }) {
			t.Errorf("%v came back as %v, %v", addresses, again, err)
		}
	})
}

func FuzzParseFind(f *testing.F) {
	who, err := peer.Decode(string(identity.FromSeed([32]byte{1}).PeerID()))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(encodeFind("482913006", who))
	f.Add([]byte("482913006x"))
	f.Fuzz(func(t *testing.T, data []byte) {
		id, sought, err := parseFind(data)
		if err != nil {
			return
		}
		if again, same, err := parseFind(encodeFind(id, sought)); err != nil || again != id || same != sought {
			t.Errorf("read %q as %v %v", data, id, sought)
		}
	})
}

// Guards large rooms from everybody's connection with everybody, and from falling
// apart: neighbours are mutual, and there are enough of them.
func TestAround(t *testing.T) {
	t.Parallel()
	for _, n := range []int{2, 3, 12, 13, 14, 50, 300} {
		all := make([]peer.ID, n)
		for i := range all {
			all[i] = peer.ID([]byte{byte(i >> 8), byte(i)})
		}
		near := make([][]peer.ID, n)
		for i := range all {
			near[i] = around(all[i], slices.Concat(all[:i], all[i+1:]))
			if len(near[i]) != min(n-1, 2*neighbours) {
				t.Fatalf("%d of %d has %d neighbours", i, n, len(near[i]))
			}
		}
		for i := range all {
			for j := range all {
				if i != j && slices.Contains(near[i], all[j]) != slices.Contains(near[j], all[i]) {
					t.Fatalf("%d and %d of %d do not agree", i, j, n)
				}
			}
		}
	}
}

// Guards rooms from being found by who knows only the nine digits.
func TestTopicName(t *testing.T) {
	t.Parallel()
	host, other := identity.FromSeed([32]byte{1}).PeerID(), identity.FromSeed([32]byte{2}).PeerID()
	name := topicName(Meeting{"482913006", host})
	if want := "parley/1/room/"; !strings.HasPrefix(name, want) || len(name) != len(want)+64 {
		t.Errorf("name %q", name)
	}
	if name == topicName(Meeting{"482913006", other}) || name == topicName(Meeting{"482913007", host}) {
		t.Error("two rooms have one name")
	}
	if strings.Contains(name, "482") && strings.Contains(name, string(host)) {
		t.Error("the name tells the meeting")
	}
}
