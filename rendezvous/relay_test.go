package rendezvous_test

import (
	"encoding/json"
	"errors"
	"net"
	"net/http"
	"strings"
	"testing"

	"github.com/parley-mesh/parley/pkg/protocol"
	"github.com/parley-mesh/parley/rendezvous"
)

// Guards nodes from not finding the relay: it is told where they look for it, and
// is the same one after a restart.
func TestRelayIsAnnounced(t *testing.T) {
	t.Parallel()
	config := rendezvous.Config{Listen: "127.0.0.1:0", DataDir: t.TempDir()}
	var before string
	for range 2 {
		server, err := rendezvous.New(t.Context(), config)
		if err != nil {
			t.Fatal(err)
		}
		addresses := server.Relay()
		server.Close()
		if len(addresses) != 2 || !strings.HasPrefix(addresses[0], "/ip4/127.0.0.1/") || !strings.Contains(addresses[0], "/p2p/12D3KooW") {
			t.Fatalf("the relay is at %v", addresses)
		}
		_, id, _ := strings.Cut(addresses[0], "/p2p/")
		if before != "" && id != before {
			t.Error("the relay has another identity after a restart")
		}
		before = id
	}
}

// Guards the contract of .well-known/parley in both cases.
func TestRelayInWellKnown(t *testing.T) {
	t.Parallel()
	for listen, addresses := range map[string]int{"127.0.0.1:0": 2, rendezvous.RelayOff: 0} {
		s := start(t, func(c *rendezvous.Config) { c.RelayListen = listen })
		answer, err := http.Get(s.url + "/.well-known/parley")
		if err != nil {
			t.Fatal(err)
		}
		var known protocol.WellKnown
		err = json.NewDecoder(answer.Body).Decode(&known)
		if err := errors.Join(err, answer.Body.Close()); err != nil {
			t.Fatal(err)
		}
		if len(known.Relay) != addresses {
			t.Errorf("with %s: %v, want %d addresses", listen, known.Relay, addresses)
		}
	}
}

// Guards the operator from a puzzle: the sentence names the flag.
func TestRelayPortTaken(t *testing.T) {
	t.Parallel()
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = taken.Close() }()
	for address, want := range map[string]string{
		taken.Addr().String(): "choose another address with --relay-listen", "8081": "must be HOST:PORT", "127.0.0.1:x": "must be HOST:PORT",
	} {
		server, err := rendezvous.New(t.Context(), rendezvous.Config{Listen: "127.0.0.1:0", RelayListen: address, DataDir: t.TempDir()})
		if err == nil {
			server.Close()
			t.Errorf("%s: no error", address)
		} else if !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", address, err)
		}
	}
}
