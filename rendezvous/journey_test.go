package rendezvous_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/parley-mesh/parley/pkg/client"
	"github.com/parley-mesh/parley/pkg/meeting"
	"github.com/parley-mesh/parley/pkg/protocol"
	"github.com/parley-mesh/parley/rendezvous"
)

// Guards the whole: create, look, join both ways, speak, change, end.
func TestMeetingFromEndToEnd(t *testing.T) {
	t.Parallel()
	s := start(t, nil)
	host, guest, third := s.person(1), s.person(2), s.person(3)
	made := s.create(host, protocol.CreateRequest{Title: "Grüße"})
	byToken := protocol.JoinRequest{InvitationToken: made.Invitation.Token.Reveal()}

	shown, err := guest.Invitation(t.Context(), made.Invitation.Token)
	if err != nil || shown.Password != made.Password || shown.Title != "Grüße" || shown.Inside != 0 || shown.MeetingID != made.MeetingID {
		t.Fatalf("the invitation shows %+v, %v", shown, err)
	}
	h := s.enter(host, byToken)
	if w := until(h, any1[client.Opened]).Welcome; w.Self.Role != protocol.RoleHost || w.Self.Via != protocol.ViaInvitation || w.Title != "Grüße" {
		t.Errorf("the host's welcome: %+v", w)
	}
	g := s.enter(guest, protocol.JoinRequest{MeetingID: made.MeetingID.String(), Password: made.Password})
	if w := until(g, any1[client.Opened]).Welcome; len(w.Roster) != 2 || w.Self.Via != protocol.ViaPassword || w.Self.Role != protocol.RoleParticipant {
		t.Errorf("the guest's welcome: %+v", w)
	}
	until(h, any1[protocol.Joined])
	if err := g.Send(protocol.SendSignal{To: h.id, Box: "offer"}); err != nil {
		t.Fatal(err)
	}
	if got := until(h, any1[protocol.Signal]); got.From != g.id || got.Box != "offer" {
		t.Errorf("the host got %+v", got)
	}

	mine, err := host.MyMeetings(t.Context(), "")
	if err != nil || len(mine.Meetings) != 1 || mine.Meetings[0].Participants != 2 {
		t.Errorf("my meetings: %+v, %v", mine, err)
	}
	shown, err = third.Invitation(t.Context(), made.Invitation.Token)
	if err != nil || shown.Inside != 2 || len(shown.Names) != 2 {
		t.Errorf("the invitation shows %+v, %v", shown, err)
	}

	locked := true
	if _, err := host.Change(t.Context(), made.MeetingID, protocol.ChangeRequest{Policy: &meeting.PolicyPatch{Locked: &locked}}); err != nil {
		t.Fatal(err)
	}
	if p := until(g, any1[protocol.PolicyChanged]); !p.Policy.Locked {
		t.Errorf("the guest was told %+v", p)
	}
	var refused *client.Refused
	if _, err := third.Join(t.Context(), byToken); !errors.As(err, &refused) || refused.Code() != protocol.CodeLocked {
		t.Errorf("joining a locked meeting: %v", err)
	}
	if err := h.Send(protocol.Lock{Locked: false}); err != nil {
		t.Fatal(err)
	}
	until(g, func(p protocol.PolicyChanged) bool { return !p.Policy.Locked })
	if now, err := host.Meeting(t.Context(), made.MeetingID); err != nil || now.Policy.Locked || now.Participants != 2 {
		t.Errorf("the record says %+v, %v", now, err)
	}

	if err := host.Delete(t.Context(), made.MeetingID); err != nil {
		t.Fatal(err)
	}
	if why := g.bye().Why; why != protocol.ByeEnded {
		t.Errorf("the guest was told %q", why)
	}
	if _, err := third.Join(t.Context(), byToken); !errors.As(err, &refused) || refused.Code() != protocol.CodeInvitationNotFound {
		t.Errorf("joining a deleted meeting: %v", err)
	}
}

