package main

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/parley-mesh/parley/node"
	"github.com/parley-mesh/parley/node/session"
)

// A probe finds the rendezvous' relay, and the way to a member.
func TestProbe(t *testing.T) {
	t.Parallel()
	l := start(t)
	var out, errs bytes.Buffer
	key := t.TempDir() + "/key"
	if code := run(t.Context(), []string{"probe", "--rendezvous", l.url, "--identity", key}, new(bytes.Buffer), &out, &errs); code != exitDone {
		t.Fatalf("exit code %d: %s", code, errs.String())
	}
	for _, row := range []string{"Peer ID      12D3KooW", "Reachable    ", "NAT          ", "Relay        keeps a place for this node at /ip4/127.0.0.1/", "QUIC         works", "TCP          works"} {
		if !strings.Contains(out.String(), row) {
			t.Errorf("no %q in:\n%s", row, out.String())
		}
	}
	made := createIn(t, l, nil)
	m := takePart(t, made.Invitation, 7, nil)
	next[session.Joined](m, nil)
	out.Reset()
	if code := run(t.Context(), []string{"probe", made.Invitation.String(), "--for", "20s", "--json", "--identity", key}, new(bytes.Buffer), &out, &errs); code != exitDone {
		t.Fatalf("exit code %d: %s", code, errs.String())
	}
	var found node.Probed
	if err := json.Unmarshal(out.Bytes(), &found); err != nil {
		t.Fatalf("%v: %s", err, out.String())
	}
	if found.MeetingID != made.MeetingID || len(found.Peers) != 1 || len(found.Relays) == 0 {
		t.Fatalf("found %+v", found)
	}
	if p := found.Peers[0]; p.ID != m.ID() || p.Link != "direct" || p.Path == "" {
		t.Errorf("peer %+v", p)
	}
	m.leave()
	if code := run(t.Context(), []string{"probe", "--identity", key}, new(bytes.Buffer), &out, &errs); code != exitUsage {
		t.Errorf("exit code %d, want %d", code, exitUsage)
	}
}
