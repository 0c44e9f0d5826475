package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/parley-mesh/parley/node"
	"github.com/parley-mesh/parley/node/session"
	"github.com/parley-mesh/parley/pkg/identity"
	"github.com/parley-mesh/parley/pkg/meeting"
	"github.com/parley-mesh/parley/pkg/protocol"
)

// keyOf is the key file of an identity.
func keyOf(t *testing.T, seed byte) string {
	t.Helper()
	pem, err := identity.FromSeed([32]byte{seed}).MarshalPEM()
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "key")
	if err := os.WriteFile(path, pem, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// order writes a command, and waits for its answer.
func (c *command) order(answer, command, more string) map[string]any {
	c.t.Helper()
	if _, err := fmt.Fprintf(c.in, "{\"command\":%q%s}\n", command, more); err != nil {
		c.t.Fatal(err)
	}
	return c.event(answer, func(e map[string]any) bool { return e["command"] == command })
}

// Guards hosts without a terminal: scripts and servers let in, send away, close
// and renew, and hear of each command how it went.
func TestCommandsOnStandardInput(t *testing.T) {
	t.Parallel()
	l := start(t)
	waiting := true
	made := createIn(t, l, &meeting.PolicyPatch{WaitingRoom: &waiting})
	host := begin(t, "join", made.Invitation.String(), "--json", "--identity", keyOf(t, 1))
	host.event("joined", nil)
	quiet := func(c *node.Config) { c.Network.NoOverlay, c.Network.Loopback = true, true }
	asks := func(m *member) string {
		id := string(m.ID())
		host.event("roster", func(e map[string]any) bool {
			list, _ := e["waiting"].([]any)
			return len(list) == 1 && list[0].(map[string]any)["id"] == id
		})
		return fmt.Sprintf(`,"participant":%q`, id)
	}
	guest := takePart(t, made.Invitation, 7, quiet)
	whom := asks(guest)
	if e := host.order("done", "admit", whom); e["participant"] != string(guest.ID()) {
		t.Errorf("answered by %v", e)
	}
	next[session.Joined](guest, nil)
	denied := takePart(t, made.Invitation, 8, quiet)
	host.order("done", "deny", asks(denied))
	for range denied.Events() {
	}
	if err := <-denied.done; err == nil || exitCode(err) != exitRefused {
		t.Errorf("who was denied: %v", err)
	}

	host.order("done", "lock", "")
	host.order("done", "unlock", "")
	host.order("done", "entry", `,"entry":"invitation"`)
	renewed := host.order("done", "renew", "")
	link, _ := renewed["invitation_link"].(string)
	if inv, err := meeting.ParseInvitation(link); err != nil || inv.Secret == nil || renewed["password"] == made.Password {
		t.Errorf("renewed is %v, %v", renewed, err)
	}

	for _, wrong := range []struct{ command, more, says string }{
		{"admit", whom, "nobody with that ID waits"},
		{"deny", "", "nobody with that ID waits"},
		{"remove", fmt.Sprintf(`,"participant":%q`, denied.ID()), "nobody with that ID is in the meeting"},
		{"entry", `,"entry":"whoever"`, "any or invitation"},
		{"dance", "", "no such command"},
	} {
		if e := host.order("error", wrong.command, wrong.more); !strings.Contains(e["detail"].(string), wrong.says) {
			t.Errorf("%s%s: %v", wrong.command, wrong.more, e["detail"])
		}
	}
	for _, wrong := range []string{"lock", `{"command":"lock","of":1}`, `{"command":"lock"}{}`, `["lock"]`, `{"command":"` + strings.Repeat("x", 3*maxOrder) + `"}`} {
		if _, err := fmt.Fprintln(host.in, wrong); err != nil {
			t.Fatal(err)
		}
		host.event("error", func(e map[string]any) bool { return strings.HasPrefix(e["detail"].(string), "a command ") })
	}

	host.order("done", "remove", whom+`,"ban":true`)
	for range guest.Events() {
	}
	if err := <-guest.done; err == nil || exitCode(err) != exitRefused {
		t.Errorf("who was removed: %v", err)
	}
	if err := host.in.Close(); err != nil { // and the stay goes on
		t.Fatal(err)
	}
	if code := host.end(); code != exitDone {
		t.Errorf("exit code %d: %s", code, host.errs)
	}
}

// Guards the chair: a guest's commands do nothing, and say why.
func TestCommandsOfAGuest(t *testing.T) {
	t.Parallel()
	l := start(t)
	made := createIn(t, l, nil)
	host := takePart(t, made.Invitation, 1, nil)
	next[session.Joined](host, nil)
	guest := begin(t, "join", made.Invitation.String(), "--json")
	guest.event("roster", func(e map[string]any) bool { return len(e["participants"].([]any)) == 2 })
	for command, says := range map[string]string{"lock": "only who has the chair", "renew": "only the meeting's host"} {
		if e := guest.order("error", command, ""); !strings.Contains(e["detail"].(string), says) {
			t.Errorf("%s: %v", command, e)
		}
	}
	if code := guest.end(); code != exitDone {
		t.Errorf("exit code %d: %s", code, guest.errs)
	}
	host.leave()
}

// Guards the creator's own decision about who may come in: the rendezvous is told,
// and it is remembered here, where no rendezvous changes it.
func TestCreateWithEntry(t *testing.T) {
	t.Parallel()
	l := start(t)
	key := keyOf(t, 1)
	var out, errs bytes.Buffer
	if code := run(t.Context(), []string{"create", "--entry", "invitation", "--rendezvous", l.url, "--identity", key}, new(bytes.Buffer), &out, &errs); code != exitDone {
		t.Fatalf("exit code %d: %s", code, errs.String())
	}
	kept, err := keepBeside(key).read()
	if err != nil || len(kept.Meetings) != 1 || kept.Meetings[0].Entry != meeting.EntryInvitation {
		t.Fatalf("kept is %+v, %v", kept, err)
	}
	inv, err := meeting.ParseInvitation(kept.Meetings[0].Invitation)
	if err != nil {
		t.Fatal(err)
	}
	found, err := new(wire).client(t, l, 1).Meeting(t.Context(), kept.Meetings[0].ID)
	if err != nil || found.Policy.Entry != meeting.EntryInvitation || inv.Secret == nil {
		t.Errorf("the rendezvous has %+v, %v", found, err)
	}
	if code := run(t.Context(), []string{"create", "--entry", "whoever", "--rendezvous", l.url, "--identity", key}, new(bytes.Buffer), &out, &errs); code != exitUsage {
		t.Errorf("of another entry: exit code %d", code)
	}
}

// Guards a host at plain lines: who waits is told by name, and let in by it.
func TestCommandsInWords(t *testing.T) {
	t.Parallel()
	l := start(t)
	waiting := true
	made := createIn(t, l, &meeting.PolicyPatch{WaitingRoom: &waiting})
	host := begin(t, "join", made.Invitation.String(), "--identity", keyOf(t, 1))
	host.line("You are in as")
	says := func(words, answer string) {
		t.Helper()
		if _, err := fmt.Fprintln(host.in, words); err != nil {
			t.Fatal(err)
		}
		host.line(answer)
	}
	quiet := func(c *node.Config) { c.Network.NoOverlay, c.Network.Loopback = true, true }
	guest := takePart(t, made.Invitation, 7, quiet)
	host.line("Member 7 waits to be let in")
	says("admit Member 8", "nobody of that name")
	says("admit", "whom?")
	says("admit  Member 7 ", "Done: admit")
	next[session.Joined](guest, nil)
	host.line("Member 7 joined")
	says("lock", "Done: lock")
	says("unlock now", "nothing more")
	says("unlock", "Done: unlock")
	says("entry whoever", "any or invitation")
	says("dance", "no such command")
	says("renew", "There is a new invitation: "+l.url)
	says("ban Member 7", "Done: remove")
	for range guest.Events() {
	}
	if err := <-guest.done; err == nil || exitCode(err) != exitRefused {
		t.Errorf("who was removed: %v", err)
	}
	if code := host.end(); code != exitDone {
		t.Errorf("exit code %d: %s", code, host.errs)
	}
}

// Guards against a command that means one of two.
func TestFind(t *testing.T) {
	t.Parallel()
	var among []protocol.Participant
	for seed, name := range []string{"Bo", "Bo", "Cleo\x1b", ""} {
		p := protocol.Participant{ID: identity.FromSeed([32]byte{byte(seed)}).PeerID()}
		p.Presence.Name = name
		among = append(among, p)
	}
	if _, err := find("Bo", among); err == nil || !strings.Contains(err.Error(), string(among[0].ID)) || !strings.Contains(err.Error(), string(among[1].ID)) {
		t.Errorf("Bo: %v", err)
	}
	if id, err := find(string(among[1].ID), among); err != nil || id != among[1].ID {
		t.Errorf("by ID: %s, %v", id, err)
	}
	if id, err := find("Cleo", among); err != nil || id != among[2].ID {
		t.Errorf("Cleo: %s, %v", id, err)
	}
}
