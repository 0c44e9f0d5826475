package main

import (
	"crypto/rand"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/parley-mesh/parley/node"
	"github.com/parley-mesh/parley/pkg/client"
	"github.com/parley-mesh/parley/pkg/meeting"
)

// Guards the host against a rendezvous that names another: a meeting is known by
// its ID and by its invitation, and the note opens neither.
func TestMade(t *testing.T) {
	t.Parallel()
	keyFile := filepath.Join(t.TempDir(), "key")
	token := strings.Repeat("A", 43)
	inv, err := meeting.ParseInvitation("https://meet.example.org/join/" + token)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := meeting.NewSecret(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	inv.Secret = &secret
	made := client.Created{Invitation: inv}
	made.MeetingID, made.Password = "482913006", "391406"
	door := func(where, rendezvous string) node.Door {
		d, err := node.ParseDoor(where, rendezvous, "391406")
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	link := door(inv.String(), "")
	if is, err := isMade(keyFile, link); is || err != nil {
		t.Errorf("before any was made: %v, %v", is, err)
	}
	for range 2 {
		if err := noteMade(keyFile, made); err != nil {
			t.Fatal(err)
		}
	}
	for _, test := range []struct {
		name string
		door node.Door
		want bool
	}{
		{"its invitation", link, true},
		{"its ID", door("482-913-006", "https://meet.example.org/"), true},
		{"the ID elsewhere", door("482-913-006", "https://other.example.org"), false},
		{"another ID", door("482-913-007", "https://meet.example.org"), false},
		{"another invitation", door("https://meet.example.org/join/"+strings.Repeat("B", 42)+"A", ""), false},
	} {
		if is, err := isMade(keyFile, test.door); is != test.want || err != nil {
			t.Errorf("%s: %v, %v", test.name, is, err)
		}
	}
	note, err := os.ReadFile(keyFile + madeSuffix)
	if err != nil {
		t.Fatal(err)
	}
	for _, hidden := range []string{token, secret.Reveal(), made.Password} {
		if strings.Contains(string(note), hidden) {
			t.Error("the note holds what opens the meeting")
		}
	}
	if info, err := os.Stat(keyFile + madeSuffix); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
}
