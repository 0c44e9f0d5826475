package e2ee

import (
	"testing"

	"github.com/parley-mesh/parley/pkg/identity"
	"github.com/parley-mesh/parley/pkg/meeting"
	"github.com/parley-mesh/parley/pkg/protocol"
)

type epochVector struct {
	Says   string          `json:"says"`
	Grant  protocol.Grant  `json:"grant"`
	Good   bool            `json:"good"`
	ID     string          `json:"id,omitempty"`
	Commit string          `json:"commit,omitempty"`
	Number int64           `json:"number,omitempty"`
	By     identity.PeerID `json:"by,omitempty"`
	Entry  meeting.Entry   `json:"entry,omitempty"`
	// What follows from it for one session, by its name.
	Of        string `json:"of,omitempty"`
	Broadcast string `json:"broadcast,omitempty"`
	Chat      string `json:"chat,omitempty"`
	Camera    string `json:"camera,omitempty"` // the base key of its frames
}

func makeEpochVectors(t *testing.T) []epochVector {
	people := named(t)
	ada, ben := people["ada"], people["ben"]
	state := func(kind protocol.EnvelopeKind, m meeting.ID, body string) protocol.Envelope {
		return protocol.Envelope{Meeting: m, Session: start, Seq: 1, Kind: kind, Body: body}.Sign(ada.who)
	}
	e := newEpoch(theMeeting, start, seed(50), ada.who, start, 1, meeting.EntryInvitation)
	derived := func(purpose string, of ...byte) string {
		k, err := e.derive(purpose, append(ben.session.Fingerprint[:], of...)...)
		if err != nil {
			t.Fatal(err)
		}
		return hexOf(k[:])
	}
	good := epochVector{
		Says: "by Ada", Grant: e.Grant(), Good: true, ID: hexOf(e.ID[:]), Commit: hexOf(e.Commit[:]),
		Number: e.Number, By: e.By, Entry: e.Entry,
		Of: "ben", Broadcast: derived(broadcastContext), Chat: derived(chatContext), Camera: derived("parley/1/sframe", 1),
	}
	list := []epochVector{good}
	bad := func(says string, change func(*protocol.Grant)) {
		v := epochVector{Says: says, Grant: good.Grant}
		change(&v.Grant)
		list = append(list, v)
	}
	other := newEpoch(theMeeting, start, seed(51), ada.who, start, 1, meeting.EntryInvitation)
	bad("of another key", func(g *protocol.Grant) { g.Key = other.Grant().Key })
	bad("of a key one byte of which is another", func(g *protocol.Grant) { g.Key = flip(t, g.Key, 31) })
	bad("said to be Ben's", func(g *protocol.Grant) { g.Envelope.From = ben.id() })
	bad("numbered higher by somebody on the way", func(g *protocol.Grant) { g.Envelope.Seq++ })
	bad("another's signature", func(g *protocol.Grant) { g.Envelope.Sig = other.Grant().Envelope.Sig })
	bad("of another meeting", func(g *protocol.Grant) {
		g.Envelope = state(protocol.EnvelopeEpoch, otherMeeting, g.Envelope.Body)
	})
	bad("a directive", func(g *protocol.Grant) {
		g.Envelope = state(protocol.EnvelopeDirective, theMeeting, g.Envelope.Body)
	})
	bad("not a statement", func(g *protocol.Grant) { g.Envelope = state(protocol.EnvelopeEpoch, theMeeting, `{"number":1}`) })
	bad("without a key", func(g *protocol.Grant) { g.Key = "" })
	return list
}

// Guards what an epoch is bound to.
func TestEpochVectors(t *testing.T) {
	t.Parallel()
	make := func() []epochVector { return makeEpochVectors(t) }
	have := vectors(t, "epochs.json", make)
	same(t, have, make())
	for _, v := range have {
		e, err := NewRing(theMeeting).Take(start, v.Grant, anybody)
		if (err == nil) != v.Good {
			t.Errorf("%s: %v", v.Says, err)
		}
		if e != nil && (hexOf(e.ID[:]) != v.ID || e.By != v.By || e.Number != v.Number || e.Entry != v.Entry) {
			t.Errorf("%s: is another epoch", v.Says)
		}
	}
}

type chatVectors struct {
	Grant protocol.Grant `json:"grant"`
	Lines []chatVector   `json:"lines"`
}

type chatVector struct {
	Says     string            `json:"says"`
	Envelope protocol.Envelope `json:"envelope"`
	Chat     *protocol.Chat    `json:"chat,omitempty"`
	Fault    string            `json:"fault,omitempty"`
}

