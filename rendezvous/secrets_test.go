package rendezvous_test

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/parley-mesh/parley/pkg/client"
	"github.com/parley-mesh/parley/pkg/protocol"
	"github.com/parley-mesh/parley/rendezvous"
)

// Guards what must not be written: after a meeting with everything in it,
// neither the data folder's bytes nor the log hold a password, a token, a
// ticket, a bearer, an address, or even a title.
func TestNothingSecretIsWritten(t *testing.T) {
	t.Parallel()
	s := start(t, behindProxy)
	host, guest := s.person(1), s.person(2)
	const chosen, title, name = "correct horse battery", "Quarterly numbers of the orchard", "Somebody"
	made := s.create(host, protocol.CreateRequest{Title: title, Password: chosen})
	token := made.Invitation.Token.Reveal()
	if _, err := guest.Invitation(t.Context(), made.Invitation.Token); err != nil {
		t.Fatal(err)
	}
	bearer := s.bearer(3)
	s.call("POST", "/meetings/join", `{"meeting_id":"`+made.MeetingID.String()+`","password":"a wrong guess"}`, "Authorization", bearer, "X-Forwarded-For", "203.0.113.44")
	joined, err := guest.Join(t.Context(), protocol.JoinRequest{InvitationToken: token})
	if err != nil {
		t.Fatal(err)
	}
	r := s.dial()
	r.say(helloOf(joined))
	welcome := next[protocol.Welcome](r)
	bad := s.dial()
	broken := helloOf(joined)
	broken.Ticket = broken.Ticket[:len(broken.Ticket)-4] + "AAAA"
	bad.say(broken)
	next[protocol.Bye](bad)
	h := s.enter(host, protocol.JoinRequest{MeetingID: made.MeetingID.String(), Password: chosen})
	until(h, any1[client.Opened])
	if err := h.Send(protocol.Remove{ID: guest.Identity().PeerID(), Ban: true}); err != nil {
		t.Fatal(err)
	}
	next[protocol.Bye](r)
	renewed, err := host.RenewInvitation(t.Context(), made.MeetingID, protocol.RenewRequest{})
	if err != nil {
		t.Fatal(err)
	}
	s.end()

	secrets := map[string]string{
		"the password": chosen, "the made password": renewed.Password, "a wrong password": "a wrong guess",
		"the token": token, "the new token": renewed.InvitationToken, "the secret": made.Invitation.Secret.Reveal(),
		"the ticket": joined.Ticket, "the resume ticket": welcome.Resume.Ticket, "a bad ticket": broken.Ticket,
		"a bearer token": bearer, "an address": "203.0.113.44", "a network": "203.0.113",
		"the title": title, "a name": name,
	}
	logged := []byte(s.logs.String())
	for what, secret := range secrets {
		if what == "the made password" {
			continue // six digits are in some timestamp soon enough
		}
		if bytes.Contains(logged, []byte(secret)) {
			t.Errorf("%s is in the log:\n%s", what, logged)
		}
	}
	if !bytes.Contains(logged, []byte("/meetings/invitation/{token}")) {
		t.Errorf("the log names no routes:\n%s", logged)
	}
	files := 0
	err = filepath.WalkDir(s.dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		files++
		for what, secret := range secrets {
			if bytes.Contains(data, []byte(secret)) {
				t.Errorf("%s is in %s", what, filepath.Base(path))
			}
		}
		return nil
	})
	if err != nil || files < 3 {
		t.Errorf("%d files were searched, %v", files, err)
	}
}

// Guards meetings against a disk that fills: nothing new is stored, and all that
// exists goes on.
func TestFullDisk(t *testing.T) {
	t.Parallel()
	s := start(t, nil)
	made := s.create(s.person(1), protocol.CreateRequest{})
	s.end()
	s.start("127.0.0.1:0", func(c *rendezvous.Config) { c.DiskReserve = 1 << 60 }) // as good as no room at all
	var refused *client.Refused
	if _, err := s.person(1).Create(t.Context(), protocol.CreateRequest{Title: "One more"}); !errors.As(err, &refused) || refused.Code() != protocol.CodeStorage || refused.Problem.Status != 503 {
		t.Errorf("a creation: %v", err)
	}
	if page, err := s.person(1).MyMeetings(t.Context(), ""); err != nil || len(page.Meetings) != 1 {
		t.Errorf("my meetings: %+v, %v", page, err)
	}
	for seed, request := range map[byte]protocol.JoinRequest{
		1: {InvitationToken: made.Invitation.Token.Reveal()},
		2: {MeetingID: made.MeetingID.String(), Password: made.Password},
	} {
		p := s.enter(s.person(seed), request)
		until(p, any1[client.Opened])
	}
	if ready := s.call("GET", "/readyz", ""); ready.Status != 200 {
		t.Errorf("readyz: %d", ready.Status)
	}
}

// Guards two processes from writing over each other, and says what to do.
func TestFolderInUse(t *testing.T) {
	t.Parallel()
	s := start(t, nil)
	_, err := rendezvous.New(t.Context(), rendezvous.Config{Listen: "127.0.0.1:0", DataDir: s.dir})
	if err == nil {
		t.Fatal("the same folder twice")
	}
	if text := err.Error(); !bytes.Contains([]byte(text), []byte("another process holds")) {
		t.Errorf("said %q", text)
	}
}
