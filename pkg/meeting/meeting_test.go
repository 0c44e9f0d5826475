package meeting_test

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/parley-mesh/parley/pkg/meeting"
)

func draws(values ...uint64) io.Reader {
	var b []byte
	for _, v := range values {
		b = binary.BigEndian.AppendUint64(b, v)
	}
	return bytes.NewReader(b)
}

// Guards against a bias towards small numbers. Below the last whole multiple of
// n each remainder has as many draws as any other; at and above it the draw
// has to be thrown away.
func TestNumbersAreUnbiased(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		n    uint64
		draw func(io.Reader) (string, error)
	}{
		"ID":        {1e9, func(r io.Reader) (string, error) { id, err := meeting.NewID(r); return string(id), err }},
		"6 digits":  {1e6, func(r io.Reader) (string, error) { return meeting.NewPassword(r, 6) }},
		"12 digits": {1e12, func(r io.Reader) (string, error) { return meeting.NewPassword(r, 12) }},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			whole := math.MaxUint64 / c.n * c.n // not 2^64, which no n here divides
			digits := len(fmt.Sprint(c.n)) - 1
			rapid.Check(t, func(t *rapid.T) {
				v := rapid.Uint64().Draw(t, "draw")
				next := rapid.Uint64Range(0, whole-1).Draw(t, "next")
				want := v % c.n
				if v >= whole {
					want = next % c.n
				}
				got, err := c.draw(draws(v, next))
				if err != nil {
					t.Fatal(err)
				}
				if got != fmt.Sprintf("%0*d", digits, want) {
					t.Fatalf("draws %d, %d gave %s, want %d", v, next, got, want)
				}
			})
			for v, accepted := range map[uint64]bool{0: true, whole - 1: true, whole: false, math.MaxUint64: false} {
				_, err := c.draw(draws(v))
				if (err == nil) != accepted {
					t.Errorf("draw %d: err = %v, want accepted = %v", v, err, accepted)
				}
			}
		})
	}
}

type stuck struct{}

func (stuck) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = 0xff
	}
	return len(p), nil
}

// Guards against a broken source of randomness: no endless loop, no predictable ID.
func TestBrokenRandomness(t *testing.T) {
	t.Parallel()
	if _, err := meeting.NewID(stuck{}); !errors.Is(err, meeting.ErrRandom) {
		t.Errorf("stuck source: err = %v, want ErrRandom", err)
	}
	short := func() io.Reader { return bytes.NewReader([]byte{1, 2, 3}) }
	if _, err := meeting.NewID(short()); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("NewID: err = %v", err)
	}
	if _, err := meeting.NewPassword(short(), 6); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("NewPassword: err = %v", err)
	}
	if _, err := meeting.NewToken(short()); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("NewToken: err = %v", err)
	}
	if _, err := meeting.NewSecret(short()); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("NewSecret: err = %v", err)
	}
}

func TestIDRoundTrip(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		id, err := meeting.NewID(draws(rapid.Uint64Range(0, 1<<63).Draw(t, "draw")))
		if err != nil {
			t.Fatal(err)
		}
		for _, text := range []string{string(id), id.String()} {
			if back, err := meeting.ParseID(text); err != nil || back != id {
				t.Fatalf("ParseID(%s) = %s, %v", text, back, err)
			}
		}
		encoded, err := json.Marshal(id)
		if err != nil || string(encoded) != `"`+id.String()+`"` || strings.Count(string(encoded), "-") != 2 {
			t.Fatalf("JSON = %s, %v", encoded, err)
		}
		var back meeting.ID
		if err := json.Unmarshal(encoded, &back); err != nil || back != id {
			t.Fatalf("from JSON = %s, %v", back, err)
		}
	})
	if _, err := json.Marshal(meeting.ID("x")); !errors.Is(err, meeting.ErrID) {
		t.Errorf("JSON of a broken ID: err = %v", err)
	}
}

func TestPasswordsThatAreMade(t *testing.T) {
	t.Parallel()
	for digits := -1; digits < 15; digits++ {
		password, err := meeting.NewPassword(draws(7), digits)
		if digits < meeting.MinPasswordDigits || digits > meeting.MaxPasswordDigits {
			if !errors.Is(err, meeting.ErrPasswordDigits) {
				t.Errorf("%d digits: err = %v", digits, err)
			}
			continue
		}
		if err != nil || password != strings.Repeat("0", digits-1)+"7" || meeting.ValidPassword(password) != nil {
			t.Errorf("%d digits: %q, %v", digits, password, err)
		}
	}
}

