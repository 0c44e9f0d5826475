package tui

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"
	"github.com/google/go-cmp/cmp"

	"github.com/parley-mesh/parley/node/session"
	"github.com/parley-mesh/parley/pkg/client"
	"github.com/parley-mesh/parley/pkg/identity"
	"github.com/parley-mesh/parley/pkg/meeting"
	"github.com/parley-mesh/parley/pkg/protocol"
	"github.com/parley-mesh/parley/pkg/room"
)

// still is a meeting in which nothing happens by itself. It notes what is
// asked of it.
type still struct {
	state  session.State
	events chan session.Event
	ended  sync.Once
	asked  []string
	fails  error
	knows  bool // the invitation
}

func (s *still) Events() <-chan session.Event { return s.events }
func (s *still) State() session.State         { return s.state }
func (s *still) Chat(text string) error       { s.asked = append(s.asked, "chat "+text); return s.fails }

func (s *still) Choose(c room.Choose) error {
	name := "nobody"
	if c.SFU != "" {
		name = nameIn(s.state, c.SFU)
	}
	s.asked = append(s.asked, strings.TrimSpace("choose "+string(c.Topology)+" "+name))
	return s.fails
}

func (s *still) SetPresence(f func(*protocol.Presence)) error {
	var p protocol.Presence
	f(&p)
	if p.Hand {
		s.asked = append(s.asked, "hand")
	}
	return s.fails
}

func (s *still) Admit(id identity.PeerID) error { return s.ask("admit " + s.screen().waitingName(id)) }

func (s *still) Deny(id identity.PeerID) error { return s.ask("deny " + s.screen().waitingName(id)) }
func (s *still) Lock(locked bool) error        { return s.ask(fmt.Sprint("lock ", locked)) }

func (s *still) Remove(id identity.PeerID, ban bool) error {
	return s.ask(fmt.Sprint("remove ", nameIn(s.state, id), " ", ban))
}

func (s *still) SetEntry(_ context.Context, e meeting.Entry) error {
	return s.ask("entry " + string(e))
}

func (s *still) Renew(context.Context) (client.Renewed, error) {
	made := client.Renewed{Invitation: invitation()}
	made.Password = "391406"
	return made, s.ask("renew")
}

func (s *still) Invitation() (meeting.Invitation, bool) { return invitation(), s.knows }

func (s *still) ask(what string) error {
	s.asked = append(s.asked, what)
	return s.fails
}

func (s *still) screen() screen { return screen{state: s.state} }

func invitation() meeting.Invitation {
	inv, err := meeting.ParseInvitation("https://meet.example.org/join/" + strings.Repeat("A", 43) + "#" + strings.Repeat("B", 42) + "A")
	if err != nil {
		panic(err)
	}
	return inv
}

func (s *still) Leave() {
	s.asked = append(s.asked, "leave")
	s.over()
}

// over ends the meeting, once.
func (s *still) over() {
	s.ended.Do(func() {
		if s.events != nil {
			close(s.events)
		}
	})
}

// typed sends keys: single letters, or names in angle brackets.
func typed(m *model, keys string) (last tea.Cmd) {
	named := map[string]tea.Key{
		"enter": {Code: tea.KeyEnter}, "esc": {Code: tea.KeyEscape}, "up": {Code: tea.KeyUp}, "down": {Code: tea.KeyDown},
		"pgup": {Code: tea.KeyPgUp}, "pgdown": {Code: tea.KeyPgDown}, "ctrl+c": {Code: 'c', Mod: tea.ModCtrl}, "backspace": {Code: tea.KeyBackspace},
	}
	for keys != "" {
		key := tea.Key{Code: rune(keys[0]), Text: keys[:1]}
		if keys[0] == '<' {
			name, _, _ := strings.Cut(keys[1:], ">")
			key, keys = named[name], keys[len(name)+1:]
		}
		_, last = m.Update(tea.KeyPressMsg(key))
		if last != nil {
			if msg, did := last().(doneMsg); did {
				m.Update(msg)
			}
		}
		keys = keys[1:]
	}
	return last
}

func playing(t *testing.T, chair bool) (*model, *still) {
	s := picture()
	if chair {
		s.state.Chair, s.state.HostID = s.state.Self, s.state.Self
		s.state.Waiting = []protocol.Participant{person(7, "Dan", protocol.KindBrowser).Participant}
	}
	fake := &still{state: s.state}
	m := newModel(t.Context(), fake, Options{Output: io.Discard}, func() time.Time { return minute(30) })
	m.Update(tea.WindowSizeMsg{Width: 80, Height: 24})
	return m, fake
}

