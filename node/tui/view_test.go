package tui

import (
	"bytes"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/colorprofile"
	"github.com/charmbracelet/x/ansi"
	"github.com/google/go-cmp/cmp"

	"github.com/parley-mesh/parley/node/session"
	"github.com/parley-mesh/parley/pkg/e2ee"
	"github.com/parley-mesh/parley/pkg/identity"
	"github.com/parley-mesh/parley/pkg/protocol"
	"github.com/parley-mesh/parley/pkg/room"
)

var update = flag.Bool("update", false, "write the pictures anew")

func peer(n byte) identity.PeerID { return identity.FromSeed([32]byte{n}).PeerID() }

func person(n byte, name string, kind protocol.ParticipantKind, change ...func(*session.Person)) session.Person {
	p := session.Person{Confirmed: true}
	p.ID, p.N, p.Session, p.Kind, p.Role = peer(n), int64(n), int64(n), kind, protocol.RoleParticipant
	p.Presence.Name = name
	p.Via = protocol.ViaInvitation
	for _, f := range change {
		f(&p)
	}
	return p
}

func on(p *session.Person)   { p.Presence.Mic, p.Presence.Camera = true, true }
func mic(p *session.Person)  { p.Presence.Mic = true }
func hand(p *session.Person) { p.Presence.Hand = true }
func rec(p *session.Person)  { p.Presence.Recording = true }
func host(p *session.Person) { p.Role = protocol.RoleHost }
func lost(p *session.Person) { p.Confirmed = false }
func pass(p *session.Person) { p.Via = protocol.ViaPassword }
func loud(level int) func(*session.Person) {
	return func(p *session.Person) { p.Level = level }
}

func minute(m int) time.Time { return time.Date(2026, 11, 22, 14, m, 0, 0, time.UTC) }

// picture is a meeting in the middle of its life.
func picture() screen {
	s := screen{
		theme: newTheme(true), location: time.UTC, speaking: map[identity.PeerID]bool{peer(2): true},
		state: session.State{
			Phase: session.PhaseIn, Connected: true, MeetingID: "482913006", Title: "Weekly planning", Self: peer(1), HostID: peer(2), Chair: peer(2),
			People: []session.Person{
				person(2, "Ada Lovelace", protocol.KindBrowser, host, on, loud(90)),
				person(3, "Bo", protocol.KindBrowser, mic, hand, loud(12), pass),
				person(1, "studio", protocol.KindNode, on, rec, loud(40)),
				person(4, "Cleo Ångström-Villanueva", protocol.KindBrowser, on),
				person(5, "佐藤さくら", protocol.KindBrowser, on, lost),
				person(6, "meet.example.org", protocol.KindHelper),
			},
			Safety:   e2ee.Code{Words: [6]string{"copper", "lemon", "raven", "tunnel", "beach", "window"}, Digits: "048213"},
			Topology: session.Topology{Topology: protocol.TopologyStar, SFU: peer(1), Standby: peer(6), Reason: "large-room", By: peer(2)},
			Links: []session.LinkState{
				{Peer: peer(2), Shape: room.ShapeServe, Purpose: room.PurposeServe, State: session.LinkUp, RTTMillis: 12, SendKbps: 3410, ReceiveKbps: 1720},
				{Peer: peer(3), Shape: room.ShapeServe, Purpose: room.PurposeServe, State: session.LinkUp, RTTMillis: 48, SendKbps: 3290, ReceiveKbps: 44, LossMille: 12, Relayed: true},
				{Peer: peer(4), Shape: room.ShapeServe, Purpose: room.PurposeServe, State: session.LinkUp, RTTMillis: 431, SendKbps: 610, ReceiveKbps: 1490, LossMille: 61},
				{Peer: peer(5), Shape: room.ShapeServe, Purpose: room.PurposeServe, State: session.LinkDown, RTTMillis: 90},
				{Peer: peer(6), Shape: room.ShapeSFU, Purpose: room.PurposeStandby, State: session.LinkUp, RTTMillis: 3},
			},
		},
		entries: []entry{
			{at: minute(1), text: "You are in as studio"},
			{at: minute(1), text: "Ada Lovelace joined"},
			{at: minute(2), from: "Ada Lovelace", text: "Good morning! The agenda is in the invitation, shall we begin with the release?"},
			{at: minute(3), text: "Bo joined"},
			{at: minute(4), from: "Bo", text: "Yes."},
			{at: minute(5), text: "Cleo Ångström-Villanueva joined"},
			{at: minute(6), text: "Moved to this node · too many for a mesh"},
			{at: minute(6), from: "You", text: "I carry the room from here, and record it.", mine: true},
			{at: minute(6), text: "This node records this meeting"},
			{at: minute(9), from: "佐藤さくら", text: "おはようございます。議題を一つ追加してもいいですか？リリースの前に話したいです。"},
			{at: minute(12), text: "佐藤さくら lost the connection"},
		},
	}
	return s
}