func makeChatVectors(t *testing.T) chatVectors {
	people := named(t)
	ada, ben := people["ada"], people["ben"]
	_, epoch := ringOf(ada, 50)
	_, later := ringOf(ada, 51)
	chat := protocol.Chat{ID: "AAAAAAAAAAAAAAAAAAAAAA", Text: "Grüße, 会議 🙂", At: start, Name: "Ben"}
	line := func(e *Epoch, seq int64, c protocol.Chat) protocol.Envelope {
		text, err := protocol.Encode(c)
		if err != nil {
			t.Fatal(err)
		}
		body, err := e.SealChat(ben.session, theMeeting, seq, text)
		if err != nil {
			t.Fatal(err)
		}
		return protocol.Envelope{Meeting: theMeeting, Session: start, Seq: seq, Kind: protocol.EnvelopeChat, Body: body}.Sign(ben.who)
	}
	v := chatVectors{Grant: epoch.Grant()}
	first := line(epoch, 1, chat)
	v.Lines = append(v.Lines, chatVector{Says: "to all", Envelope: first, Chat: &chat})
	private := chat
	private.To = ada.id()
	v.Lines = append(v.Lines, chatVector{Says: "to Ada", Envelope: line(epoch, 7, private), Chat: &private})
	bad := func(says, fault string, e protocol.Envelope) {
		v.Lines = append(v.Lines, chatVector{Says: says, Envelope: e, Fault: fault})
	}
	changed := func(change func(*protocol.Envelope)) protocol.Envelope {
		e := first
		change(&e)
		return e
	}
	bad("in an epoch that is not held", "no-epoch", line(later, 8, chat))
	bad("under another number", "altered", changed(func(e *protocol.Envelope) { e.Seq = 2 }).Sign(ben.who))
	bad("of another author", "altered", changed(func(*protocol.Envelope) {}).Sign(ada.who))
	bad("altered", "altered", changed(func(e *protocol.Envelope) { e.Body = flip(t, e.Body, -1) }).Sign(ben.who))
	bad("of another session", "altered", changed(func(e *protocol.Envelope) { e.Body = flip(t, e.Body, 12) }).Sign(ben.who))
	bad("of another version", "altered", changed(func(e *protocol.Envelope) { e.Body = flip(t, e.Body, 0) }).Sign(ben.who))
	bad("not sealed", "altered", changed(func(e *protocol.Envelope) { e.Body = `{"text":"x"}` }).Sign(ben.who))
	bad("cut short", "altered", changed(func(e *protocol.Envelope) { e.Body = e.Body[:40] }).Sign(ben.who))
	return v
}

// Guards chat's bytes in both languages, and what a line is bound to.
func TestChatVectors(t *testing.T) {
	t.Parallel()
	make := func() chatVectors { return makeChatVectors(t) }
	have := vectors(t, "chat.json", make)
	same(t, have, make())
	ring := NewRing(theMeeting)
	if _, err := ring.Take(start, have.Grant, anybody); err != nil {
		t.Fatal(err)
	}
	for _, v := range have.Lines {
		text, err := ring.OpenChat(v.Envelope)
		if fault(err) != v.Fault {
			t.Errorf("%s: %v", v.Says, err)
		}
		if v.Chat == nil {
			continue
		}
		if got, err := protocol.Decode[protocol.Chat](text); err != nil || got != *v.Chat {
			t.Errorf("%s: %v, %v", v.Says, got, err)
		}
	}
}

// Guards the nonce of chat, which is the envelope's number.
func TestChatNumbersRise(t *testing.T) {
	t.Parallel()
	ada, _, _ := room(t)
	_, epoch := ringOf(ada, 50)
	for _, step := range []struct {
		seq  int64
		want error
	}{{0, ErrLine}, {3, nil}, {3, ErrLine}, {2, ErrLine}, {4, nil}} {
		if _, err := epoch.SealChat(ada.session, theMeeting, step.seq, []byte("{}")); err != step.want {
			t.Errorf("number %d: %v, want %v", step.seq, err, step.want)
		}
	}
	if _, err := epoch.SealChat(ada.session, theMeeting, 9, make([]byte, protocol.MaxEnvelope)); err != ErrLine {
		t.Errorf("too long: %v", err)
	}
	epoch.erase()
	if _, err := epoch.SealChat(ada.session, theMeeting, 9, []byte("{}")); err != ErrNoEpoch {
		t.Errorf("erased: %v", err)
	}
}

type safetyVectors struct {
	Words []string       `json:"words"`
	Codes []safetyVector `json:"codes"`
}

type safetyVector struct {
	Host   identity.PeerID `json:"host"`
	Grant  protocol.Grant  `json:"grant"`
	People []string        `json:"people"`
	Words  []string        `json:"words"`
	Digits string          `json:"digits"`
}

// Guards a code that people cannot compare because their clients differ.
func TestSafetyVectors(t *testing.T) {
	t.Parallel()
	people := named(t)
	make := func() safetyVectors {
		v := safetyVectors{Words: words[:]}
		for i, names := range [][]string{{"ada"}, {"ada", "ben"}, {"dan", "cleo", "ben", "ada"}, {"ada", "ben again"}} {
			var sessions []Session
			for _, name := range names {
				sessions = append(sessions, people[name].session)
			}
			_, epoch := ringOf(people["ada"], byte(50+i))
			c := SafetyCode(theMeeting, people["ada"].id(), epoch, sessions)
			v.Codes = append(v.Codes, safetyVector{Host: people["ada"].id(), Grant: epoch.Grant(), People: names, Words: c.Words[:], Digits: c.Digits})
		}
		return v
	}
	same(t, vectors(t, "safety.json", make), make())
}

// Guards a code that is misheard, or misread.
func TestWordsAreUnlike(t *testing.T) {
	t.Parallel()
	for i, w := range words {
		if len(w) < 3 || len(w) > 6 {
			t.Errorf("%q has not 3 to 6 letters", w)
		}
		for _, other := range words[:i] {
			if distance(w, other) < 2 {
				t.Errorf("%q is too like %q", w, other)
			}
		}
	}
}

// distance is Levenshtein's.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		corner := row[0]
		row[0]++
		for j := range len(b) {
			cost := corner
			if a[i] != b[j] {
				cost++
			}
			corner = row[j+1]
			row[j+1] = min(cost, row[j]+1, corner+1)
		}
	}
	return row[len(b)]
}
