package api

import (
	"net/http"
	"net/netip"

	"github.com/parley-mesh/parley/pkg/identity"
)

// who may use a route. The zero value is nobody, so that a route whose credential
// was forgotten is shut.
type who int

const (
	nobody   who = iota
	anyone       // no credential
	somebody     // a bearer token signed by any identity
	host         // a bearer token signed by the meeting's host; the handler finds out who that is
)

// caller is who a request comes from.
type caller struct {
	id   identity.PeerID // "" on a route for anyone
	addr netip.Addr
}

// route is one line of the table of routes.
type route struct {
	pattern string // of http.ServeMux, with its method
	who     who
	serve   func(a *API, w http.ResponseWriter, r *http.Request, c caller) error
}

// routes is everything the edge answers, beside the web client's files.
var routes = []route{
	{"POST /meetings/create", somebody, (*API).create},
	{"POST /meetings/join", somebody, (*API).join},
	{"GET /meetings/my-meetings", somebody, (*API).myMeetings},
	{"GET /meetings/invitation/{token}", somebody, (*API).invitation},
	{"POST /meetings/{meeting_id}/invitation", host, (*API).renew},
	{"GET /meetings/{meeting_id}", host, (*API).look},
	{"PATCH /meetings/{meeting_id}", host, (*API).change},
	{"DELETE /meetings/{meeting_id}", host, (*API).remove},
	{"GET /signal", anyone, (*API).signal}, // the ticket is in the first frame, never in a URL
	{"GET /healthz", anyone, (*API).health},
	{"GET /readyz", anyone, (*API).ready},
	{"GET /openapi.json", anyone, (*API).openAPI},
	{"GET /.well-known/parley", anyone, (*API).wellKnown},
}

// pages are the paths at which the web client's one page is.
var pages = []string{"GET /{$}", "GET /join/{token}", "GET /room/{meeting_id}"}

// methods is every method of a route.
var methods = []string{http.MethodGet, http.MethodPost, http.MethodPatch, http.MethodDelete}
