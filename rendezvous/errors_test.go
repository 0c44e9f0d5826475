package rendezvous_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/parley-mesh/parley/pkg/meeting"
	"github.com/parley-mesh/parley/pkg/protocol"
)

// Guards the contract's table of errors over real requests, and that nothing a
// client sends gets another answer than a sentence.
func TestHTTPRefusals(t *testing.T) {
	t.Parallel()
	s := start(t, nil)
	made := s.create(s.person(1), protocol.CreateRequest{})
	id := made.MeetingID.String()
	full := 2
	crowded := s.create(s.person(1), protocol.CreateRequest{Title: "Small", Policy: &meeting.PolicyPatch{Capacity: &full}})
	s.sit(1, crowded)
	s.sit(2, crowded)
	unknown := strings.Repeat("A", 43)
	long := `{"title":"` + strings.Repeat("x", protocol.MaxBody-11) + `"}`
	for name, test := range map[string]struct {
		method, path, body string
		headers            []string
		status             int
		code, field, says  string
	}{
		"token unknown":              {"GET", "/meetings/invitation/" + unknown, "", nil, 404, "invitation-not-found", "", "Invitation link not found"},
		"token of no shape":          {"GET", "/meetings/invitation/x", "", nil, 404, "invitation-not-found", "", "Invitation link not found"},
		"joining by unknown token":   {"POST", "/meetings/join", `{"invitation_token":"` + unknown + `"}`, nil, 404, "invitation-not-found", "", "Invitation link not found"},
		"meeting unknown":            {"POST", "/meetings/join", `{"meeting_id":"000-000-001","password":"123456"}`, nil, 404, "meeting-not-found", "", "Meeting room not found"},
		"looking at an unknown one":  {"GET", "/meetings/000000001", "", nil, 404, "meeting-not-found", "", "Meeting room not found"},
		"wrong password":             {"POST", "/meetings/join", `{"meeting_id":"` + id + `","password":"wrong!"}`, nil, 403, "incorrect-password", "", "Incorrect meeting password"},
		"no bearer":                  {"POST", "/meetings/join", `{}`, []string{"Authorization", ""}, 401, "unauthenticated", "", "The Authorization header is missing"},
		"not the host looks":         {"GET", "/meetings/" + id, "", nil, 403, "host-only", "", "Only the host"},
		"not the host changes":       {"PATCH", "/meetings/" + id, `{"title":"x"}`, nil, 403, "host-only", "", "Only the host"},
		"not the host deletes":       {"DELETE", "/meetings/" + id, "", nil, 403, "host-only", "", "Only the host"},
		"not the host renews":        {"POST", "/meetings/" + id + "/invitation", "", nil, 403, "host-only", "", "Only the host"},
		"full room":                  {"POST", "/meetings/join", `{"invitation_token":"` + crowded.InvitationToken + `"}`, nil, 409, "full", "", "The meeting is full. Try again"},
		"no JSON":                    {"POST", "/meetings/create", `{"title":`, nil, 400, "malformed", "body", "The body must be valid JSON"},
		"no object":                  {"POST", "/meetings/create", `[]`, nil, 422, "invalid", "", ""},
		"empty body":                 {"POST", "/meetings/create", "", []string{"Content-Type", "application/json"}, 400, "malformed", "body", "The body must be valid JSON"},
		"unknown field":              {"POST", "/meetings/create", `{"title":"x","colour":"magenta"}`, nil, 422, "invalid", "colour", "colour "},
		"a field in the policy":      {"POST", "/meetings/create", `{"title":"x","policy":{"colour":"magenta"}}`, nil, 422, "invalid", "policy.colour", "policy.colour "},
		"a field twice":              {"POST", "/meetings/create", `{"title":"x","title":"y"}`, nil, 422, "invalid", "title", "title "},
		"wrong type":                 {"POST", "/meetings/create", `{"title":7}`, nil, 422, "invalid", "title", "title must be"},
		"no title":                   {"POST", "/meetings/create", `{}`, nil, 422, "invalid", "title", "title "},
		"title too long":             {"POST", "/meetings/create", `{"title":"` + strings.Repeat("ü", 121) + `"}`, nil, 422, "invalid", "title", "title must be 1 to 120 characters"},
		"password too short":         {"POST", "/meetings/create", `{"title":"x","password":"12345"}`, nil, 422, "invalid", "password", "password must be 6 to 64 characters"},
		"capacity":                   {"POST", "/meetings/create", `{"title":"x","policy":{"capacity":1}}`, nil, 422, "invalid", "policy.capacity", "policy.capacity must be a whole number from 2 to 1000"},
		"expiry in the past":         {"POST", "/meetings/create", `{"title":"x","expires_at":"2020-01-01T00:00:00Z"}`, nil, 422, "invalid", "expires_at", "expires_at must be a time in the future"},
		"expiry of no form":          {"POST", "/meetings/create", `{"title":"x","expires_at":"tomorrow"}`, nil, 422, "invalid", "expires_at", "expires_at must be"},
		"64 KiB and one":             {"POST", "/meetings/create", long, nil, 413, "too-large", "body", "The body must be at most 64 KiB"},
		"another media type":         {"POST", "/meetings/create", `{"title":"x"}`, []string{"Content-Type", "text/plain"}, 415, "media-type", "", "The Content-Type of the body must be application/json"},
		"another character set":      {"POST", "/meetings/create", `{"title":"x"}`, []string{"Content-Type", "application/json; charset=latin1"}, 415, "media-type", "", "The Content-Type"},
		"an ID with letters":         {"POST", "/meetings/join", `{"meeting_id":"48a-913-006","password":"123456"}`, nil, 422, "invalid", "meeting_id", "meeting_id must be nine digits"},
		"an ID with letters, in URL": {"GET", "/meetings/48a-913-006", "", nil, 422, "invalid", "meeting_id", "meeting_id must be nine digits"},
		"two ways in":                {"POST", "/meetings/join", `{"meeting_id":"482913006","password":"123456","invitation_token":"` + unknown + `"}`, nil, 422, "invalid", "invitation_token", "invitation_token must stand alone"},
		"no way in":                  {"POST", "/meetings/join", `{}`, nil, 422, "invalid", "meeting_id", "meeting_id must be given with password, or else an invitation_token"},
		"an ID alone":                {"POST", "/meetings/join", `{"meeting_id":"482913006"}`, nil, 422, "invalid", "password", "password must be given"},
		"a cursor of no page":        {"GET", "/meetings/my-meetings?after=x", "", nil, 422, "invalid", "after", "after must be"},
	} {
		t.Run(name, func(t *testing.T) {
			headers := append([]string{"Authorization", s.bearer(9)}, test.headers...)
			got := s.call(test.method, test.path, test.body, headers...)
			problem, code := got.problem()
			if got.Status != test.status || problem.Status != test.status || code != test.code || problem.Field != test.field || !strings.HasPrefix(problem.Detail, test.says) {
				t.Errorf("%d %s", got.Status, got.Body)
			}
			if got.Header.Get("Content-Type") != "application/problem+json" || strings.Contains(string(got.Body), "magenta") {
				t.Errorf("%v %s", got.Header, got.Body)
			}
		})
	}
	// Exactly 64 KiB is read, and then judged by what is in it.
	if got := s.call("POST", "/meetings/create", long[:len(long)-1-2]+`"}`, "Authorization", s.bearer(9)); got.Status != 422 {
		t.Errorf("64 KiB: %d %s", got.Status, got.Body)
	}
	// A body of unknown length is bounded too.
	if got := s.call("GET", "/meetings/my-meetings", "", "Authorization", s.bearer(1)); got.Status != 200 {
		t.Errorf("my meetings after all that: %d", got.Status)
	}
}