func TestKeys(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, keys string
		chair      bool
		asked      []string
		overlay    overlay
		typing     bool
	}{
		{name: "write", keys: "cHello<enter>", asked: []string{"chat Hello"}, typing: true},
		{name: "keys are letters while writing", keys: "cqs?h<enter><esc>", asked: []string{"chat qs?h"}},
		{name: "an empty line is not sent", keys: "c<enter>"},
		{name: "what was deleted is not sent", keys: "cab<backspace><enter>", asked: []string{"chat a"}, typing: true},
		{name: "hand", keys: "h", asked: []string{"hand"}},
		{name: "help opens and closes", keys: "?x"},
		{name: "help", keys: "?", overlay: overlayHelp},
		{name: "safety code", keys: "v", overlay: overlaySafety},
		{name: "safety code closes", keys: "vv"},
		{name: "no chair, no choice", keys: "s<enter>", typing: true},
		{name: "automatic", keys: "s<enter>", chair: true, asked: []string{"choose  nobody"}},
		{name: "mesh", keys: "s<down><enter>", chair: true, asked: []string{"choose mesh nobody"}},
		{name: "the last", keys: "s<down><down><down><down><down><enter>", chair: true, asked: []string{"choose star meet.example.org"}},
		{name: "back out of the choice", keys: "s<down><esc>", chair: true},
		{name: "no chair, nothing to decide", keys: "m<esc>"},
		{name: "let in", keys: "m<enter><esc>", chair: true, asked: []string{"admit Dan"}},
		{name: "send away", keys: "md<esc>", chair: true, asked: []string{"deny Dan"}},
		{name: "lock", keys: "m<down><enter>", chair: true, asked: []string{"lock true"}},
		{name: "entry", keys: "m<down><down><enter>", chair: true, asked: []string{"entry invitation"}},
		{name: "an invitation that is not known", keys: "m<down><down><down><enter>", chair: true},
		{name: "a new invitation", keys: "m<down><down><down><down><enter><enter>", chair: true, asked: []string{"renew"}, overlay: overlayInvitation},
		{name: "a new invitation, and not", keys: "m<down><down><down><down><enter><esc>", chair: true},
		{name: "remove", keys: "m<down><down><down><down><down><down><enter><enter>", chair: true, asked: []string{"remove Bo false"}, overlay: overlayRenew},
		{name: "remove, and an Enter too many", keys: "m<down><down><down><down><down><down><enter><enter><enter>", chair: true, asked: []string{"remove Bo false"}},
		{name: "ban, and renew", keys: "m<down><down><down><down><down><enter>by<esc>", chair: true, asked: []string{"remove Ada Lovelace true", "renew"}},
		{name: "do not remove", keys: "m<down><down><down><down><down><enter><esc>", chair: true},
		{name: "escape never leaves", keys: "<esc><esc>"},
		{name: "leaving asks", keys: "q", overlay: overlayLeave},
		{name: "and takes no", keys: "q<esc>"},
		{name: "and yes", keys: "q<enter>", asked: []string{"leave"}},
		{name: "interrupt asks too", keys: "<ctrl+c>", overlay: overlayLeave},
		{name: "twice leaves", keys: "<ctrl+c><ctrl+c>", asked: []string{"leave"}},
		{name: "also while writing", keys: "cx<ctrl+c><ctrl+c>", asked: []string{"leave"}, typing: true},
	} {
		m, fake := playing(t, test.chair)
		typed(m, test.keys)
		if diff := cmp.Diff(test.asked, fake.asked); diff != "" {
			t.Errorf("%s: %s", test.name, diff)
		}
		if m.screen.overlay != test.overlay || m.screen.typing != test.typing {
			t.Errorf("%s: overlay %d, typing %v", test.name, m.screen.overlay, m.screen.typing)
		}
	}
}

// Guards against a key that does to one what was meant for another, because
// somebody came or went meanwhile.
func TestTheListFollowsWhoIsChosen(t *testing.T) {
	t.Parallel()
	m, fake := playing(t, true)
	typed(m, "m<down><down><down><down><down><down>")
	fake.state.Waiting = append(fake.state.Waiting, person(8, "Eve", protocol.KindBrowser).Participant)
	fake.state.People = fake.state.People[1:]
	m.Update(tickMsg(minute(30)))
	typed(m, "<enter><enter>")
	if diff := cmp.Diff([]string{"remove Bo false"}, fake.asked); diff != "" {
		t.Error(diff)
	}
}

