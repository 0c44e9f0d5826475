package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/parley-mesh/parley/node"
	"github.com/parley-mesh/parley/node/session"
	"github.com/parley-mesh/parley/pkg/identity"
	"github.com/parley-mesh/parley/pkg/meeting"
	"github.com/parley-mesh/parley/pkg/protocol"
)

// A room that nobody in it can carry calls for a helper, which comes back after
// a restart of the rendezvous.
func TestHelper(t *testing.T) {
	t.Parallel()
	id := identity.FromSeed([32]byte{99})
	l := start(t, id.PeerID())
	key := filepath.Join(t.TempDir(), "key")
	pem, err := id.MarshalPEM()
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(key, pem, 0o600); err != nil {
		t.Fatal(err)
	}
	helper := begin(t, "helper", "--rendezvous", l.url, "--uplink", "1G", "--json", "--identity", key)
	helper.event("helping", nil)

	two := 2
	made := createIn(t, l, &meeting.PolicyPatch{MeshMax: &two})
	var members []*member
	for seed := range byte(3) {
		members = append(members, takePart(t, made.Invitation, seed+1, func(c *node.Config) { c.NeverSFU = true }))
	}
	called := helper.event("serving", nil)
	if called["meeting_id"] != made.MeetingID.String() {
		t.Errorf("called to %v", called["meeting_id"])
	}
	for _, m := range members {
		next(m, func(e session.Topology) bool { return e.Topology == protocol.TopologyStar && e.SFU == id.PeerID() })
	}
	l.end()
	helper.event("away", nil)
	l.run(l.address)
	helper.event("helping", nil)
	if code := helper.end(); code != exitDone {
		t.Errorf("exit code %d: %s", code, helper.errs)
	}
	for _, m := range members {
		m.leave()
	}
}