// Guards the pages of my-meetings, newest first.
func TestMyMeetingsInPages(t *testing.T) {
	t.Parallel()
	s := start(t, nil)
	host := s.person(1)
	const meetings = 53
	for i := range meetings {
		s.create(host, protocol.CreateRequest{Title: fmt.Sprint(i)})
	}
	s.create(s.person(2), protocol.CreateRequest{Title: "not mine"})
	var titles []string
	for after := ""; ; {
		page, err := host.MyMeetings(t.Context(), after)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range page.Meetings {
			titles = append(titles, m.Title)
		}
		if after = page.Next; after == "" {
			break
		}
	}
	if len(titles) != meetings || titles[0] != fmt.Sprint(meetings-1) || titles[meetings-1] != "0" {
		t.Errorf("%d meetings: %v", len(titles), titles)
	}
	raw := s.call("GET", "/meetings/my-meetings", "", "Authorization", s.bearer(1))
	if strings.Contains(string(raw.Body), "password") {
		t.Errorf("a list shows passwords: %s", raw.Body)
	}
}

// Guards PATCH: the new password works at once, on the invitation's page too,
// and the old one does not.
func TestChangedPassword(t *testing.T) {
	t.Parallel()
	s := start(t, nil)
	host := s.person(1)
	made := s.create(host, protocol.CreateRequest{})
	got := s.call("PATCH", "/meetings/"+made.MeetingID.String(), `{"password":"tulip garden","title":"Renamed","expires_at":"2090-01-01T00:00:00Z"}`, "Authorization", s.bearer(1))
	var shown protocol.MeetingResponse
	if err := json.Unmarshal(got.Body, &shown); err != nil || got.Status != 200 || shown.Title != "Renamed" || shown.ExpiresAt == nil {
		t.Fatalf("%d %s", got.Status, got.Body)
	}
	if strings.Contains(string(got.Body), "tulip") {
		t.Error("the answer repeats the password")
	}
	page, err := s.person(2).Invitation(t.Context(), made.Invitation.Token)
	if err != nil || page.Password != "tulip garden" || page.Title != "Renamed" {
		t.Errorf("the invitation shows %+v, %v", page, err)
	}
	for password, status := range map[string]int{"tulip garden": 200, made.Password: 403} {
		body := fmt.Sprintf(`{"meeting_id":%q,"password":%q}`, made.MeetingID, password)
		if got := s.call("POST", "/meetings/join", body, "Authorization", s.bearer(2)); got.Status != status {
			t.Errorf("%d for one of the passwords, want %d: %s", got.Status, status, got.Body)
		}
	}
	got = s.call("PATCH", "/meetings/"+made.MeetingID.String(), `{"expires_at":null}`, "Authorization", s.bearer(1))
	shown = protocol.MeetingResponse{}
	if err := json.Unmarshal(got.Body, &shown); err != nil || shown.ExpiresAt != nil {
		t.Errorf("taking the expiry away: %d %s", got.Status, got.Body)
	}
}