// Guards against two keyboards' spellings of one password.
func TestNormalPassword(t *testing.T) {
	t.Parallel()
	got, err := meeting.NormalPassword("cafe\u0301-au-lait")
	if want := "caf\u00e9-au-lait"; err != nil || got != want {
		t.Errorf("NormalPassword = %q, %v, want %q", got, err, want)
	}
	// Five characters once normalized, so too few, although ten were typed.
	if err := meeting.ValidPassword(strings.Repeat("e\u0301", 5)); !errors.Is(err, meeting.ErrPassword) {
		t.Errorf("err = %v, want ErrPassword", err)
	}
	// 64 once normalized, although 128 were typed.
	if err := meeting.ValidPassword(strings.Repeat("e\u0301", 64)); err != nil {
		t.Errorf("err = %v", err)
	}
}

// Guards against a token or secret in a log or an error, whichever way it is printed.
func TestSecretsPrintAsPlaceholders(t *testing.T) {
	t.Parallel()
	token, err := meeting.NewToken(bytes.NewReader(bytes.Repeat([]byte{0xab}, 32)))
	if err != nil {
		t.Fatal(err)
	}
	secret, err := meeting.NewSecret(bytes.NewReader(bytes.Repeat([]byte{0xcd}, 32)))
	if err != nil {
		t.Fatal(err)
	}
	link := meeting.Invitation{Base: "https://a.example", Token: token, Secret: &secret}
	var out strings.Builder
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d"} {
		fmt.Fprintf(&out, strings.Repeat(verb+"\n", 4), token, secret, struct{ T *meeting.Token }{&token}, []meeting.Secret{secret})
	}
	for _, h := range []slog.Handler{slog.NewTextHandler(&out, nil), slog.NewJSONHandler(&out, nil)} {
		slog.New(h).Info("x", "token", token, "secret", secret, "link", link, "all", struct{ T meeting.Token }{token})
	}
	for _, shown := range []string{token.Reveal(), secret.Reveal(), "abab", "ABAB", "cdcd", "CDCD", "171 171", "205 205", "0xab"} {
		if strings.Contains(out.String(), shown) {
			t.Errorf("%q shows in:\n%s", shown, out.String())
		}
	}
}

func TestTokensAndSecrets(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		raw := rapid.SliceOfN(rapid.Byte(), 32, 32).Draw(t, "bytes")
		token, err := meeting.NewToken(bytes.NewReader(raw))
		if err != nil {
			t.Fatal(err)
		}
		secret, err := meeting.NewSecret(bytes.NewReader(raw))
		if err != nil {
			t.Fatal(err)
		}
		if b := token.Bytes(); !bytes.Equal(b[:], raw) || secret.Bytes() != b {
			t.Fatal("other bytes came out")
		}
		if back, err := meeting.ParseToken(token.Reveal()); err != nil || !back.Equal(token) {
			t.Fatalf("token: %v", err)
		}
		if back, err := meeting.ParseSecret(secret.Reveal()); err != nil || !back.Equal(secret) {
			t.Fatalf("secret: %v", err)
		}
		raw[rapid.IntRange(0, 31).Draw(t, "byte")] ^= 1
		other, err := meeting.NewToken(bytes.NewReader(raw))
		if err != nil {
			t.Fatal(err)
		}
		if other.Equal(token) || other.Hash() == token.Hash() {
			t.Fatal("two tokens are told for one")
		}
		otherSecret, err := meeting.NewSecret(bytes.NewReader(raw))
		if err != nil || otherSecret.Equal(secret) {
			t.Fatalf("two secrets are told for one (%v)", err)
		}
	})
	for _, text := range []string{"", strings.Repeat("A", 42), strings.Repeat("A", 44), strings.Repeat("A", 42) + "B", strings.Repeat("A", 42) + "=", strings.Repeat("+", 43)} {
		if _, err := meeting.ParseToken(text); !errors.Is(err, meeting.ErrToken) {
			t.Errorf("ParseToken(%q): err = %v", text, err)
		}
		if _, err := meeting.ParseSecret(text); !errors.Is(err, meeting.ErrSecret) {
			t.Errorf("ParseSecret(%q): err = %v", text, err)
		}
	}
}

