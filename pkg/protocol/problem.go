package protocol

import "net/http"

// Problem is an error on the wire: RFC 9457 in HTTP, and the same code and
// sentence inside a WebSocket. Type ends in the code.
type Problem struct {
	Type       string `json:"type" is:"url"`
	Title      string `json:"title" is:"detail"`
	Status     int    `json:"status" is:"status"`
	Detail     string `json:"detail" is:"detail"`
	Field      string `json:"field,omitzero" is:"field"`
	RetryAfter int    `json:"retry_after,omitzero" is:"seconds"`
}

// Code is the stable word of a refusal.
type Code string

// Every refusal there is.
const (
	CodeInvitationNotFound Code = "invitation-not-found"
	CodeMeetingNotFound    Code = "meeting-not-found"
	CodeIncorrectPassword  Code = "incorrect-password"
	CodeInvitationOnly     Code = "invitation-only"
	CodePasswordSuspended  Code = "password-suspended"
	CodeLocked             Code = "locked"
	CodeBanned             Code = "banned"
	CodeUnauthenticated    Code = "unauthenticated"
	CodeTooManyTries       Code = "too-many-tries"
	CodeTooManyRequests    Code = "too-many-requests"
	CodeFull               Code = "full"
	CodeHostOnly           Code = "host-only"
	CodeMalformed          Code = "malformed"
	CodeInvalid            Code = "invalid"
	CodeTooLarge           Code = "too-large"
	CodeMediaType          Code = "media-type"
	CodeMethod             Code = "method-not-allowed"
	CodeNotFound           Code = "not-found"
	CodeNotInRoom          Code = "not-in-room"
	CodeTicket             Code = "ticket"
	CodeStorage            Code = "storage"
	CodeUnavailable        Code = "unavailable"
	CodeInternal           Code = "internal"
)

// Status is the HTTP status that goes with a code.
func (c Code) Status() int {
	switch c {
	case CodeInvitationNotFound, CodeMeetingNotFound, CodeNotFound, CodeNotInRoom:
		return http.StatusNotFound
	case CodeIncorrectPassword, CodeInvitationOnly, CodeHostOnly, CodeLocked, CodeBanned:
		return http.StatusForbidden
	case CodeUnauthenticated, CodeTicket:
		return http.StatusUnauthorized
	case CodeTooManyTries, CodeTooManyRequests, CodePasswordSuspended:
		return http.StatusTooManyRequests
	case CodeFull:
		return http.StatusConflict
	case CodeMalformed:
		return http.StatusBadRequest
	case CodeInvalid:
		return http.StatusUnprocessableEntity
	case CodeTooLarge:
		return http.StatusRequestEntityTooLarge
	case CodeMediaType:
		return http.StatusUnsupportedMediaType
	case CodeMethod:
		return http.StatusMethodNotAllowed
	case CodeStorage, CodeUnavailable:
		return http.StatusServiceUnavailable
	default:
		return http.StatusInternalServerError
	}
}
