package roster

import (
	"testing"
	"time"

	"github.com/parley-mesh/parley/pkg/meeting"
	"github.com/parley-mesh/parley/pkg/protocol"
)

// Guards admission: who waits learns nothing, and nobody but the chair learns of
// them.
func TestWaitingRoom(t *testing.T) {
	t.Parallel()
	m := testMeeting()
	m.Policy.WaitingRoom = true
	b := newBench(t, m)
	early := b.enter("early")
	b.expect(early, "welcome waiting of 0")
	host := b.enter("host") // never waits
	b.expect(host, "welcome of 1, waiting 1")
	guest := b.enter("guest")
	b.expect(guest, "welcome waiting of 0")
	b.expect(host, "waiting 2")

	b.say(host, protocol.SendBroadcast{Box: "x"})
	b.say(guest, protocol.SendBroadcast{Box: "x"})
	b.say(guest, protocol.SendSignal{To: peer("host"), Box: "x"})
	b.say(guest, protocol.Admit{ID: peer("guest")})
	b.say(host, protocol.SendSignal{To: peer("guest"), Box: "x"})
	b.expect(guest, "refusal not-in-room, refusal not-in-room, refusal not-in-room")
	b.expect(host, "refusal not-in-room")
	b.say(guest, protocol.SetPresence{Presence: protocol.Presence{Name: "Guest"}})
	b.expect(host, "waiting 2")

	b.say(host, protocol.Admit{ID: peer("guest")})
	b.expect(guest, "welcome of 2")
	b.expect(host, "joined Guest, waiting 1")
	b.say(guest, protocol.Admit{ID: peer("early")})
	b.expect(guest, "refusal host-only")
	b.say(host, protocol.Deny{ID: peer("early")})
	b.expect(early, "bye denied")
	b.expect(host, "waiting 0")
	b.say(host, protocol.Deny{ID: peer("early")})
	b.expect(host, "refusal not-in-room")

	// A new policy holds at once: nobody waits any more.
	third := b.enter("third")
	b.take(host)
	b.take(third)
	m.Policy.WaitingRoom = false
	b.step(Change{Meeting: m})
	b.expect(third, "welcome of 3")
	b.expect(host, "policychanged, joined third, waiting 0")
}

// Guards against a kick that is undone by an automatic return.
func TestRemovedStaysOut(t *testing.T) {
	t.Parallel()
	for _, ban := range []bool{false, true} {
		b := newBench(t, testMeeting())
		host, guest := b.enter("host"), b.enter("guest")
		w := b.welcome(guest)
		b.take(host)
		b.take(guest)
		b.say(guest, protocol.Remove{ID: peer("host")})
		b.expect(guest, "refusal host-only")
		b.say(host, protocol.Remove{ID: peer("guest"), Ban: ban})
		want := "bye removed"
		if ban {
			want = "bye removed banned"
		}
		b.expect(guest, want)
		b.expect(host, "left removed")
		b.expect(b.resume("guest", w, 0), want)

		b.now = b.now.Add(time.Minute)
		b.reopen(testMeeting()) // and a restart does not forget it
		b.expect(b.resume("guest", w, 0), want)
		fresh := b.enter("guest")
		if ban {
			b.expect(fresh, want)
		} else {
			b.expect(fresh, "welcome of 1")
		}
	}
}

func TestLockAndEntry(t *testing.T) {
	t.Parallel()
	m := testMeeting()
	m.Policy.Entry = meeting.EntryInvitation
	b := newBench(t, m)
	host, guest := b.enter("host"), b.enter("guest")
	b.take(host)
	b.take(guest)
	b.expect(b.enterBy("other", protocol.ViaPassword), "bye denied invitation-only")
	b.say(host, protocol.Lock{Locked: true})
	b.expect(host, "policychanged")
	b.expect(guest, "policychanged")
	if len(b.kept) != 1 || b.kept[0] != (KeepLocked{Locked: true}) {
		t.Errorf("kept %v", b.kept)
	}
	b.expect(b.enter("other"), "bye denied locked")
	b.say(guest, protocol.Lock{})
	b.expect(guest, "refusal host-only")
	b.expect(b.enter("guest"), "welcome of 2") // a reload is nobody new
}

