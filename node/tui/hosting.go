package tui

import (
	"context"
	"slices"

	tea "charm.land/bubbletea/v2"

	"github.com/parley-mesh/parley/pkg/meeting"
)

// doneMsg tells how something went that took its time.
type doneMsg struct {
	said  string // for people, when it went well
	offer *offer
	err   error
}

// openHost opens the list of what who has the chair can do.
func (m *model) openHost() {
	if !m.screen.chairs() {
		m.add(entry{at: m.now(), text: "Only who has the chair can let in, remove and lock.", bad: true})
		return
	}
	m.screen.overlay, m.screen.chosen = overlayHost, 0
	m.picked = m.screen.deeds()[0]
}

// follow keeps what is chosen under the cursor while people come and go. What can
// be done no more leaves nothing chosen: no key does to one what was meant for
// another.
func (m *model) follow() {
	m.screen.chosen = slices.Index(m.screen.deeds(), m.picked)
	if m.screen.chosen < 0 {
		m.picked = deed{}
	}
}

func (m *model) hostKey(k tea.KeyPressMsg) tea.Cmd {
	list := m.screen.deeds()
	switch k.String() {
	case "esc", "q", "m":
		m.screen.overlay = overlayNone
	case "up", "k":
		m.screen.chosen = max(0, m.screen.chosen-1)
		m.picked = list[m.screen.chosen]
	case "down", "j":
		m.screen.chosen = min(m.screen.chosen+1, len(list)-1)
		m.picked = list[m.screen.chosen]
	case "d":
		if m.picked.what == doAdmit {
			m.say(m.meeting.Deny(m.picked.id))
		}
	case "enter":
		return m.do(m.picked)
	}
	return nil
}

func (m *model) do(d deed) tea.Cmd {
	switch d.what {
	case doAdmit:
		m.say(m.meeting.Admit(d.id))
	case doLock:
		m.say(m.meeting.Lock(!m.screen.state.Policy.Locked))
		m.screen.overlay = overlayNone
	case doEntry:
		m.screen.overlay = overlayNone
		return m.setEntry()
	case doShow:
		m.show()
	case doRenew:
		m.screen.overlay, m.screen.removed = overlayRenew, ""
	case doRemove:
		m.screen.overlay, m.screen.removed = overlayRemove, nameIn(m.screen.state, d.id)
	}
	return nil
}

func (m *model) setEntry() tea.Cmd {
	entry, said := meeting.EntryInvitation, "Entry is by invitation only now."
	if m.screen.state.Entry == meeting.EntryInvitation {
		entry, said = meeting.EntryAny, "Entry is open to who has the password now."
	}
	return m.later(func(ctx context.Context) doneMsg {
		return doneMsg{said: said, err: m.meeting.SetEntry(ctx, entry)}
	})
}

func (m *model) show() {
	inv, known := m.meeting.Invitation()
	if !known {
		m.screen.overlay = overlayNone
		m.add(entry{at: m.now(), text: "This machine does not have the invitation. A new one can be made.", bad: true})
		return
	}
	m.screen.overlay, m.screen.offer = overlayInvitation, m.draw(inv, "")
}

func (m *model) draw(inv meeting.Invitation, password string) offer {
	o := offer{link: inv.String(), password: password}
	if m.qr != nil {
		o.code = m.qr(o.link)
	}
	return o
}

func (m *model) removeKey(k tea.KeyPressMsg) {
	switch k.String() {
	case "enter", "y", "b":
		m.screen.overlay = overlayNone
		err := m.meeting.Remove(m.picked.id, k.String() == "b")
		m.say(err)
		if err == nil && m.screen.hosts() {
			m.screen.overlay = overlayRenew
		}
	case "esc", "n":
		m.screen.overlay = overlayNone
	}
}

// renewKey takes the answer. Who was just removed was so by Enter: one too many
// makes no invitation.
func (m *model) renewKey(k tea.KeyPressMsg) tea.Cmd {
	key := k.String()
	if key == "enter" && m.screen.removed != "" {
		key = "n"
	}
	switch key {
	case "enter", "y":
		m.screen.overlay = overlayNone
		m.add(entry{at: m.now(), text: "Making a new invitation…"})
		return m.later(func(ctx context.Context) doneMsg {
			made, err := m.meeting.Renew(ctx)
			if err != nil {
				return doneMsg{err: err}
			}
			o := m.draw(made.Invitation, made.Password)
			return doneMsg{said: "There is a new invitation. The old link and password open nothing any more.", offer: &o}
		})
	case "esc", "n":
		m.screen.overlay = overlayNone
	}
	return nil
}

// done shows how something went.
func (m *model) done(msg doneMsg) {
	if msg.err != nil {
		m.say(msg.err)
		return
	}
	m.add(entry{at: m.now(), text: msg.said})
	if msg.offer != nil {
		m.screen.overlay, m.screen.offer = overlayInvitation, *msg.offer
	}
}