func crowd(n int) []session.Person {
	var list []session.Person
	for i := range n {
		list = append(list, person(byte(i+1), fmt.Sprintf("Guest %d", i+1), protocol.KindBrowser, on, loud(i*4%128)))
	}
	return list
}

// The pictures are for people to look at: run with -update and read the
// difference.
func TestPictures(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*screen){
		"meeting": func(*screen) {},
		"alone": func(s *screen) {
			s.state.People, s.state.Links, s.entries = s.state.People[2:3], nil, s.entries[:1]
			s.state.Chair, s.state.Topology = peer(1), session.Topology{Topology: protocol.TopologyMesh, Reason: "small-room"}
		},
		"joining": func(s *screen) { s.state, s.entries = session.State{Phase: session.PhaseJoining}, nil },
		"waiting": func(s *screen) {
			s.state.Phase, s.state.People, s.state.Links, s.entries = session.PhaseWaiting, nil, nil, nil
		},
		"crowd":       func(s *screen) { s.state.People, s.state.Connected = crowd(60), false },
		"help":        func(s *screen) { s.overlay = overlayHelp },
		"safety":      func(s *screen) { s.overlay = overlaySafety },
		"safety-none": func(s *screen) { s.overlay, s.state.Safety = overlaySafety, e2ee.Code{} },
		"alarm": func(s *screen) {
			s.entries = append(s.entries, entry{at: minute(13), text: "! " + e2ee.Alarm{Code: e2ee.AlarmUninvited, ID: peer(9), Name: "Mallory"}.Sentence(), bad: true})
		},
		"apart": func(s *screen) {
			s.state.People[1].Unreachable = true
			s.state.Links[1] = session.LinkState{Peer: peer(3), Shape: room.ShapeServe, Purpose: room.PurposeServe, State: session.LinkConnecting}
			s.entries = append(s.entries, entry{at: minute(13), text: "! " + e2ee.Alarm{Code: e2ee.AlarmUnreachable, ID: peer(3), Name: "Bo"}.Sentence(), bad: true})
		},
		"leave": func(s *screen) { s.overlay, s.record = overlayLeave, "recordings/2026-11-22" },
		"host": func(s *screen) {
			s.state.Chair, s.state.HostID, s.overlay, s.chosen = peer(1), peer(1), overlayHost, 1
			s.state.Waiting = []protocol.Participant{person(7, "Dan", protocol.KindBrowser).Participant}
		},
		"remove": func(s *screen) { s.overlay, s.removed = overlayRemove, "Bo" },
		"renew":  func(s *screen) { s.overlay, s.removed = overlayRenew, "Bo" },
		"invitation": func(s *screen) {
			s.overlay, s.offer = overlayInvitation, offer{link: invitation().String(), password: "391406", code: strings.Repeat(strings.Repeat("▄▀", 20)+"\n", 22)}
		},
		"choose": func(s *screen) {
			s.state.Chair, s.overlay, s.chosen = peer(1), overlaySFU, 2
			s.state.People[2].Capacity = &protocol.Capacity{UplinkKbps: 93_000, Willing: true, Reachable: true}
		},
		"nodes": func(s *screen) {
			s.state.People[1].Kind, s.state.People[3].Kind = protocol.KindNode, protocol.KindNode
			s.state.Links = s.state.Links[:3]
			s.state.Ways = []session.Way{
				{Peer: peer(3), Path: session.WayRelayed, Transport: "quic", RTTMillis: 48},
				{Peer: peer(4), Path: session.WayNone},
				{Peer: peer(6), Path: session.WayDirect, Transport: "tcp", RTTMillis: 3},
			}
		},
		"typing": func(s *screen) { s.typing, s.input = true, "Shall we?" },
	} {
		for _, size := range [][2]int{{80, 24}, {200, 50}, {150, 30}, {leastWidth, leastHeight}} {
			if (size[0] == wideWidth || size[0] == leastWidth) && name != "meeting" {
				continue
			}
			s := picture()
			s.width, s.height = size[0], size[1]
			change(&s)
			got := view(s)
			checkSize(t, got, s.width, s.height)
			compare(t, fmt.Sprintf("%s-%dx%d.txt", name, size[0], size[1]), got)
		}
	}
}

