package protocol

import (
	"encoding/hex"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/parley-mesh/parley/pkg/identity"
)

type envelopeVector struct {
	Seed     string   `json:"seed"`   // the author's, hex
	Signed   string   `json:"signed"` // the bytes that are signed, hex
	Envelope Envelope `json:"envelope"`
}

// Guards against Go and TypeScript signing different bytes. Ed25519 is
// deterministic, so signatures are compared too.
func TestEnvelopeVectors(t *testing.T) {
	t.Parallel()
	var want []envelopeVector
	for i, e := range []Envelope{
		{Meeting: "482913006", Session: 1, Seq: 1, Kind: EnvelopeChat, Body: "{}"},
		{Meeting: "000000000", Session: MaxInt, Seq: MaxInt, Kind: EnvelopeDirective, Body: `{"text":"Grüße, 会議 🎉\n"}`},
		{Meeting: "999999999", Session: 1700000000000, Seq: 256, Kind: EnvelopeCapacity, Body: strings.Repeat("x", 70)},
	} {
		seed := [32]byte{0: byte(i), 31: 7}
		signed := e.Sign(identity.FromSeed(seed))
		want = append(want, envelopeVector{hex.EncodeToString(seed[:]), hex.EncodeToString(signed.Signed()), signed})
	}
	checkFile(t, "envelopes.json", want)
	for _, v := range want {
		if err := v.Envelope.Verify(); err != nil {
			t.Errorf("%+v: %v", v.Envelope, err)
		}
	}
}

// No member of an envelope can be changed, nor text moved from one to the next.
func TestEnvelopeForged(t *testing.T) {
	t.Parallel()
	for name, forge := range map[string]func(*Envelope){
		"meeting":      func(e *Envelope) { e.Meeting = "482913007" },
		"from":         func(e *Envelope) { e.From = bert },
		"session":      func(e *Envelope) { e.Session++ },
		"seq":          func(e *Envelope) { e.Seq++ },
		"kind":         func(e *Envelope) { e.Kind = EnvelopeCapacity },
		"body":         func(e *Envelope) { e.Body += " " },
		"sig":          func(e *Envelope) { e.Sig = strings.Repeat("A", 86) },
		"sig spelling": func(e *Envelope) { e.Sig += "=" },
		"no sig":       func(e *Envelope) { e.Sig = "" },
		"between":      func(e *Envelope) { e.Kind += "{"; e.Body = e.Body[1:] },
		"no author":    func(e *Envelope) { e.From = "" },
	} {
		e := said
		forge(&e)
		if err := e.Verify(); !errors.Is(err, ErrEnvelopeSignature) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

type chairVector struct {
	Why    string        `json:"why"`
	Roster []Participant `json:"roster"`
	Chair  string        `json:"chair"` // "" for nobody
}

// Guards the order of succession, which every client must compute alike.
func TestActingHostVectors(t *testing.T) {
	t.Parallel()
	in := func(n byte, kind ParticipantKind, role Role, via Via) Participant {
		return Participant{ID: person(n).PeerID(), N: int64(n), Session: int64(n), Kind: kind, Role: role, Via: via, Presence: Presence{Name: "p"}}
	}
	roster := func(all ...Participant) []Participant { return append([]Participant{}, all...) }
	chair := func(n byte) string { return string(person(n).PeerID()) }
	byPassword := func(n byte) Participant { return in(n, KindBrowser, RoleParticipant, ViaPassword) }
	byInvitation := func(n byte) Participant { return in(n, KindNode, RoleParticipant, ViaInvitation) }
	coHost := func(n byte) Participant { return in(n, KindBrowser, RoleCoHost, ViaPassword) }
	host := func(n byte) Participant { return in(n, KindBrowser, RoleHost, ViaPassword) }
	helper := func(n byte, role Role) Participant { return in(n, KindHelper, role, ViaInvitation) }
	want := []chairVector{
		{"nobody is there", roster(), ""},
		{"one is there", roster(byPassword(4)), chair(4)},
		{"a helper never", roster(helper(1, RoleParticipant)), ""},
		{"a helper not even as host", roster(helper(1, RoleHost), byPassword(2)), chair(2)},
		{"the host before all", roster(byInvitation(1), coHost(2), host(3)), chair(3)},
		{"a co-host before who came earlier by invitation", roster(byInvitation(1), coHost(2)), chair(2)},
		{"an invitation before a password", roster(byPassword(1), byInvitation(2)), chair(2)},
		{"the first of co-hosts", roster(coHost(5), coHost(3), coHost(4)), chair(3)},
		{"the first by invitation, in whatever order", roster(byInvitation(9), byPassword(1), byInvitation(6), byInvitation(7)), chair(6)},
		{"the first by password", roster(byPassword(8), byPassword(2)), chair(2)},
		{"the host of two tells nobody apart but by number", roster(host(9), host(3)), chair(3)},
	}
	checkFile(t, "acting-host.json", want)
	for _, v := range want {
		if diff := cmp.Diff(v.Chair, string(ActingHost(v.Roster))); diff != "" {
			t.Errorf("%s: %s", v.Why, diff)
		}
	}
}
