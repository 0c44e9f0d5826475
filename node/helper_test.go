package node

import (
	"errors"
	"testing"

	"github.com/parley-mesh/parley/node/session"
	"github.com/parley-mesh/parley/pkg/client"
	"github.com/parley-mesh/parley/pkg/identity"
	"github.com/parley-mesh/parley/pkg/protocol"
)

// Guards against helpers that stay in rooms which need none, and against those
// that leave one which does.
func TestIsNeeded(t *testing.T) {
	t.Parallel()
	person := func(id byte, kind protocol.ParticipantKind) session.Person {
		return session.Person{Participant: protocol.Participant{ID: someone(id), Kind: kind}}
	}
	helpers := []session.Person{person(1, protocol.KindHelper), person(2, protocol.KindHelper)}
	full := append(helpers, person(3, protocol.KindBrowser))
	for _, test := range []struct {
		name     string
		people   []session.Person
		topology session.Topology
		want     bool
	}{
		{"SFU", full, session.Topology{SFU: someone(1)}, true},
		{"standby", full, session.Topology{SFU: someone(2), Standby: someone(1)}, true},
		{"neither", full, session.Topology{SFU: someone(3)}, false},
		{"mesh", full, session.Topology{}, false},
		{"nobody to serve", helpers, session.Topology{SFU: someone(1)}, false},
	} {
		if got := isNeeded(session.State{Self: someone(1), People: test.people, Topology: test.topology}); got != test.want {
			t.Errorf("%s: %v", test.name, got)
		}
	}
}

func TestConfigIsChecked(t *testing.T) {
	t.Parallel()
	id := identity.FromSeed([32]byte{1})
	door := Door{Rendezvous: "https://meet.example.org"}
	for name, cfg := range map[string]Config{
		"no identity":            {Door: door},
		"no door":                {Identity: id},
		"seals nothing":          {Identity: id, Door: door, Passphrase: []byte("x")},
		"an empty passphrase":    {Identity: id, Door: door, Record: "x", Passphrase: []byte{}},
		"more files than places": {Identity: id, Door: door, Publish: make([]string, maxPublished+1)},
	} {
		if _, err := New(cfg); !errors.Is(err, ErrConfig) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := New(Config{Identity: id, Door: Door{Rendezvous: "meet"}}); !errors.Is(err, client.ErrConfig) {
		t.Errorf("no URL: %v", err)
	}
	for name, cfg := range map[string]HelperConfig{
		"no identity":    {Rendezvous: "https://meet.example.org"},
		"negative rooms": {Rendezvous: "https://meet.example.org", Identity: id, MaxRooms: -1},
	} {
		if _, err := NewHelper(cfg); !errors.Is(err, ErrConfig) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if n, err := New(Config{Identity: id, Door: door}); err != nil || n.cfg.Name != DefaultName {
		t.Errorf("New = %v", err)
	}
}
