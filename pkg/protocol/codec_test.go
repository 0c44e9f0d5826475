package protocol

import (
	stdjson "encoding/json"
	"errors"
	"reflect"
	"strings"
	"testing"

	"github.com/go-json-experiment/json"

	"github.com/parley-mesh/parley/pkg/identity"
	"github.com/parley-mesh/parley/pkg/meeting"
)

// A message over its limit is refused before it is parsed, whatever is in it.
func TestTooLarge(t *testing.T) {
	t.Parallel()
	for name, limit := range map[string]int{
		"ClientFrame": MaxFrame, "ServerFrame": MaxWelcome, "BoxMessage": MaxMessage, "ControlMessage": MaxFrame,
		"CreateRequest": MaxBody, "MyMeetingsResponse": MaxAnswer, "Problem": MaxAnswer, "Beat": MaxBeat, "Chat": MaxBody,
	} {
		if _, _, err := decodeAny(name, make([]byte, limit+1)); !errors.Is(err, ErrTooLarge) {
			t.Errorf("%s: %v", name, err)
		}
		if _, _, err := decodeAny(name, make([]byte, limit)); !errors.Is(err, ErrSyntax) {
			t.Errorf("%s at its limit: %v", name, err)
		}
	}
	if _, err := EncodeClient(1, SendBroadcast{Box: strings.Repeat(`"`, MaxBox)}); !errors.Is(err, ErrTooLarge) {
		t.Errorf("a frame too large to send: %v", err)
	}
}

// A full room's welcome fits its limit, or nobody could come into it.
func TestFullRosterFits(t *testing.T) {
	t.Parallel()
	widest := Participant{
		ID: anna, N: MaxInt, Session: MaxInt, Kind: KindBrowser, Role: RoleParticipant, Via: ViaInvitation,
		Presence: Presence{Name: strings.Repeat("🎉", 60)},
	}
	w := Welcome{Self: widest, Title: "t", HostID: anna, Policy: meeting.DefaultPolicy(), Resume: Resume{Ticket: "t"}}
	for range MaxRoster {
		w.Roster = append(w.Roster, widest)
	}
	data, err := EncodeServer(0, w)
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := DecodeServer(data); err != nil {
		t.Error(err)
	}
	w.Roster = append(w.Roster, widest)
	if err := Validate(w); err == nil || err.Error() != "roster must be a list of 0 to 1000 entries" {
		t.Errorf("one more: %v", err)
	}
}

// A list is refused at its first entry too many, not after all were read: the
// rest here is no JSON at all.
func TestListsAreCountedWhileRead(t *testing.T) {
	t.Parallel()
	var field *FieldError
	_, err := Decode[WellKnown]([]byte(`{"origins":[` + strings.Repeat(`"x",`, 17) + `!`))
	if !errors.As(err, &field) || field.Field != "origins" {
		t.Errorf("%v", err)
	}
}

// Errors name the member and never repeat a value.
func TestErrorsEchoNothing(t *testing.T) {
	t.Parallel()
	const secret = "hunter2hunter2"
	for _, wire := range []string{
		`{"meeting_id":"` + secret + `","password":"123456"}`,
		`{"meeting_id":"123456789","password":"\u0000` + secret + `"}`,
		`{"invitation_token":"` + secret + `"}`,
		`{"meeting_id":["` + secret + `"]}`,
		`{"meeting_id":"` + secret + `"`,
		secret,
	} {
		_, err := Decode[JoinRequest]([]byte(wire))
		if err == nil || strings.Contains(err.Error(), secret) {
			t.Errorf("%s: %v", wire, err)
		}
	}
}

// A message of our own is checked as strictly as one that comes in.
func TestValidate(t *testing.T) {
	t.Parallel()
	for want, message := range map[string]any{
		"":                             Remove{ID: bert},
		"id must be":                   Remove{},
		"title must be 1 to 120":       &CreateRequest{Title: " "},
		"presence.name must be":        Hello{MeetingID: "482913006", Ticket: "t", Kind: KindNode},
		"meeting must be nine digits":  Envelope{},
		"envelopes[0].from must be":    History{Envelopes: []Envelope{{Meeting: "482913006"}}},
		"policy.capacity must be":      CreateRequest{Title: "t", Policy: &meeting.PolicyPatch{Capacity: new(1)}},
		"expires_at must be a time":    ChangeRequest{ExpiresAt: Expiry{Set: true, At: new(at.AddDate(-100, 0, 0))}},
		"created_at must be a time":    MeetingSummary{MeetingID: "482913006", Title: "t"},
		"sfu must be given for a star": Directive{Topology: TopologyStar, Reason: "r"},
		"names[1] must be 1 to 60":     InvitationResponse{MeetingID: "482913006", Title: "t", Password: "123456", HostID: anna, CreatedAt: at, Names: []string{"a", ""}},
	} {
		err := Validate(message)
		if (want == "") != (err == nil) || err != nil && !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%+v: %v, want %s…", message, err, want)
		}
	}
}