// Guards expiry: it ends a running room, and the meeting is gone.
func TestExpiryEndsTheRoom(t *testing.T) {
	t.Parallel()
	s := start(t, nil)
	host := s.person(1)
	expires := time.Now().Add(1500 * time.Millisecond)
	made := s.create(host, protocol.CreateRequest{ExpiresAt: &expires})
	h := s.enter(host, protocol.JoinRequest{InvitationToken: made.Invitation.Token.Reveal()})
	until(h, any1[client.Opened])
	if why := h.bye().Why; why != protocol.ByeEnded {
		t.Errorf("the host was told %q", why)
	}
	var refused *client.Refused
	if _, err := host.Meeting(t.Context(), made.MeetingID); !errors.As(err, &refused) || refused.Code() != protocol.CodeMeetingNotFound {
		t.Errorf("looking at it: %v", err)
	}
}

// Guards an invitation that was handed to the wrong people: renewed, it and its
// password stop working at once.
func TestRenewedInvitation(t *testing.T) {
	t.Parallel()
	s := start(t, nil)
	host, guest := s.person(1), s.person(2)
	made := s.create(host, protocol.CreateRequest{})
	renewed, err := host.RenewInvitation(t.Context(), made.MeetingID, protocol.RenewRequest{})
	if err != nil {
		t.Fatal(err)
	}
	var refused *client.Refused
	if _, err := guest.Join(t.Context(), protocol.JoinRequest{InvitationToken: made.Invitation.Token.Reveal()}); !errors.As(err, &refused) || refused.Code() != protocol.CodeInvitationNotFound {
		t.Errorf("the old invitation: %v", err)
	}
	if _, err := guest.Join(t.Context(), protocol.JoinRequest{MeetingID: made.MeetingID.String(), Password: made.Password}); !errors.As(err, &refused) || refused.Code() != protocol.CodeIncorrectPassword {
		t.Errorf("the old password: %v", err)
	}
	if shown, err := guest.Invitation(t.Context(), renewed.Invitation.Token); err != nil || shown.Password != renewed.Password {
		t.Errorf("the new invitation: %+v, %v", shown, err)
	}
}

// Guards a planned restart: everybody is told, and comes back as who they were.
func TestShutdownAndBack(t *testing.T) {
	t.Parallel()
	s := start(t, nil)
	host := s.person(1)
	made := s.create(host, protocol.CreateRequest{})
	h := s.enter(host, protocol.JoinRequest{InvitationToken: made.Invitation.Token.Reveal()})
	before := until(h, any1[client.Opened]).Welcome.Self
	s.end()
	until(h, any1[client.Lost])
	_, address, _ := strings.Cut(s.url, "://localhost")
	s.start("127.0.0.1"+address, nil)
	after := until(h, any1[client.Opened]).Welcome
	if after.Resumed || after.Self != before {
		t.Errorf("came back as %+v, was %+v", after.Self, before)
	}
}

func TestConfigIsChecked(t *testing.T) {
	t.Parallel()
	for name, config := range map[string]rendezvous.Config{
		"no folder":          {},
		"no URL":             {PublicURLs: []string{"meet.example.com"}},
		"another scheme":     {PublicURLs: []string{"ftp://meet.example.com"}},
		"a path":             {PublicURLs: []string{"https://example.com/meet"}},
		"an address":         {Listen: "localhost"},
		"too many digits":    {PasswordDigits: 13},
		"half a certificate": {TLS: rendezvous.TLS{CertFile: "x"}},
	} {
		if name != "no folder" {
			config.DataDir = t.TempDir()
		}
		if _, err := rendezvous.New(context.Background(), config); !errors.Is(err, rendezvous.ErrConfig) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for given, want := range map[string]string{
		"https://Meet.Example.com:443/": "https://meet.example.com", "http://localhost:8080": "http://localhost:8080", "http://[::1]:80": "http://[::1]",
	} {
		if got, err := rendezvous.PublicURL(given); err != nil || got != want {
			t.Errorf("%s is %s, %v, want %s", given, got, err, want)
		}
	}
}
