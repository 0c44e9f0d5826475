package e2ee

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/parley-mesh/parley/pkg/protocol"
)

// boxVectors are boxes that come to Ben, who has the epoch, in this order.
type boxVectors struct {
	Grant protocol.Grant `json:"grant"`
	Boxes []boxVector    `json:"boxes"`
}

type boxVector struct {
	Says     string            `json:"says"`
	From     string            `json:"from"` // of people.json
	Box      string            `json:"box"`
	Messages []json.RawMessage `json:"messages,omitempty"`
	Fault    string            `json:"fault,omitempty"`
}

func flip(t testing.TB, box string, at int) string {
	t.Helper()
	b, ok := decode(box)
	if !ok {
		t.Fatal("no box")
	}
	if at < 0 {
		at += len(b)
	}
	b[at] ^= 1
	return strict.EncodeToString(b)
}

func makeBoxVectors(t *testing.T) boxVectors {
	people := named(t)
	ada, ben, cleo := people["ada"], people["ben"], people["cleo"]
	_, epoch := ringOf(ada, 50)
	v := boxVectors{Grant: epoch.Grant()}
	sealed := func(says, from, box, fault string, messages ...protocol.BoxMessage) {
		b := boxVector{Says: says, From: from, Box: box, Fault: fault}
		for _, m := range messages {
			text, err := protocol.EncodeBoxMessage(m)
			if err != nil {
				t.Fatal(err)
			}
			b.Messages = append(b.Messages, text)
		}
		v.Boxes = append(v.Boxes, b)
	}
	post := ada.mailbox()
	first := mustSeal(t, post, ben.session, epoch.Grant(), signal(1))
	sealed("altered in its enc", "ada", flip(t, first, 100), "altered")
	sealed("said to be Cleo's", "cleo", first, "altered")
	sealed("the first, with the epoch", "ada", first, "", epoch.Grant(), signal(1))
	sealed("again", "ada", first, "replayed")
	sealed("with spare bits", "ada", first[:len(first)-1]+"-", "altered")
	second := mustSeal(t, post, ben.session, signal(2))
	third := mustSeal(t, post, ben.session, letter(ada, "{}"))
	sealed("the third before the second", "ada", third, "", letter(ada, "{}"))
	sealed("altered at its end", "ada", flip(t, second, -1), "altered")
	sealed("altered in its counter", "ada", flip(t, second, 1+encSize+5), "altered")
	sealed("the second", "ada", second, "", signal(2))
	sealed("for Cleo", "ada", mustSeal(t, post, cleo.session, signal(1)), "altered")
	sealed("for Ben's next page", "ada", mustSeal(t, post, people["ben again"].session, signal(1)), "altered")
	again := mustSeal(t, ada.mailbox(), ben.session, signal(3))
	sealed("after Ada forgot Ben", "ada", again, "", signal(3))

	// Dan knows Ada's card and Ben's, as the rendezvous does.
	forger := NewMailbox(theMeeting, people["dan"].who, people["dan"].key, ada.session)
	sealed("sealed by Dan in Ada's name", "ada", mustSeal(t, forger, ben.session, signal(4)), "altered")
	foreign := NewMailbox(otherMeeting, ada.who, ada.key, ada.session)
	sealed("of another meeting", "ada", mustSeal(t, foreign, ben.session, signal(5)), "altered")
	eight := make([]protocol.BoxMessage, maxMessages)
	for i := range eight {
		eight[i] = signal(i + 10)
	}
	sealed("eight messages", "ada", mustSeal(t, post, ben.session, eight...), "", eight...)

	all, err := cleo.mailbox().SealAll(epoch, letter(cleo, "to all"))
	if err != nil {
		t.Fatal(err)
	}
	sealed("to everybody, said to be Ada's", "ada", all, "altered")
	sealed("to everybody", "cleo", all, "", letter(cleo, "to all"))
	sealed("to everybody, again", "cleo", all, "replayed")
	_, unknown := ringOf(ada, 51)
	lost, err := ada.mailbox().SealAll(unknown, letter(ada, "later"))
	if err != nil {
		t.Fatal(err)
	}
	sealed("to everybody, in an epoch that Ben lacks", "ada", lost, "no-epoch")
	sealed("empty", "ada", "", "altered")
	sealed("no base64url", "ada", "?", "altered")
	sealed("a version that is none", "ada", flip(t, flip(t, second, 0), 0)[:40], "altered")
	sealed("cut short", "ada", second[:len(second)/4*4-31], "altered") // no length of base64
	return v
}

