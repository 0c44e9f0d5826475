package meeting_test

import (
	"encoding/hex"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/parley-mesh/parley/pkg/meeting"
)

// The web client's tests replay the same files as these, so that both take the
// same text for the same thing.

type idVector struct {
	Text  string `json:"text"`
	ID    string `json:"id,omitempty"` // digits; absent when refused
	Shown string `json:"shown,omitempty"`
	Why   string `json:"why,omitempty"`
}

type textVector struct {
	Text   string `json:"text"`
	Valid  bool   `json:"valid"`
	Normal string `json:"normal,omitempty"` // of a password, when it is not Text itself
	Why    string `json:"why,omitempty"`
}

type invitationVector struct {
	Link   string `json:"link"`
	Base   string `json:"base,omitempty"`
	Token  string `json:"token,omitempty"`
	Hash   string `json:"hash,omitempty"` // the token's lookup key, hex
	Secret string `json:"secret,omitempty"`
	Error  string `json:"error,omitempty"` // not-invitation, no-token, broken-token or broken-secret
	Why    string `json:"why,omitempty"`
}

func readVectors(t testing.TB, name string, into any) {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", "vectors", name))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(data, into); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
}

func TestIDVectors(t *testing.T) {
	t.Parallel()
	var vectors []idVector
	readVectors(t, "ids.json", &vectors)
	for _, v := range vectors {
		id, err := meeting.ParseID(v.Text)
		if string(id) != v.ID || (v.ID == "") != errors.Is(err, meeting.ErrID) || (err == nil && id.String() != v.Shown) {
			t.Errorf("%q (%s): %q, %v", v.Text, v.Why, id, err)
		}
	}
}

func TestTitleVectors(t *testing.T) {
	t.Parallel()
	var vectors []textVector
	readVectors(t, "titles.json", &vectors)
	for _, v := range vectors {
		if err := meeting.ValidTitle(v.Text); v.Valid != (err == nil) || v.Valid == errors.Is(err, meeting.ErrTitle) {
			t.Errorf("%q (%s): %v", v.Text, v.Why, err)
		}
	}
}

func TestPasswordVectors(t *testing.T) {
	t.Parallel()
	var vectors []textVector
	readVectors(t, "passwords.json", &vectors)
	for _, v := range vectors {
		want := v.Normal
		if v.Valid && want == "" {
			want = v.Text
		}
		got, err := meeting.NormalPassword(v.Text)
		if got != want || v.Valid != (err == nil) || v.Valid == errors.Is(err, meeting.ErrPassword) {
			t.Errorf("%q (%s): %q, %v", v.Text, v.Why, got, err)
		}
	}
}

func TestInvitationVectors(t *testing.T) {
	t.Parallel()
	var vectors []invitationVector
	readVectors(t, "invitations.json", &vectors)
	sentinels := map[string]error{
		"": nil, "not-invitation": meeting.ErrNotInvitation, "no-token": meeting.ErrNoToken,
		"broken-token": meeting.ErrBrokenToken, "broken-secret": meeting.ErrBrokenSecret,
	}
	for _, v := range vectors {
		want, ok := sentinels[v.Error]
		if !ok {
			t.Fatalf("no error is called %q", v.Error)
		}
		inv, err := meeting.ParseInvitation(v.Link)
		if !errors.Is(err, want) {
			t.Errorf("%q (%s): err = %v, want %v", v.Link, v.Why, err, want)
		}
		if err != nil || want != nil {
			continue
		}
		secret, hash := "", inv.Token.Hash()
		if inv.Secret != nil {
			secret = inv.Secret.Reveal()
		}
		if inv.Base != v.Base || inv.Token.Reveal() != v.Token || secret != v.Secret || hex.EncodeToString(hash[:]) != v.Hash {
			t.Errorf("%q (%s): %s, hash %x", v.Link, v.Why, inv, hash)
		}
	}
}
