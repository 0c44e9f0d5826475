package e2ee

import (
	"github.com/parley-mesh/parley/pkg/identity"
	"github.com/parley-mesh/parley/pkg/meeting"
	"github.com/parley-mesh/parley/pkg/protocol"
)

const (
	maxCards  = 4096 // identities whose last card is remembered: more than any room has
	maxAlarms = 64   // that nobody has taken yet
)

// Doorkeeper judges each entry of the rendezvous' roster: who does not pass does
// not exist for this client. It owns the memory that this needs: cards seen, the
// host, and the entry policy at its strictest. It belongs to one goroutine.
type Doorkeeper struct {
	meeting      meeting.ID
	host         identity.PeerID
	member       *MembershipKey
	entry        meeting.Entry
	hostUnproved bool // the host's own card has no proof: the meeting has no secret yet
	hostProved   bool // the host has proved in this stay to be invited
	cards        map[identity.PeerID]seenCard
	clock        int64 // counts cards, to forget the one that was not shown for longest
	alarms       []Alarm
}

type seenCard struct{ at, used int64 }

// NewDoorkeeper begins with what this client knows by itself. host is whom it
// takes for the meeting's host for the whole stay: itself, when it made the
// meeting, else whom the rendezvous named when it joined first. member is nil
// for who has no secret.
func NewDoorkeeper(m meeting.ID, host identity.PeerID, member *MembershipKey) *Doorkeeper {
	d := &Doorkeeper{meeting: m, host: host, entry: meeting.EntryAny, cards: make(map[identity.PeerID]seenCard)}
	d.SetMembership(member)
	return d
}

// Judge judges one entry, its card in it: of an update without a card, the card
// from before. refused.Code is "" when the entry is accepted, and as is then the
// entry with via and role as this client takes them. Otherwise as and s are
// zero. The same entry may be judged again, and is when the entry policy or the
// membership key changes. [Doorkeeper.Alarms] has what else was noticed.
func (d *Doorkeeper) Judge(p protocol.Participant) (as protocol.Participant, s Session, refused Alarm) {
	s, err := CheckCard(d.meeting, p.ID, p.Card, d.member)
	if err != nil {
		return refuse(AlarmUnsigned, p)
	}
	if p.Card.At < d.cards[p.ID].at {
		return refuse(AlarmStale, p)
	}
	d.see(p.ID, p.Card.At)

	p.Via = d.via(p, s)
	if p.Kind == protocol.KindHelper {
		p.Role = protocol.RoleParticipant
		return p, s, Alarm{}
	}
	if d.entry == meeting.EntryInvitation && d.member != nil && p.Via != protocol.ViaInvitation {
		if p.ID != d.host || !d.hostProved {
			return refuse(AlarmUninvited, p)
		}
		// Its client may have a newer secret than this one, which the host's first box
		// tells of. Until then it may come in, and no more.
		p.Role = d.demote(p)
		return p, s, Alarm{}
	}
	if p.Via == protocol.ViaInvitation {
		d.Heard(p.Card.Host)
		d.hostProved = d.hostProved || (p.ID == d.host && s.Proved)
	}
	p.Role = d.role(p, s)
	return p, s, Alarm{}
}

func refuse(code AlarmCode, p protocol.Participant) (protocol.Participant, Session, Alarm) {
	return protocol.Participant{}, Session{}, Alarm{Code: code, ID: p.ID, Name: p.Presence.Name}
}

// SetEntry tells the entry policy: of the rendezvous or an acting host, who can
// only make it stricter, or of the meeting's host (byHost), which holds: its
// statement in an epoch, what is kept of that, or its own hand.
func (d *Doorkeeper) SetEntry(e meeting.Entry, byHost bool) {
	if byHost || e == meeting.EntryInvitation {
		d.entry = e
	}
}

// Entry is the entry policy that is in force here.
func (d *Doorkeeper) Entry() meeting.Entry { return d.entry }

// SetMembership replaces the membership key after a new invitation; nil for
// none.
func (d *Doorkeeper) SetMembership(member *MembershipKey) {
	d.member = nil
	if member != nil {
		own := *member
		d.member = &own
	}
}

// Heard tells whom somebody, or a welcome, calls the meeting's host.
func (d *Doorkeeper) Heard(host identity.PeerID) {
	if host != d.host {
		d.alarm(Alarm{Code: AlarmOtherHost, ID: host})
	}
}

// Alarms returns what was noticed since the last call, at most 64 of it. The
// same may be told again: what to tell people once is the caller's affair.
func (d *Doorkeeper) Alarms() []Alarm {
	alarms := d.alarms
	d.alarms = nil
	return alarms
}

func (d *Doorkeeper) see(id identity.PeerID, at int64) {
	d.clock++
	d.cards[id] = seenCard{at: at, used: d.clock}
	if len(d.cards) <= maxCards {
		return
	}
	oldest := id
	for other, c := range d.cards {
		if c.used < d.cards[oldest].used {
			oldest = other
		}
	}
	delete(d.cards, oldest)
}

// via is how somebody came in. Who has no secret cannot check a proof, but sees
// that there is none.
func (d *Doorkeeper) via(p protocol.Participant, s Session) protocol.Via {
	switch {
	case d.member != nil && s.Proved:
		return protocol.ViaInvitation
	case d.member != nil || p.Card.Proof == "":
		return protocol.ViaPassword
	default:
		return p.Via
	}
}

func (d *Doorkeeper) role(p protocol.Participant, s Session) protocol.Role {
	if p.ID == d.host {
		d.hostUnproved = p.Card.Proof == ""
	}
	switch {
	case p.Role == protocol.RoleHost && p.ID != d.host:
		d.alarm(Alarm{Code: AlarmOtherHost, ID: p.ID, Name: p.Presence.Name})
	case p.Role != protocol.RoleHost && p.Role != protocol.RoleCoHost:
	case d.member != nil && !s.Proved && !d.hostUnproved:
		return d.demote(p)
	default:
		return p.Role
	}
	return protocol.RoleParticipant
}

// demote makes a participant of who has not proved what a role demands.
func (d *Doorkeeper) demote(p protocol.Participant) protocol.Role {
	if p.Role == protocol.RoleHost || p.Role == protocol.RoleCoHost {
		d.alarm(Alarm{Code: AlarmUnprovedRole, ID: p.ID, Name: p.Presence.Name})
	}
	return protocol.RoleParticipant
}

func (d *Doorkeeper) alarm(a Alarm) {
	if len(d.alarms) < maxAlarms {
		d.alarms = append(d.alarms, a)
	}
}