// Guards Go and TypeScript reading each other, and everything that a rendezvous
// can do to a box.
func TestBoxVectors(t *testing.T) {
	t.Parallel()
	v := vectors(t, "boxes.json", func() boxVectors { return makeBoxVectors(t) })
	people := named(t)
	ring := NewRing(theMeeting)
	if _, err := ring.Take(start, v.Grant, anybody); err != nil {
		t.Fatal(err)
	}
	mailbox := people["ben"].mailbox()
	for _, b := range v.Boxes {
		messages, err := mailbox.Open(people[b.From].session, b.Box, ring)
		if fault(err) != b.Fault || len(messages) != len(b.Messages) {
			t.Errorf("%s: %v, %d messages", b.Says, err, len(messages))
			continue
		}
		for i, m := range messages {
			text, err := protocol.EncodeBoxMessage(m)
			if err != nil {
				t.Fatal(err)
			}
			if compact(t, text) != compact(t, b.Messages[i]) {
				t.Errorf("%s: got %s, want %s", b.Says, text, b.Messages[i])
			}
		}
	}
}

func compact(t *testing.T, raw []byte) string {
	t.Helper()
	var v any
	if err := json.Unmarshal(raw, &v); err != nil {
		t.Fatal(err)
	}
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// Guards the bounds: what a box cannot hold is refused before it is sealed, and
// nobody without a card is spoken to.
func TestMailboxRefuses(t *testing.T) {
	t.Parallel()
	ada, ben, _ := room(t)
	m := ada.mailbox()
	if _, err := m.Seal(ben.session); err != ErrMessages {
		t.Errorf("nothing: %v", err)
	}
	if _, err := m.Seal(ben.session, make([]protocol.BoxMessage, 9)...); err != ErrMessages {
		t.Errorf("nine: %v", err)
	}
	long := protocol.Offer{Ends: protocol.LinkEnds{Link: "AAAAAAAAAAAAAAAAAAAAAA", To: 1}, SDP: strings.Repeat("x", 30<<10)}
	if _, err := m.Seal(ben.session, long, long); err == nil {
		t.Error("a box larger than a box")
	}
	if _, err := m.Seal(ben.session, long); err != nil {
		t.Errorf("one long offer: %v", err)
	}
	if _, err := m.Seal(Session{ID: ben.id()}, signal(1)); err != ErrCard {
		t.Errorf("to nobody's card: %v", err)
	}
	if _, err := m.Open(Session{ID: ben.id()}, mustSeal(t, ben.mailbox(), ada.session, signal(1)), nil); err != ErrCard {
		t.Errorf("from nobody's card: %v", err)
	}
	if _, err := m.SealAll(nil, letter(ada, "")); err != ErrNoEpoch {
		t.Errorf("to everybody without an epoch: %v", err)
	}
	_, epoch := ringOf(ada, 50)
	if _, err := m.SealAll(epoch, signal(1)); err != ErrMessages {
		t.Errorf("a signal to everybody: %v", err)
	}
	epoch.erase()
	if _, err := m.SealAll(epoch, letter(ada, "{}")); err != ErrNoEpoch {
		t.Errorf("in an erased epoch: %v", err)
	}
}

// Guards memory: who reloads, or forgets, again and again keeps four paths.
func TestMailboxKeepsFourPaths(t *testing.T) {
	t.Parallel()
	ada, ben, _ := room(t)
	to := ben.mailbox()
	var boxes []string
	for i := range maxPaths + 2 {
		box := mustSeal(t, ada.mailbox(), ben.session, signal(i+1))
		boxes = append(boxes, box)
		if _, err := to.Open(ada.session, box, nil); err != nil {
			t.Fatal(err)
		}
	}
	if n := len(to.in[ada.session.Fingerprint].paths); n != maxPaths {
		t.Errorf("%d paths are kept", n)
	}
	if _, err := to.Open(ada.session, boxes[len(boxes)-1], nil); err != ErrReplayed {
		t.Errorf("the newest again: %v", err)
	}
	to.Forget(ada.session.Fingerprint)
	if to.Heard(ada.session) {
		t.Error("a forgotten session was heard")
	}
}

// Guards the window: what is late is taken once, what is too late is not.
func TestMailboxWindow(t *testing.T) {
	t.Parallel()
	ada, ben, _ := room(t)
	from, to := ada.mailbox(), ben.mailbox()
	var boxes []string
	for i := range 1100 {
		boxes = append(boxes, mustSeal(t, from, ben.session, signal(i+1)))
	}
	for _, step := range []struct {
		box  int
		want error
	}{{1099, nil}, {76, nil}, {75, ErrReplayed}, {76, ErrReplayed}, {1098, nil}, {1099, ErrReplayed}} {
		if _, err := to.Open(ada.session, boxes[step.box], nil); err != step.want {
			t.Errorf("box %d: %v, want %v", step.box, err, step.want)
		}
	}
}

// Guards secrets in logs: however they are printed.
func TestKeysPrintAsPlaceholders(t *testing.T) {
	t.Parallel()
	ada, _, _ := room(t)
	_, epoch := ringOf(ada, 50)
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%x", "%q", "%d"} {
		out := fmt.Sprintf(strings.Repeat(verb+" ", 4), *theMember(t), theMember(t), ada.key, epoch)
		if len(out) > 80 || strings.Contains(out, "323232") || strings.Contains(out, "50 50") {
			t.Errorf("%s prints %s", verb, out)
		}
	}
}