// Guards against the same where who was chosen has gone: nothing is chosen until
// the cursor is moved.
func TestWhoIsGoneIsNotReplaced(t *testing.T) {
	t.Parallel()
	m, fake := playing(t, true)
	typed(m, "m<down><down><down><down><down><down>")
	fake.state.People = slices.DeleteFunc(fake.state.People, func(p session.Person) bool { return p.ID == peer(3) })
	m.Update(tickMsg(minute(30)))
	typed(m, "<enter><enter>d")
	if len(fake.asked) > 0 || m.screen.overlay != overlayHost {
		t.Errorf("asked %v, overlay %d", fake.asked, m.screen.overlay)
	}
	if m.screen.chosen >= 0 {
		t.Errorf("line %d is chosen", m.screen.chosen)
	}
	typed(m, "<down><enter><esc>")
	if diff := cmp.Diff([]string{"admit Dan"}, fake.asked); diff != "" {
		t.Error(diff)
	}
}

// Guards against a new invitation that nobody gets to see, or is taken for made
// when it is not.
func TestANewInvitationIsShown(t *testing.T) {
	t.Parallel()
	m, fake := playing(t, true)
	fake.knows = true
	m.qr = func(string) string { return "▄▄\n▀▀\n" }
	for _, keys := range []string{"m<down><down><down><enter>", "<esc>m<down><down><down><down><enter><enter>"} {
		typed(m, keys)
		if got := ansi.Strip(m.picture()); !strings.Contains(got, "https://meet.example.org/join/AAAA") || !strings.Contains(got, "▀▀") {
			t.Errorf("view:\n%s", got)
		}
	}
	fake.fails = errors.New("the server is away")
	typed(m, "<esc>m<down><down><down><down><enter><enter>")
	if got := ansi.Strip(m.picture()); !strings.Contains(got, "server is away") || strings.Contains(got, "/join/") {
		t.Errorf("view:\n%s", got)
	}
}

// Guards against a paste that leaves the meeting.
func TestPaste(t *testing.T) {
	t.Parallel()
	m, fake := playing(t, false)
	m.Update(tea.PasteMsg{Content: "qyhs"})
	if len(fake.asked) != 0 || m.screen.overlay != overlayNone {
		t.Errorf("asked %v", fake.asked)
	}
	typed(m, "c")
	m.Update(tea.PasteMsg{Content: "Hello\nall"})
	typed(m, "<enter>")
	if diff := cmp.Diff([]string{"chat Hello all"}, fake.asked); diff != "" {
		t.Error(diff)
	}
}

// Guards against a text that is gone although it was not sent.
func TestWhatCannotBeSentStays(t *testing.T) {
	t.Parallel()
	m, fake := playing(t, false)
	fake.fails = errors.New("session: too long")
	typed(m, "cHello<enter>")
	if got := ansi.Strip(m.picture()); !strings.Contains(got, "› Hello") || !strings.Contains(got, "too long") {
		t.Errorf("view:\n%s", got)
	}
}

func TestScrolling(t *testing.T) {
	t.Parallel()
	m, _ := playing(t, false)
	for i := range 50 {
		m.told(session.Chat{From: peer(2), Name: "Ada", Text: fmt.Sprintf("line-%d.", i), At: minute(i)})
	}
	if got := ansi.Strip(m.picture()); !strings.Contains(got, "line-49.") || strings.Contains(got, "Chat, older") {
		t.Errorf("view:\n%s", got)
	}
	typed(m, "<pgup><pgup><pgup>")
	if got := ansi.Strip(m.picture()); !strings.Contains(got, "Chat, older") || strings.Contains(got, "line-49.") {
		t.Errorf("view:\n%s", got)
	}
	typed(m, strings.Repeat("<pgup>", 1000)+strings.Repeat("<down>", 100))
	checkSize(t, ansi.Strip(m.picture()), 80, 24)
	typed(m, strings.Repeat("<pgdown>", 1000))
	if m.screen.back != 0 {
		t.Errorf("%d lines from the end", m.screen.back)
	}
}

// Who speaks is marked a little longer than the sound.
func TestSpeaking(t *testing.T) {
	t.Parallel()
	m, fake := playing(t, false)
	now := minute(30)
	m.now = func() time.Time { return now }
	m.Update(tickMsg(now))
	if !m.screen.speaking[peer(2)] || m.screen.speaking[peer(4)] {
		t.Errorf("speaking: %v", m.screen.speaking)
	}
	fake.state.People[0].Level = 0
	now = now.Add(speakingHold / 2)
	m.Update(tickMsg(now))
	if !m.screen.speaking[peer(2)] {
		t.Error("silent between two words")
	}
	now = now.Add(speakingHold)
	m.Update(tickMsg(now))
	if m.screen.speaking[peer(2)] {
		t.Error("still speaking")
	}
}