func TestCapacity(t *testing.T) {
	t.Parallel()
	m := testMeeting()
	m.Policy.Capacity = 2
	b := newBench(t, m)
	b.enter("host")
	guest := b.enter("guest")
	b.expect(b.enter("third"), "bye denied full")
	b.say(guest, protocol.Leave{})
	b.expect(b.enter("third"), "welcome of 2")
}

// Guards succession: the chair is where protocol.ActingHost says, with all its
// rights, and goes back to the host who returns.
func TestChairPasses(t *testing.T) {
	t.Parallel()
	m := testMeeting()
	m.Policy.WaitingRoom = true
	b := newBench(t, m)
	host, first := b.enter("host"), b.enter("first")
	b.say(host, protocol.Admit{ID: peer("first")})
	second := b.enter("second")
	b.say(host, protocol.Admit{ID: peer("second")})
	b.say(host, protocol.SetRole{ID: peer("second"), Role: protocol.RoleCoHost})
	waiting := b.enter("waiting")
	b.take(host)
	b.take(first)
	b.take(second)

	b.say(second, protocol.SetRole{ID: peer("first"), Role: protocol.RoleCoHost})
	b.expect(second, "refusal host-only")
	b.say(host, protocol.SetRole{ID: peer("first"), Role: protocol.RoleHost})
	b.say(host, protocol.SetRole{ID: peer("host"), Role: protocol.RoleCoHost})
	b.expect(host, "refusal invalid, refusal invalid")

	b.say(host, protocol.Leave{})
	b.expect(second, "left left, waiting 1")
	b.expect(first, "left left")
	back := b.enter("host")
	b.expect(back, "welcome of 3, waiting 1")
	b.expect(second, "joined host, waiting 0")
	b.say(second, protocol.Admit{ID: peer("waiting")})
	b.expect(second, "refusal host-only")
	b.expect(waiting, "welcome waiting of 0")

	// Co-host is remembered by the rendezvous, not by the ticket.
	b.reopen(m)
	c := b.enter("second")
	if got := b.welcome(c).Self.Role; got != protocol.RoleCoHost {
		t.Errorf("role %s after a restart", got)
	}
}

// Guards the host's ear: who has the chair, and only that one, hears of guessing.
func TestSuspensionIsForTheChair(t *testing.T) {
	t.Parallel()
	b := newBench(t, testMeeting())
	host, guest := b.enter("host"), b.enter("guest")
	b.take(host)
	b.take(guest)
	until := b.now.Add(time.Hour)
	b.step(Suspended{Until: until})
	b.expect(guest, "")
	got := b.take(host)
	if len(got) != 1 {
		t.Fatalf("host got %s", show(got))
	}
	p, ok := got[0].(protocol.PolicyChanged)
	if !ok || p.SuspendedUntil == nil || !p.SuspendedUntil.Equal(until) {
		t.Errorf("host got %+v", got[0])
	}
	b.say(host, protocol.Leave{})
	b.expect(guest, "left left, policychanged")
}

// Guards an admission that nobody heard: who comes back after it is told.
func TestAdmittedWhileAway(t *testing.T) {
	t.Parallel()
	m := testMeeting()
	m.Policy.WaitingRoom = true
	b := newBench(t, m)
	host, guest := b.enter("host"), b.enter("guest")
	w := b.welcome(guest)
	b.step(Disconnected{Conn: guest})
	b.say(host, protocol.Admit{ID: peer("guest")})
	b.take(host)
	b.say(host, protocol.SendBroadcast{Box: "x"})
	back := b.resume("guest", w, 0)
	b.expect(back, "welcome waiting resumed of 0, welcome of 2, broadcast x")
}