func TestInvitationRoundTrip(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		token, err := meeting.NewToken(bytes.NewReader(rapid.SliceOfN(rapid.Byte(), 32, 32).Draw(t, "token")))
		if err != nil {
			t.Fatal(err)
		}
		want := meeting.Invitation{
			Base:  rapid.StringMatching(`https?://([a-z0-9]{1,9}\.){0,2}[a-z]{1,9}(:[1-9][0-9]{3})?(/[a-z0-9_~-][a-z.]{0,5}){0,2}`).Draw(t, "base"),
			Token: token,
		}
		if rapid.Bool().Draw(t, "with secret") {
			secret, err := meeting.NewSecret(bytes.NewReader(rapid.SliceOfN(rapid.Byte(), 32, 32).Draw(t, "secret")))
			if err != nil {
				t.Fatal(err)
			}
			want.Secret = &secret
		}
		got, err := meeting.ParseInvitation(want.String())
		if err != nil {
			t.Fatal(err)
		}
		if got.String() != want.String() || got.Base != want.Base || !got.Token.Equal(want.Token) {
			t.Fatalf("%s came back as %s", want, got)
		}
	})
}

// Guards against a panic, an error without a sentinel, and a link that another
// parse takes for another invitation.
func FuzzParseInvitation(f *testing.F) {
	var vectors []invitationVector
	readVectors(f, "invitations.json", &vectors)
	for _, v := range vectors {
		f.Add(v.Link)
	}
	f.Add(strings.Repeat("/join/", 400))
	f.Fuzz(func(t *testing.T, link string) {
		inv, err := meeting.ParseInvitation(link)
		if err != nil {
			for _, sentinel := range []error{meeting.ErrNotInvitation, meeting.ErrNoToken, meeting.ErrBrokenToken, meeting.ErrBrokenSecret} {
				if errors.Is(err, sentinel) {
					return
				}
			}
			t.Fatalf("err = %v is no sentinel", err)
		}
		again, err := meeting.ParseInvitation(inv.String())
		if err != nil || again.String() != inv.String() {
			t.Fatalf("%q → %s → %s, %v", link, inv, again, err)
		}
	})
}

func FuzzParseID(f *testing.F) {
	f.Add("482913006")
	f.Add("482-913-006")
	f.Add("482-913006")
	f.Add("٤٨٢٩١٣٠٠٦")
	f.Fuzz(func(t *testing.T, text string) {
		id, err := meeting.ParseID(text)
		if err != nil {
			if !errors.Is(err, meeting.ErrID) {
				t.Fatalf("err = %v", err)
			}
			return
		}
		if text != string(id) && text != id.String() {
			t.Fatalf("%q was taken for %s", text, id)
		}
	})
}

func TestPolicy(t *testing.T) {
	t.Parallel()
	def := meeting.DefaultPolicy()
	if err := def.Validate(); err != nil {
		t.Fatal(err)
	}
	if got, err := (meeting.PolicyPatch{}).Apply(def); err != nil || got != def {
		t.Errorf("an empty patch changes %v into %v (%v)", def, got, err)
	}
	text, err := json.Marshal(def)
	if want := `{"capacity":100,"mesh_max":4,"entry":"any","waiting_room":false,"locked":false,"share":"everyone","chat":"everyone","record":"everyone"}`; err != nil || string(text) != want {
		t.Errorf("JSON = %s, %v, want %s", text, err, want)
	}
	var all meeting.PolicyPatch
	want := meeting.Policy{
		Capacity: 12, MeshMax: 2, Entry: meeting.EntryInvitation, WaitingRoom: true, Locked: true,
		Share: meeting.WhoHost, Chat: meeting.WhoHost, Record: meeting.WhoHost,
	}
	text, err = json.Marshal(want)
	if err != nil {
		t.Fatal(err)
	}
	// A policy's JSON is also the patch that changes every member.
	if err := json.Unmarshal(text, &all); err != nil {
		t.Fatal(err)
	}
	if got, err := all.Apply(def); err != nil || got != want {
		t.Errorf("Apply = %s, %v", cmp.Diff(want, got), err)
	}
	for patch, member := range map[string]string{
		`{"capacity":1}`: "capacity", `{"capacity":1001}`: "capacity", `{"mesh_max":1}`: "mesh_max", `{"mesh_max":9}`: "mesh_max",
		`{"entry":"all"}`: "entry", `{"share":""}`: "share", `{"chat":"Everyone"}`: "chat", `{"record":"nobody"}`: "record",
	} {
		var p meeting.PolicyPatch
		if err := json.Unmarshal([]byte(patch), &p); err != nil {
			t.Fatal(err)
		}
		if _, err := p.Apply(def); !errors.Is(err, meeting.ErrPolicy) || !strings.Contains(err.Error(), member) {
			t.Errorf("%s: err = %v, want one that names %s", patch, err, member)
		}
	}
}