func TestTold(t *testing.T) {
	t.Parallel()
	teller := Teller{Self: peer(1)}
	s := picture().state
	var people []protocol.Participant
	for _, p := range s.People {
		people = append(people, p.Participant)
	}
	late := person(10, "Cleo", protocol.KindBrowser).Participant
	late.N = 0 // came before self, and is proved later
	for _, test := range []struct {
		event session.Event
		want  string
	}{
		{session.Joined{Participant: people[0]}, ""},
		{session.Topology{Topology: protocol.TopologyMesh, Reason: "small-room"}, ""},
		{session.Joined{Participant: people[5]}, ""},
		{session.Joined{Participant: people[2]}, "You are in as studio, with Ada Lovelace"},
		{session.Roster{Participants: people}, ""},
		{session.Roster{Participants: people, Waiting: []protocol.Participant{late}}, "Cleo waits to be let in"},
		{session.Roster{Participants: people, Waiting: []protocol.Participant{late}}, ""},
		{session.Roster{Participants: people}, ""},
		{session.Joined{Participant: people[1]}, "Bo joined"},
		{session.Joined{Participant: people[5]}, "The helper meet.example.org came to carry the room"},
		{session.Joined{Participant: late}, "Cleo is here"},
		{session.Left{ID: peer(3), Why: protocol.LeftLost}, "Bo lost the connection"},
		{session.Recording{ID: peer(3)}, ""},
		{session.Left{ID: peer(9), Why: protocol.LeftLeft}, "Somebody left"},
		{session.Topology{Topology: protocol.TopologyMesh, Reason: "new-chair"}, ""}, // as it was
		{session.Topology{Topology: protocol.TopologyStar, SFU: peer(1), Reason: "manual"}, "Moved to this node · the host chose it"},
		{session.Topology{Topology: protocol.TopologyStar, SFU: peer(1), Reason: "automatic"}, ""},
		{session.Topology{Topology: protocol.TopologyStar, SFU: peer(1), Standby: peer(6), Reason: "new-standby"}, "Another node stands by now"},
		{session.Topology{Topology: protocol.TopologyMesh, Reason: "small-room"}, "Everybody is connected directly · the room is small enough"},
		{session.Topology{Topology: protocol.TopologyStar, SFU: peer(6), Reason: "unheard-of"}, "Moved to the helper meet.example.org"},
		{session.Topology{Topology: protocol.TopologyStar, SFU: peer(6), Standby: peer(2), Moved: true}, "Moved to Ada Lovelace’s node, which stood by"},
		{session.Topology{Topology: protocol.TopologyStar, SFU: peer(2), Reason: "sfu-lost"}, ""}, // where everybody is already
		{session.Chat{From: peer(2), Name: "Ada\n", Text: "one\ntwo"}, "Ada : one two"},
		{session.Recording{ID: peer(2), On: true}, "Ada Lovelace records this meeting"},
		{session.Recording{ID: peer(1)}, "This node stopped recording"},
		{session.Error{Message: "No\x1b[m room."}, "No[m room."},
		{session.Stats{}, ""},
	} {
		if got := teller.Tell(test.event); got != test.want {
			t.Errorf("Tell(%+v) = %q, want %q", test.event, got, test.want)
		}
	}
}

// Guards against an interface that stays when the meeting is over, and against
// one that goes without leaving.
func TestRun(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]func(*still, context.CancelFunc, *io.PipeWriter){
		"the session ends": func(s *still, _ context.CancelFunc, _ *io.PipeWriter) { s.over() },
		"a signal":         func(_ *still, cancel context.CancelFunc, _ *io.PipeWriter) { cancel() },
		"keys": func(_ *still, _ context.CancelFunc, w *io.PipeWriter) {
			_, _ = w.Write([]byte("q"))
			_, _ = w.Write([]byte("\r"))
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			keys, w := io.Pipe()
			fake := &still{state: picture().state, events: make(chan session.Event)}
			done := make(chan error, 1)
			var out bytes.Buffer
			go func() { done <- Run(ctx, fake, Options{Input: keys, Output: &out}) }()
			fake.events <- session.Chat{From: peer(2), Name: "Ada", Text: "hello"}
			end(fake, cancel, w)
			if err := <-done; err != nil {
				t.Errorf("Run = %v", err)
			}
			if len(fake.asked) == 0 || fake.asked[0] != "leave" {
				t.Errorf("asked %v", fake.asked)
			}
		})
	}
}