// The rendezvous' own tables depend on these: a code without its status would
// be told as a fault of the rendezvous.
func TestEveryCodeIsAWord(t *testing.T) {
	t.Parallel()
	for _, c := range []Code{
		CodeInvitationNotFound, CodeMeetingNotFound, CodeIncorrectPassword, CodeInvitationOnly, CodePasswordSuspended, CodeLocked,
		CodeBanned, CodeUnauthenticated, CodeTooManyTries, CodeTooManyRequests, CodeFull, CodeHostOnly, CodeMalformed, CodeInvalid,
		CodeTooLarge, CodeMediaType, CodeMethod, CodeNotFound, CodeNotInRoom, CodeTicket, CodeStorage, CodeUnavailable,
	} {
		if !kinds["code"].allows(string(c)) || c.Status() == CodeInternal.Status() {
			t.Errorf("%s: %d", c, c.Status())
		}
	}
}

// Guards against a member of a message that the union's own members would hide.
func TestUnionsHideNoMember(t *testing.T) {
	t.Parallel()
	for _, u := range Everything().Unions {
		for _, m := range u.Messages {
			for _, own := range planOf(m.Type).members {
				if own.name == "type" || own.name == "seq" {
					t.Errorf("%s %s has a member %s of its own", u.Name, m.Name, own.name)
				}
			}
		}
	}
}

// The bounds of peer IDs are those of the smallest and the largest key, and
// every key's text is between them.
func TestPeerKindIsPeerID(t *testing.T) {
	t.Parallel()
	k := kinds["peer"]
	for fill, want := range map[byte]string{0x00: k.Low, 0xff: k.High} {
		key := make([]byte, 32)
		for i := range key {
			key[i] = fill
		}
		id, err := identity.PeerIDFromPublicKey(key)
		if err != nil || string(id) != want || !k.allows(want) {
			t.Errorf("%x: %s, %v, want %s", fill, id, err, want)
		}
	}
	for _, text := range []string{
		k.Low[:51] + "v", k.High[:51] + "r", string(anna)[:51], string(anna) + "1", "12D3KooW" + strings.Repeat("z", 44),
	} {
		_, err := identity.ParsePeerID(text)
		if k.allows(text) != (err == nil) {
			t.Errorf("%s: allowed %v, but %v", text, k.allows(text), err)
		}
	}
}

// The quick matchers mean what the patterns say that other programs get.
func TestPatternsMeanTheSame(t *testing.T) {
	t.Parallel()
	for name, k := range kinds {
		if k.match == nil || k.Form == FormPeer {
			continue
		}
		exact := shaped(k.Max, k.Pattern, "")
		for _, text := range []string{
			"", token, linkID, said.Sig, token[:42] + "B", linkID[:21] + "B", said.Sig[:85] + "B", token[:42] + "é", strings.Repeat("A", k.Max), strings.Repeat("=", k.Max), strings.Repeat("A", k.Max) + "\n",
		} {
			if exact.match(text) != k.match(text) {
				t.Errorf("%s: %q", name, text)
			}
		}
	}
}

// What a client decodes most: a signal with a candidate, and one with an offer.
func BenchmarkDecodeClient(b *testing.B) {
	type bare struct {
		Type string `json:"type"`
		Seq  int64  `json:"seq"`
		To   string `json:"to"`
		Box  string `json:"box"`
	}
	for _, size := range []int{200, 4000} {
		frame, err := EncodeClient(12, SendSignal{To: bert, Box: strings.Repeat(`{"sdp":"v=0\r\no=- 1 2 IN IP4 127.0.0.1"}`, size/40)})
		if err != nil {
			b.Fatal(err)
		}
		run := func(name string, decode func() error) {
			b.Run(name+"/"+map[bool]string{true: "candidate", false: "offer"}[size < 1000], func(b *testing.B) {
				b.ReportAllocs()
				b.SetBytes(int64(len(frame)))
				for b.Loop() {
					if err := decode(); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
		run("protocol", func() error { _, _, err := DecodeClient(frame); return err })
		run("encoding-json", func() error { var v bare; return stdjson.Unmarshal(frame, &v) })
		run("json-v2", func() error { var v bare; return json.Unmarshal(frame, &v) })
	}
}

func BenchmarkValidateWelcome(b *testing.B) {
	w := examples()[14].value
	if reflect.TypeOf(w) != reflect.TypeFor[Welcome]() {
		b.Fatal("not the welcome")
	}
	b.ReportAllocs()
	for b.Loop() {
		if err := Validate(w); err != nil {
			b.Fatal(err)
		}
	}
}