// Guards hostile text: it comes back as it was, in JSON, and nowhere else.
func TestHostileTitles(t *testing.T) {
	t.Parallel()
	s := start(t, nil)
	for _, title := range []string{
		`<script>alert(1)</script>`, `"><img src=x onerror=alert(1)>`, `{{constructor}}`, "../../etc/passwd", "a\u202eb", "👩‍👩‍👧‍👦", "' OR 1=1 --", "%s%n%x",
	} {
		made := s.create(s.person(1), protocol.CreateRequest{Title: title})
		got := s.call("GET", "/meetings/invitation/"+made.InvitationToken, "", "Authorization", s.bearer(2))
		shown, err := protocol.Decode[protocol.InvitationResponse](got.Body)
		if err != nil || shown.Title != title || !strings.HasPrefix(got.Header.Get("Content-Type"), "application/json") {
			t.Errorf("%q came back as %q, %v", title, shown.Title, err)
		}
	}
	for _, title := range []string{"", " x", "x\n", "\x00", "a\u0007b"} {
		body, err := json.Marshal(map[string]string{"title": title})
		if err != nil {
			t.Fatal(err)
		}
		if got := s.call("POST", "/meetings/create", string(body), "Authorization", s.bearer(1)); got.Status != 422 {
			t.Errorf("%q: %d %s", title, got.Status, got.Body)
		}
	}
}
