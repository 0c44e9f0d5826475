package main

import (
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/parley-mesh/parley/node"
	"github.com/parley-mesh/parley/node/session"
	"github.com/parley-mesh/parley/pkg/client"
	"github.com/parley-mesh/parley/pkg/e2ee"
	"github.com/parley-mesh/parley/pkg/identity"
	"github.com/parley-mesh/parley/pkg/meeting"
)

func secretOf(t *testing.T) meeting.Secret {
	t.Helper()
	secret, err := meeting.NewSecret(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return secret
}

func doorTo(t *testing.T, where, rendezvous string) node.Door {
	t.Helper()
	d, err := node.ParseDoor(where, rendezvous, "391406")
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// creates is a meeting as its creator has it.
func creates(t *testing.T, letter string) client.Created {
	t.Helper()
	inv, err := meeting.ParseInvitation("https://meet.example.org/join/" + strings.Repeat(letter, 42) + "A")
	if err != nil {
		t.Fatal(err)
	}
	secret := secretOf(t)
	inv.Secret = &secret
	made := client.Created{Invitation: inv}
	made.MeetingID, made.Password = "482913006", "391406"
	return made
}

// Guards the host against a rendezvous that names another: a meeting is known by
// its ID and by its invitation. And others' meetings against who reads the file.
func TestMeetingsThatWereMadeHere(t *testing.T) {
	t.Parallel()
	file := keepBeside(filepath.Join(t.TempDir(), "key"))
	made := creates(t, "A")
	link := doorTo(t, made.Invitation.String(), "")
	if is, err := file.isMade(link); is || err != nil {
		t.Errorf("before any was made: %v, %v", is, err)
	}
	for range 2 {
		if err := file.made(made, meeting.EntryAny); err != nil {
			t.Fatal(err)
		}
	}
	others := doorTo(t, creates(t, "C").Invitation.String(), "")
	guest, err := file.behind(others)("482913007")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := guest.Change(func(k *session.Kept) { k.Entry = meeting.EntryInvitation }); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		name string
		door node.Door
		want bool
	}{
		{"its invitation", link, true},
		{"its ID", doorTo(t, "482-913-006", "https://meet.example.org/"), true},
		{"the ID elsewhere", doorTo(t, "482-913-006", "https://other.example.org"), false},
		{"another ID", doorTo(t, "482-913-008", "https://meet.example.org"), false},
		{"another invitation", doorTo(t, creates(t, "B").Invitation.String(), ""), false},
		{"another's meeting", others, false},
	} {
		if is, err := file.isMade(test.door); is != test.want || err != nil {
			t.Errorf("%s: %v, %v", test.name, is, err)
		}
	}
	note, err := os.ReadFile(string(file))
	if err != nil {
		t.Fatal(err)
	}
	for _, hidden := range []string{others.Join.InvitationToken, others.Secret.Reveal(), made.Password} {
		if strings.Contains(string(note), hidden) {
			t.Error("the file holds what opens another's meeting")
		}
	}
	if info, err := os.Stat(string(file)); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
}

// Guards what a host must know again after a restart, and against a rendezvous
// that leads around it by another meeting's ID.
func TestWhatIsRememberedOfAMeeting(t *testing.T) {
	t.Parallel()
	file := keepBeside(filepath.Join(t.TempDir(), "key"))
	made := creates(t, "A")
	if err := file.made(made, meeting.EntryInvitation); err != nil {
		t.Fatal(err)
	}
	door := doorTo(t, made.Invitation.String(), "")
	k, err := file.behind(door)(made.MeetingID)
	if err != nil {
		t.Fatal(err)
	}
	renewed := creates(t, "B").Invitation
	want, err := k.Change(func(k *session.Kept) {
		if k.Entry != meeting.EntryInvitation || k.Invitation == nil || *k.Invitation.Secret != *made.Invitation.Secret {
			t.Errorf("as it was made: %+v", k)
		}
		k.CardAt, k.Invitation = 1234, &renewed
		k.Former = []session.Former{{Secret: *made.Invitation.Secret, Members: []identity.PeerID{identity.FromSeed([32]byte{2}).PeerID()}}}
	})
	if err != nil {
		t.Fatal(err)
	}
	again, err := file.behind(doorTo(t, renewed.String(), ""))(made.MeetingID)
	if err != nil {
		t.Fatal(err)
	}
	got, err := again.Change(func(*session.Kept) {})
	reveal := cmp.Transformer("reveal", func(s meeting.Secret) string { return s.Reveal() })
	token := cmp.Transformer("token", func(s meeting.Token) string { return s.Reveal() })
	if diff := cmp.Diff(want, got, reveal, token); diff != "" || err != nil {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
	if _, err := file.behind(doorTo(t, renewed.String(), ""))("111111111"); !errors.Is(err, errElsewhere) {
		t.Errorf("its invitation leads elsewhere: %v", err)
	}
}

// Guards against a change that is lost between two processes, a file without end,
// and a damaged one that is overwritten, or keeps anybody out of a meeting.
func TestTheKeepFile(t *testing.T) {
	t.Parallel()
	file := keepBeside(filepath.Join(t.TempDir(), "key"))
	k, err := file.behind(doorTo(t, "482-913-006", "https://meet.example.org"))("482913006")
	if err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() {
			if _, err := k.Change(func(k *session.Kept) { k.CardAt++ }); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if now, err := k.Change(func(*session.Kept) {}); now.CardAt != 20 || err != nil {
		t.Errorf("%d of 20 changes are there, %v", now.CardAt, err)
	}

	var many kept
	many.find("https://meet.example.org", "482913006").Invitation = "mine"
	for i := range maxKept + 5 {
		many.find("https://meet.example.org", meeting.ID(fmt.Sprintf("%09d", i)))
	}
	if n := len(many.Meetings); n != maxKept || many.Meetings[0].Invitation != "mine" || many.Meetings[1].ID != "000000006" {
		t.Errorf("%d are kept, from %+v", n, many.Meetings[:2])
	}

	for _, damaged := range []string{"{", `{"meetings":[{"rendezvous":"https://meet.example.org","id":"482913006","entry":"whoever"}]}`} {
		if err := os.WriteFile(string(file), []byte(damaged), 0o600); err != nil {
			t.Fatal(err)
		}
		if now, err := k.Change(func(k *session.Kept) { k.CardAt = 7 }); !errors.Is(err, errKeep) || now.CardAt != 7 {
			t.Errorf("%d, %v", now.CardAt, err)
		}
		if left, err := os.ReadFile(string(file)); string(left) != damaged || err != nil {
			t.Errorf("%q is left, %v", left, err)
		}
	}
}

// Guards against a host that forgets its meeting when the file cannot be written.
func TestWhatWasReadIsKnownThoughItCannotBeWritten(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "home")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	file := keepBeside(filepath.Join(dir, "key"))
	made := creates(t, "A")
	if err := file.made(made, meeting.EntryInvitation); err != nil {
		t.Fatal(err)
	}
	k, err := file.behind(doorTo(t, made.Invitation.String(), ""))(made.MeetingID)
	if err != nil {
		t.Fatal(err)
	}
	known, err := k.Change(func(k *session.Kept) {
		k.CardAt = 7
		if err := os.RemoveAll(dir); err != nil { // it has been read, and cannot be written
			t.Error(err)
		}
	})
	if !errors.Is(err, errKeep) {
		t.Errorf("it was written: %v", err)
	}
	if known.CardAt != 7 || known.Entry != meeting.EntryInvitation || known.Invitation == nil || *known.Invitation.Secret != *made.Invitation.Secret {
		t.Errorf("known is %+v", known)
	}
	again, err := k.Change(func(k *session.Kept) { k.CardAt = 8 }) // nor read
	if err == nil || again.CardAt != 8 {
		t.Errorf("what cannot be read: %+v, %v", again, err)
	}
}

// Guards a guest who is started again after the host renewed the invitation: what
// the host gave is theirs by the meeting's ID and by the same link; by another one
// its secret counts. And a file that somebody spoiled.
func TestTheMembershipOfAGuest(t *testing.T) {
	t.Parallel()
	file := keepBeside(filepath.Join(t.TempDir(), "key"))
	link, other := creates(t, "A").Invitation.String(), creates(t, "B").Invitation.String()
	const id = meeting.ID("482913006")
	remembered := func(door node.Door) *e2ee.MembershipKey {
		t.Helper()
		k, err := file.behind(door)(id)
		if err != nil {
			t.Fatal(err)
		}
		now, err := k.Change(func(*session.Kept) {})
		if err != nil {
			t.Fatal(err)
		}
		return now.Membership
	}
	k, err := file.behind(doorTo(t, link, ""))(id)
	if err != nil {
		t.Fatal(err)
	}
	given := e2ee.NewMembershipKey(secretOf(t), id)
	if _, err := k.Change(func(k *session.Kept) { k.Membership = &given }); err != nil {
		t.Fatal(err)
	}
	for _, door := range []node.Door{doorTo(t, id.String(), "https://meet.example.org"), doorTo(t, link, "")} {
		if got := remembered(door); got == nil || !got.Equal(given) {
			t.Errorf("by %s: %v", door.Join.MeetingID, got)
		}
	}
	if got := remembered(doorTo(t, other, "")); got != nil {
		t.Error("it counts although another link led here")
	}
	if got := remembered(doorTo(t, link, "")); got != nil {
		t.Error("what was forgotten is back")
	}
	if _, err := k.Change(func(k *session.Kept) { k.Membership = &given }); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(string(file))
	if err != nil {
		t.Fatal(err)
	}
	spoiled := strings.Replace(string(text), given.Reveal(), "short", 1)
	if err := os.WriteFile(string(file), []byte(spoiled), 0o600); err != nil {
		t.Fatal(err)
	}
	if now, err := k.Change(func(*session.Kept) {}); !errors.Is(err, errKeep) || now.Membership != nil {
		t.Errorf("spoiled: %v, %v", now.Membership, err)
	}
}
