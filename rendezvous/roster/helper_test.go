package roster

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/parley-mesh/parley/pkg/identity"
	"github.com/parley-mesh/parley/pkg/meeting"
	"github.com/parley-mesh/parley/pkg/protocol"
)

// enterHelper brings in a helper that was called.
func (b *bench) enterHelper(name string) Conn {
	b.t.Helper()
	h := hello(name)
	h.Kind = protocol.KindHelper
	return b.enterWith(Claims{ID: peer(name), Via: protocol.ViaPassword, Helper: true, Issued: b.now}, h)
}

// calls is whom the latest calls for helpers left out.
func (b *bench) calls() (except [][]identity.PeerID) {
	for _, out := range b.kept {
		if call, ok := out.(Call); ok {
			except = append(except, call.Except)
		}
	}
	b.kept = nil
	return except
}

func sortedPeers(names ...string) []identity.PeerID {
	var out []identity.PeerID
	for _, name := range names {
		out = append(out, peer(name))
	}
	slices.Sort(out)
	return out
}

// Guards what a helper is: let in whatever keeps others out, in nobody's place,
// told what everybody is told, and never in the chair.
func TestHelper(t *testing.T) {
	t.Parallel()
	m := testMeeting()
	m.Policy.Capacity, m.Policy.WaitingRoom, m.Policy.Locked, m.Policy.Entry = 2, true, true, meeting.EntryInvitation
	b := newBench(t, m)
	host := b.enter("host")
	helper := b.enterHelper("helper")
	w := last[protocol.Welcome](b, helper)
	if w.Waiting || len(w.Roster) != 2 || w.Self.Kind != protocol.KindHelper || w.Self.Role != protocol.RoleParticipant {
		t.Fatalf("welcomed with %+v", w)
	}
	if got := last[protocol.Joined](b, host).Participant; got.ID != peer("helper") || got.Kind != protocol.KindHelper {
		t.Errorf("the host is told of %+v", got)
	}
	if b.room.Inside() != 1 || len(b.room.Roster()) != 2 {
		t.Errorf("%d inside, %d in the roster", b.room.Inside(), len(b.room.Roster()))
	}
	b.say(host, protocol.Lock{Locked: false})
	m.Policy.WaitingRoom, m.Policy.Locked = false, false
	b.step(Change{Meeting: m})
	second := b.enter("second")
	last[protocol.Welcome](b, second) // two of two: the helper has nobody's place
	third := b.enter("third")
	if bye := last[protocol.Bye](b, third); bye.Code != protocol.CodeFull {
		t.Errorf("the third of two: %+v", bye)
	}
	b.say(host, protocol.SetRole{ID: peer("helper"), Role: protocol.RoleCoHost})
	if got := last[protocol.Refusal](b, host); got.Code != protocol.CodeInvalid {
		t.Errorf("a helper becomes co-host: %+v", got)
	}
	b.say(second, protocol.Leave{})
	b.say(host, protocol.Leave{})
	b.say(helper, protocol.Lock{Locked: true})
	if got := last[protocol.Refusal](b, helper); got.Code != protocol.CodeHostOnly {
		t.Errorf("a helper alone has the chair: %+v", got)
	}
	// It comes back by its resume ticket like everybody, as a helper and not else.
	b.step(Disconnected{Conn: helper})
	claims := b.claims(w)
	if !claims.Helper {
		t.Fatal("the resume ticket of a helper is anybody's")
	}
	asBrowser := hello("helper")
	asBrowser.Session = w.Self.Session
	if bye := last[protocol.Bye](b, b.enterWith(claims, asBrowser)); bye.Why != protocol.ByeProtocol || bye.Code != protocol.CodeInvalid {
		t.Errorf("a helper comes back as a browser: %+v", bye)
	}
	back := asBrowser
	back.Kind = protocol.KindHelper
	if got := last[protocol.Welcome](b, b.enterWith(claims, back)); !got.Resumed && got.Self.N != w.Self.N {
		t.Errorf("%+v", got)
	}
}

