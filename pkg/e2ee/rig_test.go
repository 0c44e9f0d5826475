package e2ee

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/parley-mesh/parley/pkg/identity"
	"github.com/parley-mesh/parley/pkg/meeting"
	"github.com/parley-mesh/parley/pkg/protocol"
)

var update = flag.Bool("update", false, "write the shared vectors anew")

const (
	theMeeting   = meeting.ID("482913006")
	otherMeeting = meeting.ID("123456789")
	start        = int64(1_700_000_000_000)
)

// person is a participant with everything that follows from one number.
type person struct {
	name    string
	n       byte
	who     *identity.Identity
	key     *SessionKey
	session Session
}

// somebody makes a participant, by invitation or not, in their life-th page load.
func somebody(t testing.TB, name string, n, life byte, member *MembershipKey) person {
	t.Helper()
	p := person{name: name, n: n, who: identity.FromSeed(seed(n))}
	var err error
	if p.key, err = NewSessionKey(seed(n + 100*life)); err != nil {
		t.Fatal(err)
	}
	host := identity.FromSeed(seed(1)).PeerID()
	card := p.key.Card(p.who, theMeeting, host, start+int64(life), member)
	if p.session, err = CheckCard(theMeeting, p.who.PeerID(), card, member); err != nil {
		t.Fatal(err)
	}
	return p
}

func seed(n byte) [32]byte { return [32]byte(bytes.Repeat([]byte{n}, 32)) }

func theSecret(t testing.TB, n byte) meeting.Secret {
	t.Helper()
	s, err := meeting.NewSecret(bytes.NewReader(bytes.Repeat([]byte{n}, 32)))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func theMember(t testing.TB) *MembershipKey {
	k := NewMembershipKey(theSecret(t, 200), theMeeting)
	return &k
}

// room is Ada, who is the host, Ben and Cleo, all by invitation.
func room(t testing.TB) (ada, ben, cleo person) {
	m := theMember(t)
	return somebody(t, "ada", 1, 1, m), somebody(t, "ben", 2, 1, m), somebody(t, "cleo", 3, 1, m)
}

func (p person) mailbox() *Mailbox { return NewMailbox(theMeeting, p.who, p.key, p.session) }

func (p person) id() identity.PeerID { return p.who.PeerID() }

// entry is the person's entry in a roster.
func (p person) entry(role protocol.Role, via protocol.Via) protocol.Participant {
	return protocol.Participant{
		ID: p.id(), N: int64(p.n), Session: start, Kind: protocol.KindBrowser, Role: role, Via: via,
		Presence: protocol.Presence{Name: p.name}, Card: p.session.Card,
	}
}

func anybody(identity.PeerID, int64) bool { return true }

// ringOf is a ring with one epoch by somebody, in use.
func ringOf(by person, key byte) (*Ring, *Epoch) {
	r := NewRing(theMeeting)
	return r, r.Begin(start, seed(key), by.who, start, 1, meeting.EntryAny)
}

func letter(by person, text string) protocol.Carry {
	return protocol.Carry{Envelope: protocol.Envelope{
		Meeting: theMeeting, Session: start, Seq: 1, Kind: protocol.EnvelopeDirective, Body: text,
	}.Sign(by.who)}
}

func signal(n int) protocol.BoxMessage {
	return protocol.Restart{Ends: protocol.LinkEnds{Link: "AAAAAAAAAAAAAAAAAAAAAA", To: int64(n)}}
}

func mustSeal(t testing.TB, m *Mailbox, to Session, messages ...protocol.BoxMessage) string {
	t.Helper()
	box, err := m.Seal(to, messages...)
	if err != nil {
		t.Fatal(err)
	}
	return box
}

func hexOf(b []byte) string { return hex.EncodeToString(b) }

func unhex(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// vectors writes a file of vectors with -update, and reads it.
func vectors[T any](t *testing.T, name string, make func() T) (have T) {
	t.Helper()
	path := filepath.Join("testdata", "vectors", name)
	if *update {
		out, err := json.MarshalIndent(make(), "", "  ")
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, append(out, '\n'), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	file, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	decoder := json.NewDecoder(bytes.NewReader(file))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&have); err != nil {
		t.Fatal(err)
	}
	return have
}

// same fails when a file is not what the code makes: for vectors without dice.
func same[T any](t *testing.T, have, want T) {
	t.Helper()
	var round T
	b, err := json.Marshal(want)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(b, &round); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(round, have); diff != "" {
		t.Errorf("the vectors are not what the code makes (-code +file):\n%s", diff)
	}
}

// fault is what an error is called in the vectors, as in TypeScript.
func fault(err error) string {
	switch err {
	case nil:
		return ""
	case ErrReplayed:
		return "replayed"
	case ErrNoEpoch:
		return "no-epoch"
	case ErrNoKey:
		return "no-key"
	case ErrEpoch:
		return "forged"
	default:
		return "altered"
	}
}
