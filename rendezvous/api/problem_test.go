package api

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/parley-mesh/parley/pkg/protocol"
	"github.com/parley-mesh/parley/rendezvous/guard"
	"github.com/parley-mesh/parley/rendezvous/kv"
	"github.com/parley-mesh/parley/rendezvous/store"
)

// Guards the contract's table of errors, word by word, through any wrapping.
func TestErrorsBecomeProblems(t *testing.T) {
	t.Parallel()
	a := edge(t)
	for _, test := range []struct {
		err    error
		status int
		begins string
		code   string
		retry  string
	}{
		{store.ErrInvitationNotFound, 404, "Invitation link not found", "invitation-not-found", ""},
		{store.ErrMeetingNotFound, 404, "Meeting room not found", "meeting-not-found", ""},
		{store.ErrWrongPassword, 403, "Incorrect meeting password", "incorrect-password", ""},
		{store.ErrNotHost, 403, "Only the host", "host-only", ""},
		{errNoBearer, 401, "The Authorization header is missing", "unauthenticated", ""},
		{&guard.Refusal{Why: guard.WhyRow, RetryAfter: 4 * time.Minute}, 429, "Too many failed tries. Try again in 4 minutes.", "too-many-tries", "240"},
		{&guard.Refusal{Why: guard.WhyRate, RetryAfter: time.Second}, 429, "Too many requests. Try again in 1 second.", "too-many-requests", "1"},
		{&guard.Refusal{Why: guard.WhySuspended, RetryAfter: time.Hour}, 429, "Entry by password is suspended", "password-suspended", "3600"},
		{errFull, 409, "The meeting is full. Try again", "full", "30"},
		{protocol.ErrSyntax, 400, "The body must be valid JSON", "malformed", ""},
		{&protocol.FieldError{Field: "title", Says: "must be short"}, 422, "title must be short", "invalid", ""},
		{protocol.ErrTooLarge, 413, "The body must be at most 64 KiB", "too-large", ""},
		{errMediaType, 415, "The Content-Type of the body must be application/json", "media-type", ""},
		{kv.ErrFull, 503, "The rendezvous has no room left", "storage", "30"},
		{store.ErrBusy, 503, "The rendezvous cannot serve this now", "unavailable", "5"},
		{errors.New("a bug"), 500, "Something went wrong", "internal", ""},
	} {
		w := httptest.NewRecorder()
		a.fail(w, httptest.NewRequest(http.MethodPost, "/meetings/join", nil), fmt.Errorf("wrapped: %w", test.err))
		problem, err := protocol.Decode[protocol.Problem](w.Body.Bytes())
		if err != nil {
			t.Errorf("%v: %v", test.err, err)
			continue
		}
		if w.Code != test.status || problem.Status != test.status || !strings.HasPrefix(problem.Detail, test.begins) ||
			problem.Type != publicURL+"/problems/"+test.code || w.Header().Get("Retry-After") != test.retry ||
			w.Header().Get("Content-Type") != "application/problem+json" {
			t.Errorf("%v: %d %+v, Retry-After %q", test.err, w.Code, problem, w.Header().Get("Retry-After"))
		}
	}
}

func TestSpans(t *testing.T) {
	t.Parallel()
	for d, want := range map[time.Duration]string{
		time.Second: "1 second", 1500 * time.Millisecond: "2 seconds", 90 * time.Second: "90 seconds", 91 * time.Second: "2 minutes",
		time.Hour: "60 minutes", 2 * time.Hour: "2 hours",
	} {
		if got := span(d); got != want {
			t.Errorf("%v is %q, want %q", d, got, want)
		}
	}
}
