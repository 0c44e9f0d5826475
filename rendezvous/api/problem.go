package api

import (
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/parley-mesh/parley/pkg/identity"
	"github.com/parley-mesh/parley/pkg/meeting"
	"github.com/parley-mesh/parley/pkg/protocol"
	"github.com/parley-mesh/parley/rendezvous/guard"
	"github.com/parley-mesh/parley/rendezvous/kv"
	"github.com/parley-mesh/parley/rendezvous/store"
)

// refusal is what an error is for the client.
type refusal struct {
	code   protocol.Code
	detail string
	field  string
	after  time.Duration // when to try again; 0: not to be said
}

const storageAfter = 30 * time.Second

// refusalFor is the one place where an error becomes a code and a sentence.
func refusalFor(err error) refusal {
	var (
		field *protocol.FieldError
		wait  *guard.Refusal
	)
	switch {
	case errors.As(err, &field):
		return refusal{code: protocol.CodeInvalid, detail: field.Error() + ".", field: field.Field}
	case errors.As(err, &wait):
		return waitFor(wait)
	case errors.Is(err, store.ErrInvitationNotFound):
		return refusal{code: protocol.CodeInvitationNotFound, detail: "Invitation link not found: it was revoked or has expired. Ask the person who sent it for a new one."}
	case errors.Is(err, store.ErrMeetingNotFound):
		return refusal{code: protocol.CodeMeetingNotFound, detail: "Meeting room not found: it was deleted or has expired, or the ID is mistyped."}
	case errors.Is(err, store.ErrWrongPassword):
		return refusal{code: protocol.CodeIncorrectPassword, detail: "Incorrect meeting password. Check it, or ask for an invitation link, which needs none."}
	case errors.Is(err, store.ErrNotHost):
		return refusal{code: protocol.CodeHostOnly, detail: "Only the host can see or change this meeting."}
	case errors.Is(err, meeting.ErrID):
		return refusal{code: protocol.CodeInvalid, detail: "meeting_id must be nine digits, as in 123-456-789.", field: "meeting_id"}
	case errors.Is(err, meeting.ErrPassword):
		return refusal{code: protocol.CodeInvalid, detail: "password must be 6 to 64 characters of plain text with no spaces around it.", field: "password"}
	case errors.Is(err, meeting.ErrTitle):
		return refusal{code: protocol.CodeInvalid, detail: "title must be 1 to 120 characters of plain text with no spaces around it.", field: "title"}
	case errors.Is(err, meeting.ErrPolicy):
		return refusal{code: protocol.CodeInvalid, detail: "policy is out of bounds.", field: "policy"}
	case errors.Is(err, store.ErrExpiry):
		return refusal{code: protocol.CodeInvalid, detail: "expires_at must be a time in the future, at most 100 years from now.", field: "expires_at"}
	case errors.Is(err, store.ErrCursor):
		return refusal{code: protocol.CodeInvalid, detail: "after must be the next of an earlier page.", field: "after"}
	case errors.Is(err, errBanned):
		return refusal{code: protocol.CodeBanned, detail: "The host has removed you from this meeting for good."}
	case errors.Is(err, errLocked):
		return refusal{code: protocol.CodeLocked, detail: "The meeting is locked: nobody new can come in. Ask the host to let you in."}
	case errors.Is(err, errInviteOnly):
		return refusal{code: protocol.CodeInvitationOnly, detail: "This meeting is entered by invitation only. Ask the host for an invitation link."}
	case errors.Is(err, errFull):
		return refusal{code: protocol.CodeFull, detail: "The meeting is full. Try again in 30 seconds, when somebody may have left.", after: 30 * time.Second}
	case errors.Is(err, protocol.ErrTooLarge):
		return refusal{code: protocol.CodeTooLarge, detail: fmt.Sprintf("The body must be at most %d KiB.", protocol.MaxBody>>10), field: "body"}
	case errors.Is(err, protocol.ErrSyntax):
		return refusal{code: protocol.CodeMalformed, detail: "The body must be valid JSON: one object in UTF-8.", field: "body"}
	case errors.Is(err, errCutOff):
		return refusal{code: protocol.CodeMalformed, detail: "The body ended before it was complete.", field: "body"}
	case errors.Is(err, errMediaType):
		return refusal{code: protocol.CodeMediaType, detail: "The Content-Type of the body must be application/json."}
	case errors.Is(err, errNoSocket):
		return refusal{code: protocol.CodeMalformed, detail: "This address takes WebSockets of the subprotocol " + protocol.Version + " only."}
	case errors.Is(err, errOrigin):
		return refusal{code: protocol.CodeUnauthenticated, detail: "Pages of this origin are not allowed here: open the rendezvous by its public URL."}
	case errors.Is(err, errNoRoute):
		return refusal{code: protocol.CodeNotFound, detail: "There is nothing at this address."}
	case errors.Is(err, errMethod):
		return refusal{code: protocol.CodeMethod, detail: "This address does not take that method; the Allow header names those it takes."}
	case errors.Is(err, kv.ErrFull):
		return refusal{code: protocol.CodeStorage, detail: "The rendezvous has no room left to store this. Meetings that exist go on working; try again later.", after: storageAfter}
	case errors.Is(err, store.ErrBusy), errors.Is(err, errNotReady), errors.Is(err, kv.ErrClosed):
		return refusal{code: protocol.CodeUnavailable, detail: "The rendezvous cannot serve this now. Try again in a few seconds.", after: 5 * time.Second}
	}
	if detail := bearerDetail(err); detail != "" {
		return refusal{code: protocol.CodeUnauthenticated, detail: detail}
	}
	return refusal{code: protocol.CodeInternal, detail: "Something went wrong inside the rendezvous. Try again; its log says what it was."}
}

