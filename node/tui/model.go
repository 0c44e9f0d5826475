package tui

import (
	"cmp"
	"context"
	"slices"
	"time"

	"charm.land/bubbles/v2/textinput"
	tea "charm.land/bubbletea/v2"

	"github.com/parley-mesh/parley/node/session"
	"github.com/parley-mesh/parley/pkg/elect"
	"github.com/parley-mesh/parley/pkg/identity"
	"github.com/parley-mesh/parley/pkg/protocol"
	"github.com/parley-mesh/parley/pkg/room"
)

const (
	// maxChat is the protocol's bound of a chat line, in characters.
	maxChat = 4000

	// refresh is how often the picture follows levels and rates.
	refresh = 250 * time.Millisecond

	// speakingHold keeps somebody marked between two words.
	speakingHold = 700 * time.Millisecond
)

// Messages to the model.
type (
	toldMsg struct{ event session.Event } // the session told something
	tickMsg time.Time                     // time to look at the session again
	overMsg struct{}                      // the session tells nothing more
)

// model is the interface's state; Update is its only writer.
type model struct {
	meeting Meeting
	screen  screen
	field   textinput.Model
	teller  Teller
	until   map[identity.PeerID]time.Time // who speaks, and how long that shows
	now     func() time.Time
	left    bool // asked to leave
	picked  deed // in the list of the chair's

	qr    func(link string) string                    // nil: no pictures of links
	later func(func(context.Context) doneMsg) tea.Cmd // does what takes its time
}

func newModel(ctx context.Context, m Meeting, o Options, now func() time.Time) *model {
	field := textinput.New()
	field.Prompt, field.CharLimit = "", maxChat
	field.SetVirtualCursor(false)
	field.SetStyles(textinput.Styles{})
	return &model{
		qr: o.QR, later: func(do func(context.Context) doneMsg) tea.Cmd { return func() tea.Msg { return do(ctx) } },
		meeting: m, field: field, until: make(map[identity.PeerID]time.Time), now: now,
		screen: screen{theme: newTheme(true), location: time.Local, record: o.Record, state: m.State(), speaking: make(map[identity.PeerID]bool)},
	}
}

// Init asks for the first tick, and how light the terminal is.
func (m *model) Init() tea.Cmd { return tea.Batch(tick(), tea.RequestBackgroundColor) }

func tick() tea.Cmd { return tea.Tick(refresh, func(at time.Time) tea.Msg { return tickMsg(at) }) }

// View draws.
func (m *model) View() tea.View {
	v := tea.NewView(m.picture())
	v.AltScreen = true
	v.WindowTitle = Plain(m.screen.state.Title)
	if m.screen.typing && m.screen.overlay == overlayNone && m.screen.fits() {
		if c := m.field.Cursor(); c != nil {
			c.X += inputAt
			c.Y = m.screen.height - 2
			v.Cursor = c
		}
	}
	return v
}

func (m *model) picture() string {
	s := m.screen
	s.input = m.field.View()
	return view(s)
}

// Update takes a message.
func (m *model) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	switch msg := msg.(type) {
	case tea.WindowSizeMsg:
		m.screen.width, m.screen.height = msg.Width, msg.Height
		m.field.SetWidth(max(1, msg.Width-inputAt-2))
	case tea.BackgroundColorMsg:
		m.screen.theme = newTheme(msg.IsDark())
	case tickMsg:
		m.look()
		return m, tick()
	case toldMsg:
		m.told(msg.event)
	case doneMsg:
		m.done(msg)
	case overMsg:
		return m, tea.Quit
	case tea.KeyPressMsg:
		return m, m.key(msg)
	case tea.PasteMsg:
		if m.screen.typing && m.screen.overlay == overlayNone { // elsewhere it is no row of commands
			var cmd tea.Cmd
			m.field, cmd = m.field.Update(msg)
			return m, cmd
		}
	}
	return m, nil
}

// look takes what the session knows now.
func (m *model) look() {
	m.screen.state = inOrder(m.meeting.State())
	now := m.now()
	for _, p := range m.screen.state.People {
		if p.Level >= speaks {
			m.until[p.ID] = now.Add(speakingHold)
		}
	}
	clear(m.screen.speaking)
	for id, until := range m.until {
		if now.Before(until) {
			m.screen.speaking[id] = true
		} else {
			delete(m.until, id)
		}
	}
	if m.screen.overlay == overlaySFU {
		m.screen.chosen = min(m.screen.chosen, len(m.screen.carriers())-1)
	}
	m.screen.first = min(m.screen.first, max(0, len(m.screen.state.People)-1))
	if m.screen.overlay == overlayHost {
		m.follow()
	}
}

// inOrder puts the links in the order of the people.
func inOrder(s session.State) session.State {
	place := make(map[identity.PeerID]int, len(s.People))
	for i, p := range s.People {
		place[p.ID] = i
	}
	slices.SortStableFunc(s.Links, func(a, b session.LinkState) int { return cmp.Compare(place[a.Peer], place[b.Peer]) })
	return s
}

