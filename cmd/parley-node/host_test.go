package main

import (
	"errors"
	"path/filepath"
	"slices"
	"testing"

	"github.com/parley-mesh/parley/node"
	"github.com/parley-mesh/parley/node/session"
	"github.com/parley-mesh/parley/pkg/client"
	"github.com/parley-mesh/parley/pkg/identity"
	"github.com/parley-mesh/parley/pkg/meeting"
	"github.com/parley-mesh/parley/pkg/protocol"
)

// Guards what a host decides against the real rendezvous, and across a restart by
// nothing but the meeting's ID: who may come in, the new invitation and who was
// inside by the one before, and who is out.
func TestAHostDecides(t *testing.T) {
	t.Parallel()
	l := start(t)
	made := createIn(t, l, nil)
	file := keepBeside(filepath.Join(t.TempDir(), "key"))
	if err := file.made(made, meeting.EntryAny); err != nil {
		t.Fatal(err)
	}
	quiet := func(c *node.Config) { c.Network.NoOverlay, c.Network.Loopback = true, true }
	hosting := func(c *node.Config) {
		quiet(c)
		is, err := file.isMade(c.Door)
		if !is || err != nil {
			t.Errorf("the host is not known as such: %v", err)
		}
		c.Host, c.Keep = is, file.behind(c.Door)
	}
	byID := func(password string) func(*node.Config) {
		return func(c *node.Config) {
			c.Door = doorTo(t, made.MeetingID.String(), l.url)
			c.Door.Join.Password = password
		}
	}
	w := newWatch(t)
	host := w.takePart(made.Invitation, 1, hosting)
	guest := w.takePart(made.Invitation, 2, quiet)
	knowing := w.takePart(made.Invitation, 3, func(c *node.Config) { quiet(c); byID(made.Password)(c) })
	w.await("all are there", func() bool { return len(host.State().People) == 3 && len(guest.State().People) == 3 })

	if err := host.SetEntry(t.Context(), meeting.EntryInvitation); err != nil {
		t.Fatal(err)
	}
	w.await("who has no invitation is out", func() bool { return !sees(host, knowing.ID()) && !sees(guest, knowing.ID()) })
	renewed, err := host.Renew(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	late := new(wire).client(t, l, 4)
	var refused *client.Refused
	if _, err := late.Join(t.Context(), protocol.JoinRequest{InvitationToken: made.Invitation.Token.Reveal()}); !errors.As(err, &refused) {
		t.Errorf("by the old invitation: %v", err)
	}
	host.Leave()
	if err := <-host.done; err != nil {
		t.Fatal(err)
	}

	again := w.takePart(made.Invitation, 1, func(c *node.Config) { byID(renewed.Password)(c); hosting(c) })
	newcomer := w.takePart(renewed.Invitation, 5, quiet)
	invited := []*member{again, guest, newcomer}
	w.await("all who are invited know it of each other", func() bool {
		return !slices.ContainsFunc(invited, func(m *member) bool {
			return slices.ContainsFunc(invited, func(o *member) bool { return !isInvited(m, o.ID()) })
		})
	})
	if again.State().Entry != meeting.EntryInvitation {
		t.Error("the host has forgotten who may come in")
	}
	if inv, known := again.Invitation(); !known || inv.String() != renewed.Invitation.String() {
		t.Error("the host has forgotten its invitation")
	}
	if err := again.Remove(guest.ID(), true); err != nil {
		t.Fatal(err)
	}
	var ended *client.Ended
	if err := <-guest.done; !errors.As(err, &ended) {
		t.Errorf("who was removed: %v", err)
	}
}

func sees(m *member, id identity.PeerID) bool {
	return slices.ContainsFunc(m.State().People, func(p session.Person) bool { return p.ID == id })
}

func isInvited(m *member, id identity.PeerID) bool {
	return slices.ContainsFunc(m.State().People, func(p session.Person) bool { return p.ID == id && p.Proved })
}
