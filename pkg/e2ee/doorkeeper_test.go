package e2ee

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/parley-mesh/parley/pkg/identity"
	"github.com/parley-mesh/parley/pkg/meeting"
	"github.com/parley-mesh/parley/pkg/protocol"
)

// doorVector is one client's stay: what it is told, and what it makes of it.
type doorVector struct {
	Says   string          `json:"says"`
	Host   identity.PeerID `json:"host"`
	Member string          `json:"membership,omitempty"`
	Steps  []doorStep      `json:"steps"`
}

// doorStep is one of judge, entry, membership and heard, and what follows.
type doorStep struct {
	Judge   *protocol.Participant `json:"judge,omitempty"`
	Entry   meeting.Entry         `json:"entry,omitempty"`
	ByChair bool                  `json:"by_chair,omitempty"`
	Member  string                `json:"membership,omitempty"`
	Heard   identity.PeerID       `json:"heard,omitempty"`

	Refused AlarmCode     `json:"refused,omitempty"`
	Via     protocol.Via  `json:"via,omitempty"`
	Role    protocol.Role `json:"role,omitempty"`
	Alarms  []doorAlarm   `json:"alarms,omitempty"` // that this step left
}

type doorAlarm struct {
	Code AlarmCode       `json:"code"`
	ID   identity.PeerID `json:"id"`
	Name string          `json:"name"`
}

func accepted(p protocol.Participant, via protocol.Via, role protocol.Role, alarms ...doorAlarm) doorStep {
	return doorStep{Judge: &p, Via: via, Role: role, Alarms: alarms}
}

func refused(p protocol.Participant, code AlarmCode) doorStep {
	return doorStep{Judge: &p, Refused: code}
}