// told takes an event.
func (m *model) told(e session.Event) {
	m.look()
	m.teller.Self = m.screen.state.Self
	line := m.teller.Tell(e)
	switch e := e.(type) {
	case session.Chat:
		mine := e.From == m.screen.state.Self
		name := Plain(e.Name)
		if name == "" {
			name = somebody
		}
		if mine {
			name = "You"
		}
		m.add(entry{at: e.At, from: name, text: e.Text, mine: mine})
	case session.Error:
		if e.Alarm != "" {
			line = "! " + line
		}
		m.add(entry{at: m.now(), text: line, bad: true})
	default:
		if line != "" {
			m.add(entry{at: m.now(), text: line})
		}
	}
}

func (m *model) add(e entry) {
	m.screen.entries = append(m.screen.entries, e)
	if over := len(m.screen.entries) - maxEntries; over > 0 {
		m.screen.entries = m.screen.entries[over:]
	}
}

// say shows what went wrong with something that a key did.
func (m *model) say(err error) {
	if err != nil {
		m.add(entry{at: m.now(), text: Sentence(err.Error()), bad: true})
	}
}

// key does what a key means where the focus is.
func (m *model) key(k tea.KeyPressMsg) tea.Cmd {
	if k.String() == "ctrl+c" {
		if m.screen.overlay == overlayLeave {
			return m.leave()
		}
		m.screen.overlay = overlayLeave
		return nil
	}
	switch k.String() {
	case "pgup":
		m.screen.back = min(m.screen.back+m.page(), maxEntries)
		return nil
	case "pgdown":
		m.screen.back = max(0, m.screen.back-m.page())
		return nil
	}
	switch {
	case m.screen.overlay == overlayLeave:
		return m.leaveKey(k)
	case m.screen.overlay == overlaySFU:
		m.sfuKey(k)
	case m.screen.overlay == overlayHost:
		return m.hostKey(k)
	case m.screen.overlay == overlayRemove:
		m.removeKey(k)
	case m.screen.overlay == overlayRenew:
		return m.renewKey(k)
	case m.screen.overlay != overlayNone:
		m.screen.overlay = overlayNone
	case m.screen.typing:
		return m.typingKey(k)
	default:
		m.meetingKey(k)
	}
	return nil
}

func (m *model) page() int { return max(1, m.screen.height/3) }

func (m *model) meetingKey(k tea.KeyPressMsg) {
	switch k.String() {
	case "c", "enter", "/":
		m.screen.typing = true
		m.field.Focus()
	case "up", "k":
		m.screen.first = max(0, m.screen.first-1)
	case "down", "j":
		m.screen.first = min(m.screen.first+1, max(0, len(m.screen.state.People)-1))
	case "h":
		m.say(m.meeting.SetPresence(func(p *protocol.Presence) { p.Hand = !p.Hand }))
	case "s":
		if m.screen.chairs() {
			m.screen.overlay, m.screen.chosen = overlaySFU, 0
		} else {
			m.add(entry{at: m.now(), text: "Only who has the chair chooses who carries the room.", bad: true})
		}
	case "m":
		m.openHost()
	case "v":
		m.screen.overlay = overlaySafety
	case "?":
		m.screen.overlay = overlayHelp
	case "q":
		m.screen.overlay = overlayLeave
	}
}

func (m *model) typingKey(k tea.KeyPressMsg) tea.Cmd {
	switch k.String() {
	case "esc":
		m.screen.typing = false
		m.field.Blur()
		return nil
	case "enter":
		text := m.field.Value()
		if text == "" {
			m.screen.typing = false
			m.field.Blur()
			return nil
		}
		if err := m.meeting.Chat(text); err != nil {
			m.say(err)
			return nil // what was written stays
		}
		m.field.Reset()
		m.screen.back = 0
		return nil
	}
	var cmd tea.Cmd
	m.field, cmd = m.field.Update(k)
	return cmd
}

func (m *model) sfuKey(k tea.KeyPressMsg) {
	list := m.screen.carriers()
	switch k.String() {
	case "esc", "q", "s":
		m.screen.overlay = overlayNone
	case "up", "k":
		m.screen.chosen = max(0, m.screen.chosen-1)
	case "down", "j":
		m.screen.chosen = min(m.screen.chosen+1, len(list)-1)
	case "enter":
		m.screen.overlay = overlayNone
		c := list[min(m.screen.chosen, len(list)-1)]
		m.say(m.meeting.Choose(room.Choose{Topology: elect.Topology(c.topology), SFU: c.id}))
	}
}

func (m *model) leaveKey(k tea.KeyPressMsg) tea.Cmd {
	switch k.String() {
	case "enter", "y", "q":
		return m.leave()
	case "esc", "n":
		m.screen.overlay = overlayNone
	}
	return nil
}

// leave ends the stay; the interface goes when the session is over.
func (m *model) leave() tea.Cmd {
	if m.left {
		return tea.Quit // asked twice: whoever waits, it is not for the screen
	}
	m.left = true
	m.screen.overlay = overlayNone
	m.add(entry{at: m.now(), text: "Leaving…"})
	m.meeting.Leave()
	return nil
}
