package main

import "github.com/parley-mesh/parley/pkg/protocol"

// route is one route of the rendezvous.
type route struct {
	method, path string
	id           string // its name in other programs
	does         string
	open         bool   // no bearer token is needed
	path1        string // the kind of the parameter in the path
	query        map[string]string
	request      string // the name of the body's message
	optional     bool   // the body may be left out
	status       string
	answer       string // the name of the answer's message; "" for none
	refuses      []protocol.Code
}

// routes is every route for programs. Those that answer with the web client's
// page are told in PROTOCOL.md.
var routes = []route{
	{
		method: "post", path: "/meetings/create", id: "createMeeting",
		does:    "Make a meeting. Its host is who signed the token. The only answer that shows a password unasked.",
		request: "CreateRequest", status: "201", answer: "CreateResponse",
		refuses: with(body, protocol.CodeTooManyRequests, protocol.CodeStorage),
	},
	{
		method: "post", path: "/meetings/join", id: "joinMeeting",
		does:    "Prove a password or an invitation and get a ticket for the signaling WebSocket.",
		request: "JoinRequest", status: "200", answer: "JoinResponse",
		refuses: with(body, protocol.CodeMeetingNotFound, protocol.CodeInvitationNotFound, protocol.CodeIncorrectPassword,
			protocol.CodeInvitationOnly, protocol.CodeLocked, protocol.CodeBanned, protocol.CodeFull,
			protocol.CodeTooManyTries, protocol.CodeTooManyRequests, protocol.CodePasswordSuspended),
	},
	{
		method: "get", path: "/meetings/my-meetings", id: "listMyMeetings",
		does:  "The meetings whose host signed the token, newest first, in pages, without passwords.",
		query: map[string]string{"after": "cursor"}, status: "200", answer: "MyMeetingsResponse",
		refuses: with(nil, protocol.CodeInvalid, protocol.CodeTooManyRequests),
	},
	{
		method: "get", path: "/meetings/invitation/{token}", id: "lookAtInvitation",
		does:  "What an invitation invites to, with the password that comes along.",
		path1: "token", status: "200", answer: "InvitationResponse",
		refuses: with(nil, protocol.CodeInvitationNotFound, protocol.CodeTooManyTries, protocol.CodeTooManyRequests),
	},
	{
		method: "get", path: "/meetings/{meeting_id}", id: "lookAtMeeting",
		does: "A meeting as its host sees it.", path1: "meeting", status: "200", answer: "MeetingResponse",
		refuses: with(host),
	},
	{
		method: "patch", path: "/meetings/{meeting_id}", id: "changeMeeting",
		does: "Change title, password, expiry or policy. It takes effect in a running room at once.", path1: "meeting",
		request: "ChangeRequest", status: "200", answer: "MeetingResponse",
		refuses: with(host, with(body, protocol.CodeStorage)...),
	},
	{
		method: "delete", path: "/meetings/{meeting_id}", id: "deleteMeeting",
		does: "Delete a meeting. Everybody in it is told and leaves.", path1: "meeting", status: "204",
		refuses: with(host, protocol.CodeStorage),
	},
	{
		method: "post", path: "/meetings/{meeting_id}/invitation", id: "renewInvitation",
		does:  "Make a new invitation and password. The old ones stop working at once.",
		path1: "meeting", request: "RenewRequest", optional: true, status: "200", answer: "RenewResponse",
		refuses: with(host, with(body, protocol.CodeStorage)...),
	},
	{
		method: "get", path: "/signal", id: "signal", open: true,
		does:   "The signaling WebSocket (subprotocol " + protocol.Version + "). Its frames are told in PROTOCOL.md and schema.json.",
		status: "101", refuses: []protocol.Code{protocol.CodeMalformed, protocol.CodeUnauthenticated, protocol.CodeTooManyRequests},
	},
	{
		method: "get", path: "/healthz", id: "health", open: true,
		does: "The process is alive.", status: "200",
	},
	{
		method: "get", path: "/readyz", id: "ready", open: true,
		does: "Requests can be served.", status: "200", refuses: []protocol.Code{protocol.CodeUnavailable},
	},
	{
		method: "get", path: "/openapi.json", id: "describe", open: true,
		does: "This document.", status: "200",
	},
	{
		method: "get", path: "/.well-known/parley", id: "wellKnown", open: true,
		does: "What a client must know of a rendezvous before it talks to it.", status: "200", answer: "WellKnown",
	},
}

// The refusals that come with a body, and with a host's route.
var (
	body = []protocol.Code{protocol.CodeMalformed, protocol.CodeInvalid, protocol.CodeTooLarge, protocol.CodeMediaType}
	host = []protocol.Code{protocol.CodeMeetingNotFound, protocol.CodeHostOnly, protocol.CodeTooManyRequests}
)

func with(some []protocol.Code, more ...protocol.Code) []protocol.Code {
	return append(append([]protocol.Code{}, some...), more...)
}