func doorVectors(t *testing.T) []doorVector {
	const (
		host, coHost, participant = protocol.RoleHost, protocol.RoleCoHost, protocol.RoleParticipant
		invited, password         = protocol.ViaInvitation, protocol.ViaPassword
	)
	people := named(t)
	ada, ben, cleo, dan := people["ada"], people["ben"], people["cleo"], people["dan"]
	member := theMember(t).Reveal()
	renewed := NewMembershipKey(theSecret(t, 201), theMeeting)
	unproved := func(p person) person { return somebody(t, p.name, p.n, 1, nil) }
	again := func(version byte, by *MembershipKey) person { return somebody(t, "ada", 1, version, by) }
	carded := func(p protocol.Participant, c protocol.Card) protocol.Participant {
		p.Card = c
		return p
	}
	of := func(p person, code AlarmCode) doorAlarm { return doorAlarm{code, p.id(), p.name} }
	with, without := ben.entry(participant, invited), dan.entry(participant, password)
	helper := dan.entry(participant, invited)
	helper.Kind = protocol.KindHelper
	otherHost := NewMembershipKey(theSecret(t, 200), theMeeting)
	misled := with
	misled.Card = ben.key.Card(ben.who, theMeeting, ben.id(), start+5, &otherHost)

	return []doorVector{
		{"who is who", ada.id(), member, []doorStep{
			accepted(ada.entry(host, invited), invited, host),
			accepted(with, invited, participant),
			accepted(without, password, participant),
			accepted(ben.entry(participant, password), invited, participant),
			accepted(dan.entry(participant, invited), password, participant),
		}},
		{"without a secret the rendezvous is believed where there is a proof", ada.id(), "", []doorStep{
			accepted(ada.entry(host, invited), invited, host),
			accepted(ben.entry(participant, password), password, participant),
			accepted(dan.entry(participant, invited), password, participant),
			accepted(unproved(cleo).entry(coHost, password), password, coHost),
			{Entry: meeting.EntryInvitation},
			accepted(without, password, participant),
		}},
		{"without a good card nobody is there, and with one they are", ada.id(), member, []doorStep{
			refused(carded(with, protocol.Card{}), AlarmUnsigned),
			refused(carded(with, cleo.session.Card), AlarmUnsigned),
			accepted(with, invited, participant),
		}},
		{"an old card", ada.id(), member, []doorStep{
			accepted(carded(with, people["ben again"].session.Card), invited, participant),
			refused(with, AlarmStale),
			accepted(carded(with, people["ben again"].session.Card), invited, participant),
		}},
		{"by invitation alone", ada.id(), member, []doorStep{
			accepted(without, password, participant),
			{Entry: meeting.EntryInvitation},
			refused(without, AlarmUninvited),
			accepted(with, invited, participant),
			{Entry: meeting.EntryAny},
			refused(without, AlarmUninvited),
			{Entry: meeting.EntryAny, ByChair: true},
			accepted(without, password, participant),
			{Entry: meeting.EntryInvitation, ByChair: true},
			refused(without, AlarmUninvited),
			accepted(helper, password, participant),
		}},
		{"another secret, by invitation alone", ada.id(), renewed.Reveal(), []doorStep{
			accepted(with, password, participant),
			{Entry: meeting.EntryInvitation},
			refused(with, AlarmUninvited),
		}},
		{"a new invitation", ada.id(), member, []doorStep{
			{Entry: meeting.EntryInvitation},
			accepted(with, invited, participant),
			{Member: renewed.Reveal()},
			refused(with, AlarmUninvited),
			accepted(somebody(t, "ben", 2, 2, &renewed).entry(participant, invited), invited, participant),
		}},
		{"the host with a new invitation, of which this client has not heard", ada.id(), member, []doorStep{
			{Entry: meeting.EntryInvitation},
			accepted(ada.entry(host, invited), invited, host),
			accepted(with, invited, participant),
			accepted(again(2, &renewed).entry(host, invited), password, participant, of(ada, AlarmUnprovedRole)),
			accepted(again(3, nil).entry(host, invited), password, participant, of(ada, AlarmUnprovedRole)),
			refused(without, AlarmUninvited),
			refused(unproved(cleo).entry(coHost, password), AlarmUninvited),
			accepted(again(4, &renewed).entry(participant, invited), password, participant),
			{Member: renewed.Reveal()},
			accepted(again(4, &renewed).entry(host, invited), invited, host),
		}},
		{"a host that has never proved to be invited", ada.id(), member, []doorStep{
			{Entry: meeting.EntryInvitation},
			refused(unproved(ada).entry(host, password), AlarmUninvited),
			refused(again(2, &renewed).entry(host, invited), AlarmUninvited),
		}},
		{"another host", ada.id(), member, []doorStep{
			accepted(ada.entry(host, invited), invited, host),
			accepted(ben.entry(host, invited), invited, participant, of(ben, AlarmOtherHost)),
			accepted(misled, invited, participant, doorAlarm{AlarmOtherHost, ben.id(), ""}),
			{Heard: ada.id()},
			{Heard: dan.id(), Alarms: []doorAlarm{{AlarmOtherHost, dan.id(), ""}}},
		}},
		{"roles without a proof", ada.id(), member, []doorStep{
			accepted(ada.entry(host, invited), invited, host),
			accepted(ben.entry(coHost, invited), invited, coHost),
			accepted(dan.entry(coHost, password), password, participant, of(dan, AlarmUnprovedRole)),
		}},
		{"before the host has a secret", ada.id(), member, []doorStep{
			accepted(unproved(ada).entry(host, password), password, host),
			accepted(dan.entry(coHost, password), password, coHost),
		}},
		{"a helper is nobody's host", ada.id(), member, []doorStep{
			accepted(func() protocol.Participant { p := helper; p.Role = host; return p }(), password, participant),
			refused(carded(helper, protocol.Card{}), AlarmUnsigned),
		}},
	}
}