// bearerDetail says which part of the credential is wrong and what to do.
func bearerDetail(err error) string {
	switch {
	case errors.Is(err, errNoBearer):
		return "The Authorization header is missing or not a bearer token: send \"Bearer TOKEN\" with a token that you signed yourself."
	case errors.Is(err, identity.ErrTokenSignature):
		return "The bearer token's signature does not match its subject: sign it with the key of the peer ID in sub."
	case errors.Is(err, identity.ErrTokenAudience):
		return "The bearer token was made for another audience: set aud to this rendezvous' public URL."
	case errors.Is(err, identity.ErrTokenExpired):
		return "The bearer token has expired: sign a new one, and check that the clock is right."
	case errors.Is(err, identity.ErrTokenNotYet):
		return "The bearer token is not valid yet: check that the clock is right."
	case errors.Is(err, identity.ErrTokenLifetime):
		return "The bearer token lives too long: set exp at most 24 hours after iat."
	case errors.Is(err, identity.ErrTokenMalformed):
		return "The bearer token is not a JWT signed with EdDSA by the peer ID in sub."
	}
	return ""
}

// waitFor says when to try again.
func waitFor(r *guard.Refusal) refusal {
	again := "Try again in " + span(r.RetryAfter) + "."
	out := refusal{code: protocol.CodeTooManyTries, after: r.RetryAfter}
	switch r.Why {
	case guard.WhySuspended:
		out.code = protocol.CodePasswordSuspended
		out.detail = "Entry by password is suspended after too many wrong ones; an invitation link still works. " + again
	case guard.WhyRate, guard.WhyBusy:
		out.code = protocol.CodeTooManyRequests
		out.detail = "Too many requests. " + again
	default:
		out.detail = "Too many failed tries. " + again
	}
	return out
}

// span is a duration as people say it.
func span(d time.Duration) string {
	n, unit := int((d+time.Second-1)/time.Second), "second"
	switch {
	case n > 90*60:
		n, unit = (n+3599)/3600, "hour"
	case n > 90:
		n, unit = (n+59)/60, "minute"
	}
	if n != 1 {
		unit += "s"
	}
	return strconv.Itoa(n) + " " + unit
}

// titles are the short names of problems, the same for each code (RFC 9457
// section 3.1.3).
func title(code protocol.Code) string {
	words := strings.ReplaceAll(string(code), "-", " ")
	return strings.ToUpper(words[:1]) + words[1:]
}

// fail answers with a problem document. What is the rendezvous' own fault is
// logged; what a client did wrong is not worth a line each.
func (a *API) fail(w http.ResponseWriter, r *http.Request, err error) {
	why := refusalFor(err)
	problem := protocol.Problem{
		Type: a.base(r) + "/problems/" + string(why.code), Title: title(why.code), Status: why.code.Status(),
		Detail: why.detail, Field: why.field,
	}
	h := w.Header()
	if why.after > 0 {
		problem.RetryAfter = int(why.after / time.Second)
		h.Set("Retry-After", strconv.Itoa(problem.RetryAfter))
	}
	switch {
	case problem.Status == http.StatusUnauthorized:
		h.Set("WWW-Authenticate", `Bearer realm="`+a.base(r)+`"`)
	case problem.Status >= http.StatusInternalServerError:
		a.config.Log.Error("a request failed", "method", r.Method, "route", r.Pattern, "error", err)
	}
	data, err := protocol.Encode(problem)
	if err != nil {
		a.config.Log.Error("a problem cannot be encoded", "error", err)
		w.WriteHeader(http.StatusInternalServerError)
		return
	}
	writeJSON(w, problem.Status, "application/problem+json", data)
}