func compare(t *testing.T, name, got string) {
	t.Helper()
	lines := strings.Split(ansi.Strip(got), "\n")
	for i := range lines {
		lines[i] = strings.TrimRight(lines[i], " ")
	}
	got = strings.Join(lines, "\n") + "\n"
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s:\n%s", name, diff)
	}
}

func checkSize(t *testing.T, got string, w, h int) {
	t.Helper()
	lines := strings.Split(got, "\n")
	if len(lines) != h {
		t.Errorf("%d lines at %d×%d", len(lines), w, h)
	}
	for i, line := range lines {
		// Terminals count by character or by cluster: both must come to the same.
		if n, clusters := ansi.StringWidthWc(line), ansi.StringWidth(line); n != w || clusters != w {
			t.Errorf("line %d is %d or %d columns wide at %d×%d: %q", i, n, clusters, w, h, line)
		}
	}
}

// Guards against lines that wrap and tear the picture, at every size and with
// whatever is open.
func TestEverySizeFits(t *testing.T) {
	t.Parallel()
	for _, w := range []int{1, 20, leastWidth - 1, leastWidth, 60, 79, 80, 100, wideWidth - 1, wideWidth, 161, 250} {
		for _, h := range []int{1, 2, leastHeight - 1, leastHeight, 17, 24, wideHeight - 1, wideHeight, 51, 70} {
			s := picture()
			s.width, s.height = w, h
			s.state.People[1].Presence.Name = "👩\u200d🚀 ❤\ufe0f 👍🏽"
			s.entries = append(s.entries, entry{at: minute(20), from: "Bo", text: strings.Repeat("👨\u200d👩\u200d👧 1\ufe0f\u20e3🇩🇪 ", 20)})
			s.overlay = overlay((w + h) % 9)
			s.back, s.first = h%7, w%9
			if h%3 == 0 {
				s.state.People = crowd(70)
			}
			checkSize(t, view(s), w, h)
		}
	}
}

