package e2ee

import (
	"strings"
	"testing"

	"github.com/parley-mesh/parley/pkg/identity"
	"github.com/parley-mesh/parley/pkg/protocol"
)

// peopleVectors are the participants that the other files name.
type peopleVectors struct {
	Meeting string         `json:"meeting"`
	Secret  string         `json:"secret"`
	Member  string         `json:"membership"`
	People  []personVector `json:"people"`
}

type personVector struct {
	Name         string          `json:"name"`
	IdentitySeed string          `json:"identity_seed"`
	SessionSeed  string          `json:"session_seed"`
	ID           identity.PeerID `json:"id"`
	Proved       bool            `json:"proved"`
	Card         protocol.Card   `json:"card"`
	Fingerprint  string          `json:"fingerprint"`
	Tag          uint32          `json:"tag"`
}

func named(t testing.TB) map[string]person {
	m := theMember(t)
	all := make(map[string]person)
	for _, p := range []person{
		somebody(t, "ada", 1, 1, m), somebody(t, "ben", 2, 1, m), somebody(t, "cleo", 3, 1, m),
		somebody(t, "dan", 4, 1, nil), somebody(t, "ben again", 2, 2, m),
	} {
		all[p.name] = p
	}
	return all
}

// Guards every byte that follows from a secret and a seed: all of it is without
// dice, so that both languages must make the same.
func TestPeopleVectors(t *testing.T) {
	t.Parallel()
	make := func() peopleVectors {
		v := peopleVectors{Meeting: theMeeting.String(), Secret: theSecret(t, 200).Reveal(), Member: theMember(t).Reveal()}
		people := named(t)
		for _, name := range []string{"ada", "ben", "cleo", "dan", "ben again"} {
			p := people[name]
			life := byte(p.session.Card.At - start)
			identitySeed, sessionSeed := seed(p.n), seed(p.n+100*life)
			v.People = append(v.People, personVector{
				Name: name, IdentitySeed: hexOf(identitySeed[:]), SessionSeed: hexOf(sessionSeed[:]), ID: p.id(),
				Proved: p.session.Proved, Card: p.session.Card, Fingerprint: hexOf(p.session.Fingerprint[:]), Tag: p.session.Tag(),
			})
		}
		return v
	}
	same(t, vectors(t, "people.json", make), make())
}

type cardVector struct {
	Says    string          `json:"says"`
	Meeting string          `json:"meeting"`
	ID      identity.PeerID `json:"id"`
	Member  string          `json:"membership,omitempty"`
	Card    protocol.Card   `json:"card"`
	Good    bool            `json:"good"`
	Proved  bool            `json:"proved,omitempty"`
}

// Guards what a card is bound to: change any of it and it is nobody's.
func TestCardVectors(t *testing.T) {
	t.Parallel()
	make := func() []cardVector {
		ada, ben, _ := room(t)
		member := theMember(t).Reveal()
		other := NewMembershipKey(theSecret(t, 201), theMeeting)
		good := cardVector{Meeting: theMeeting.String(), ID: ben.id(), Member: member, Card: ben.session.Card, Good: true, Proved: true}
		list := []cardVector{good}
		list[0].Says = "by invitation"
		add := func(says string, change func(*cardVector)) {
			v := good
			v.Says = says
			change(&v)
			list = append(list, v)
		}
		add("checked without a secret", func(v *cardVector) { v.Member, v.Proved = "", false })
		add("one byte of the secret is another", func(v *cardVector) { v.Member, v.Proved = other.Reveal(), false })
		add("without a proof", func(v *cardVector) {
			v.Card, v.Proved = somebody(t, "ben", 2, 1, nil).session.Card, false
		})
		bad := func(says string, change func(*cardVector)) {
			add(says, func(v *cardVector) { v.Good, v.Proved = false, false; change(v) })
		}
		bad("of another meeting", func(v *cardVector) { v.Meeting = otherMeeting.String() })
		bad("of another identity", func(v *cardVector) { v.ID = ada.id() })
		bad("another's key", func(v *cardVector) { v.Card.Key = ada.session.Card.Key })
		bad("made later", func(v *cardVector) { v.Card.At++ })
		bad("another host", func(v *cardVector) { v.Card.Host = ben.id() })
		bad("its proof taken away", func(v *cardVector) { v.Card.Proof = "" })
		bad("another's proof", func(v *cardVector) { v.Card.Proof = ada.session.Card.Proof })
		bad("another's signature", func(v *cardVector) { v.Card.Sig = ada.session.Card.Sig })
		bad("no signature", func(v *cardVector) { v.Card.Sig = "" })
		bad("no card", func(v *cardVector) { v.Card = protocol.Card{} })
		return list
	}
	have := vectors(t, "cards.json", make)
	same(t, have, make())
	for _, v := range have {
		var member *MembershipKey
		if v.Member != "" {
			k, err := ParseMembershipKey(v.Member)
			if err != nil {
				t.Fatal(err)
			}
			member = &k
		}
		m := theMeeting
		if v.Meeting == otherMeeting.String() {
			m = otherMeeting
		}
		s, err := CheckCard(m, v.ID, v.Card, member)
		if (err == nil) != v.Good || s.Proved != v.Proved {
			t.Errorf("%s: %v, proved %v", v.Says, err, s.Proved)
		}
	}
}

// Guards a second text for the same bytes, with which a card could be shown twice.
func TestTextsHaveOneForm(t *testing.T) {
	t.Parallel()
	_, ben, _ := room(t)
	c := ben.session.Card
	c.Key = c.Key[:10] + "\n" + c.Key[10:]
	if _, err := CheckCard(theMeeting, ben.id(), c, nil); err != ErrCard {
		t.Errorf("a line break in a key: %v", err)
	}
	if _, err := ParseMembershipKey(strings.Repeat("A", 42) + "B"); err != ErrMembership {
		t.Errorf("spare bits: %v", err)
	}
}
