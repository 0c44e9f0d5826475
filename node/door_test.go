package node

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/parley-mesh/parley/pkg/meeting"
	"github.com/parley-mesh/parley/pkg/protocol"
)

func TestParseDoor(t *testing.T) {
	t.Parallel()
	token, secret := strings.Repeat("A", 43), strings.Repeat("B", 42)+"A"
	kept, err := meeting.ParseSecret(secret)
	if err != nil {
		t.Fatal(err)
	}
	byToken := Door{Rendezvous: "https://meet.example.org", Join: protocol.JoinRequest{InvitationToken: token}}
	whole := byToken
	whole.Secret = &kept
	byID := Door{Rendezvous: "https://meet.example.org", Join: protocol.JoinRequest{MeetingID: "482-913-006", Password: "123456"}}
	for _, test := range []struct {
		where, rendezvous, password string
		want                        Door
	}{
		{"https://meet.example.org/join/" + token + "#" + secret, "", "", whole},
		{" https://meet.example.org/join/" + token + "/ ", "", "", byToken},
		{"meet.example.org/join/" + token + "#" + secret, "https://other.example.org", "123456", whole},
		{"482-913-006", "https://meet.example.org", "123456", byID},
		{" 482913006", "https://meet.example.org", "123456", byID},
	} {
		got, err := ParseDoor(test.where, test.rendezvous, test.password)
		if err != nil {
			t.Errorf("ParseDoor(%q): %v", test.where, err)
		}
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("ParseDoor(%q): %s", test.where, diff)
		}
		if said := fmt.Sprintf("%+v %#v", got, got); strings.Contains(said, secret) {
			t.Errorf("ParseDoor(%q) prints its secret: %s", test.where, said)
		}
	}
	for _, test := range []struct {
		where, rendezvous, password string
		want                        error
	}{
		{"", "", "", meeting.ErrNotInvitation},
		{"https://zoom.example.com/j/93817363846?pwd=abc", "", "", meeting.ErrNotInvitation},
		{"https://meet.example.org/join", "", "", meeting.ErrNoToken},
		{"https://meet.example.org/join/abc", "", "", meeting.ErrBrokenToken},
		{"https://meet.example.org/join/" + token + "#abc", "", "", meeting.ErrBrokenSecret},
		{"482-913-00", "https://meet.example.org", "123456", meeting.ErrID},
		{"482-913-006", "", "123456", ErrDoor},
		{"482-913-006", "https://meet.example.org", "", ErrDoor},
		{strings.Repeat("x", 5000), "", "", meeting.ErrNotInvitation},
	} {
		_, err := ParseDoor(test.where, test.rendezvous, test.password)
		if !errors.Is(err, test.want) || !errors.Is(err, ErrDoor) {
			t.Errorf("ParseDoor(%q): %v, want %v", test.where, err, test.want)
		}
		if err != nil && (strings.Contains(err.Error(), token) || strings.Contains(err.Error(), secret)) {
			t.Errorf("the token is in %v", err)
		}
	}
}