// Guards against a name or a line of chat that draws elsewhere on the screen,
// colours it, or turns it around.
func TestStrangersCannotDraw(t *testing.T) {
	t.Parallel()
	evil := "\x1b[2J\x1b[31mred\x07\x9b1m\u202eabc\u2066\u200b\x00\x7f\r\n\tend" + strings.Repeat("\u0301", 50)
	s := picture()
	s.state.Title = evil
	for i := range s.state.People {
		s.state.People[i].Presence.Name = evil
	}
	m := newModel(t.Context(), &still{state: s.state}, Options{Output: io.Discard}, func() time.Time { return minute(30) })
	m.screen.width = 200
	m.told(session.Chat{From: peer(2), Name: evil, Text: evil})
	m.told(session.Joined{Participant: s.state.People[0].Participant})
	m.told(session.Error{Message: evil})
	for _, h := range []int{14, 24, 50} {
		m.screen.height = h
		got := view(m.screen)
		checkSize(t, got, 200, h)
		got = ansi.Strip(got)
		for _, r := range got {
			if r != '\n' && (r < ' ' || r >= 0x7f && r < 0xa0 || r == '\u202e' || r == '\u2066' || r == '\u200b') {
				t.Fatalf("%U reached the terminal", r)
			}
		}
		if strings.Contains(got, strings.Repeat("\u0301", maxMarks+1)) {
			t.Error("a tower of marks reached the terminal")
		}
	}
}

// Guards against colours although NO_COLOR asked for none, and against signs
// that only a colour tells apart: a strip of them is compared with the pictures.
func TestColours(t *testing.T) {
	t.Parallel()
	for name, environ := range map[string][]string{
		"colours":  {"TERM=xterm-256color", "COLORTERM=truecolor", "CLICOLOR_FORCE=1"},
		"NO_COLOR": {"TERM=xterm-256color", "COLORTERM=truecolor", "NO_COLOR=1"},
	} {
		var out bytes.Buffer
		w := colorprofile.NewWriter(&out, environ)
		s := picture()
		s.width, s.height = 80, 24
		if _, err := io.WriteString(w, view(s)); err != nil {
			t.Fatal(err)
		}
		if got, want := strings.Contains(out.String(), "\x1b[38;"), name == "colours"; got != want {
			t.Errorf("%s: coloured %v", name, got)
		}
	}
	s := picture()
	s.width, s.height = 80, 24
	dark := view(s)
	s.theme = newTheme(false)
	if light := view(s); light == dark || ansi.Strip(light) != ansi.Strip(dark) {
		t.Error("light and dark differ in more than colours, or not at all")
	}
}

// Guards against a window that is too small and does not say how large it must
// be, or how to leave.
func TestTooSmall(t *testing.T) {
	t.Parallel()
	s := picture()
	s.width, s.height = 40, 12
	got := view(s)
	checkSize(t, got, s.width, s.height)
	compare(t, "small-40x12.txt", got)
}

func TestPlain(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"Ada":                    "Ada",
		"a\nb\tc\rd":             "a b cd",
		"\x1b]0;owned\x07x":      "]0;ownedx",
		"\xff\xfeok":             "�ok",
		"👩\u200d💻 می\u200cخواهم": "👩💻 می\u200cخواهم",
		"❤\ufe0f 1\ufe0f\u20e3 👍🏽🏽 🏽 🇩🇪":  "❤ 1 👍 🏽 🇩🇪",
		"pay\u202eload\u2069":             "payload",
		"e\u0301\u0301\u0301\u0301\u0301": "e\u0301\u0301\u0301",
		"\U000e0041\u3164":                "",
	} {
		if got := Plain(in); got != want {
			t.Errorf("Plain(%q) = %q, want %q", in, got, want)
		}
	}
}

// Guards against sentences that begin with where they come from in the program.
func TestSentence(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"node: this cannot be published: media: nothing that can be played: \"x\" is text": "this cannot be published: nothing that can be played: \"x\" is text",
		"[tcp @ 0x55f5a0e380] Connection refused; file:x: Invalid data":                    "Connection refused; file:x: Invalid data",
		"one\ntwo": "one; two",
		"Only the host may record in this meeting: nothing is recorded.": "Only the host may record in this meeting: nothing is recorded.",
		"client: link: gone":    "gone",
		"your multimedia: gone": "your multimedia: gone",
	} {
		if got := Sentence(in); got != want {
			t.Errorf("Sentence(%q) = %q, want %q", in, got, want)
		}
	}
}