// Guards the kind in both directions, and identities that are in already.
func TestHelperTickets(t *testing.T) {
	t.Parallel()
	b := newBench(t, testMeeting())
	b.enter("host")
	as := func(name string, kind protocol.ParticipantKind, helper bool) *protocol.Bye {
		h := hello(name)
		h.Kind = kind
		conn := b.enterWith(Claims{ID: peer(name), Via: protocol.ViaInvitation, Helper: helper, Issued: b.now}, h)
		if bye, ok := b.got[conn][len(b.got[conn])-1].(protocol.Bye); ok {
			return &bye
		}
		return nil
	}
	for _, c := range []struct {
		name    string
		kind    protocol.ParticipantKind
		helper  bool
		refused protocol.ByeWhy
	}{
		{"a", protocol.KindHelper, false, protocol.ByeProtocol},
		{"b", protocol.KindBrowser, true, protocol.ByeProtocol},
		{"c", protocol.KindNode, true, protocol.ByeProtocol},
		{"host", protocol.KindHelper, true, protocol.ByeDenied},
		{"d", protocol.KindHelper, true, ""},
		{"d", protocol.KindNode, false, protocol.ByeDenied},
		{"d", protocol.KindHelper, true, ""}, // a restarted helper
	} {
		bye := as(c.name, c.kind, c.helper)
		if (bye == nil) != (c.refused == "") || bye != nil && bye.Why != c.refused {
			t.Errorf("%s as %s, helper's ticket %v: %+v", c.name, c.kind, c.helper, bye)
		}
	}
	for i := range MaxHelpers - 1 {
		if bye := as(fmt.Sprint("h", i), protocol.KindHelper, true); bye != nil {
			t.Fatalf("helper %d: %+v", i, bye)
		}
	}
	if bye := as("one more", protocol.KindHelper, true); bye == nil || bye.Code != protocol.CodeFull {
		t.Errorf("more helpers than there may be: %+v", bye)
	}
}

// Guards who may call, how often, and that who was sent away is not fetched back.
func TestCallHelper(t *testing.T) {
	t.Parallel()
	b := newBench(t, testMeeting())
	host, other := b.enter("host"), b.enter("other")
	b.enterHelper("gone")
	b.enterHelper("here")
	b.say(host, protocol.Remove{ID: peer("gone")})
	b.calls()
	b.say(other, protocol.CallHelper{})
	if got := last[protocol.Refusal](b, other); got.Code != protocol.CodeHostOnly || b.calls() != nil {
		t.Fatalf("a participant calls: %+v", got)
	}
	b.say(host, protocol.CallHelper{})
	want := [][]identity.PeerID{sortedPeers("host", "other", "here", "gone")}
	if diff := cmp.Diff(want, b.calls()); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	for range MaxCalls - 1 {
		b.wait(time.Second)
		b.say(host, protocol.CallHelper{})
	}
	if got := len(b.calls()); got != MaxCalls-1 {
		t.Fatalf("%d calls", got)
	}
	b.say(host, protocol.CallHelper{})
	got := last[protocol.Refusal](b, host)
	if got.Code != protocol.CodeTooManyRequests || got.RetryAfter < 1 || got.RetryAfter > int(CallsWithin/time.Second) || b.calls() != nil {
		t.Fatalf("too many: %+v", got)
	}
	for range got.RetryAfter {
		b.wait(time.Second)
		b.step(Receive{Conn: host, Frame: protocol.Ping{}})
	}
	b.say(host, protocol.CallHelper{})
	if len(b.calls()) != 1 {
		t.Error("refused after the time that it was told")
	}
}

// last returns the latest frame of a type that a socket got.
func last[F protocol.ServerFrame](b *bench, c Conn) F {
	b.t.Helper()
	for _, frame := range slices.Backward(b.got[c]) {
		if f, ok := frame.(F); ok {
			return f
		}
	}
	b.t.Fatalf("no %T came", *new(F))
	return *new(F)
}