// Guards each rule about who is accepted, in both languages.
func TestDoorkeeperVectors(t *testing.T) {
	t.Parallel()
	make := func() []doorVector { return doorVectors(t) }
	have := vectors(t, "doorkeeper.json", make)
	same(t, have, make())
	for _, v := range have {
		d := NewDoorkeeper(theMeeting, v.Host, optional(t, v.Member))
		for i, s := range v.Steps {
			switch {
			case s.Judge != nil:
				as, session, no := d.Judge(*s.Judge)
				if no.Code != s.Refused || as.Via != s.Via || as.Role != s.Role {
					t.Errorf("%s, step %d: refused %q, via %s, role %s", v.Says, i, no.Code, as.Via, as.Role)
				}
				if (session.ID == "") != (no.Code != "") {
					t.Errorf("%s, step %d: a refused one has a session, or an accepted one none", v.Says, i)
				}
			case s.Member != "":
				d.SetMembership(optional(t, s.Member))
			case s.Heard != "":
				d.Heard(s.Heard)
			default:
				d.SetEntry(s.Entry, s.ByChair)
			}
			var alarms []doorAlarm
			for _, a := range d.Alarms() {
				alarms = append(alarms, doorAlarm(a))
			}
			if !slices.Equal(alarms, s.Alarms) {
				t.Errorf("%s, step %d: alarms %v, want %v", v.Says, i, alarms, s.Alarms)
			}
		}
	}
}

func optional(t *testing.T, member string) *MembershipKey {
	t.Helper()
	if member == "" {
		return nil
	}
	k, err := ParseMembershipKey(member)
	if err != nil {
		t.Fatal(err)
	}
	return &k
}

// Guards somebody being kept out for good by what a rendezvous said of them
// before: whatever nonsense comes first, the true card is judged for itself.
func TestDoorkeeperJudgesAnew(t *testing.T) {
	t.Parallel()
	people := named(t)
	ben := people["ben"]
	member := theMember(t)
	rapid.Check(t, func(t *rapid.T) {
		d := NewDoorkeeper(theMeeting, people["ada"].id(), member)
		for range rapid.IntRange(0, 6).Draw(t, "lies") {
			p := ben.entry(protocol.RoleParticipant, protocol.ViaInvitation)
			switch rapid.IntRange(0, 3).Draw(t, "lie") {
			case 0:
				p.Card = protocol.Card{}
			case 1:
				p.Card = people["cleo"].session.Card
			case 2:
				p.Card.At += rapid.Int64Range(1, 1<<40).Draw(t, "later")
			case 3:
				p.Card.Key = people["ben again"].session.Card.Key
			}
			if _, _, no := d.Judge(p); no.Code != AlarmUnsigned {
				t.Fatalf("a lie was accepted: %v", no)
			}
		}
		if _, s, no := d.Judge(ben.entry(protocol.RoleParticipant, protocol.ViaPassword)); no.Code != "" || s.Fingerprint != ben.session.Fingerprint {
			t.Fatalf("refused %v", no)
		}
	})
}

// Guards memory: a rendezvous that makes up identities, and alarms, without end.
func TestDoorkeeperIsBounded(t *testing.T) {
	t.Parallel()
	people := named(t)
	d := NewDoorkeeper(theMeeting, people["ada"].id(), nil)
	for range 3 * maxAlarms {
		d.Heard(people["dan"].id())
	}
	if n := len(d.Alarms()); n != maxAlarms {
		t.Errorf("%d alarms are kept", n)
	}
	for i := range maxCards + 10 {
		d.see(identity.PeerID(rune(i)), int64(i))
	}
	if len(d.cards) != maxCards || d.cards[identity.PeerID(rune(9))].at != 0 || d.cards[identity.PeerID(rune(10))].at != 10 {
		t.Errorf("%d cards are kept, or the wrong ones", len(d.cards))
	}
}

// Guards a client that shows an alarm without words.
func TestAlarmsHaveSentences(t *testing.T) {
	t.Parallel()
	seen := make(map[string]bool)
	for _, code := range []AlarmCode{
		AlarmUnsigned, AlarmStale, AlarmUninvited, AlarmOtherHost, AlarmUnprovedRole, AlarmAltered, AlarmReplayed, AlarmForged, "",
	} {
		for _, name := range []string{"", "Ben"} {
			s := Alarm{Code: code, Name: name}.Sentence()
			if s == "" || s[len(s)-1] != '.' || seen[s] {
				t.Errorf("%s: %q", code, s)
			}
			seen[s] = true
		}
	}
}
