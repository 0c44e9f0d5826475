package api

import (
	"bytes"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/parley-mesh/parley/pkg/identity"
	"github.com/parley-mesh/parley/pkg/protocol"
)

const publicURL = "https://meet.example.com"

// edge is an API with nothing behind it: whatever gets past the doors here would
// fail.
func edge(t *testing.T) *API {
	t.Helper()
	a, err := New(Config{
		Log: slog.New(slog.DiscardHandler), PublicURLs: []string{publicURL, "http://localhost:8080"}, Version: "test",
		Web: fstest.MapFS{
			"index.html":       {Data: []byte("<!doctype html>" + strings.Repeat("<p>Parley</p>", 200))},
			"icon.svg":         {Data: []byte("<svg/>")},
			"assets/app-1a.js": {Data: []byte(strings.Repeat("console.log(1);", 200))},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func ask(a *API, method, path string, headers ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, path, nil)
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	a.ServeHTTP(w, r)
	return w
}

// concrete is a route's path with its wildcards filled in.
func concrete(pattern string) (method, path string) {
	method, path, _ = strings.Cut(pattern, " ")
	path = strings.NewReplacer("{token}", strings.Repeat("A", 43), "{meeting_id}", "482-913-006", "{$}", "").Replace(path)
	return method, path
}

// Guards against a route whose check was dropped: who may use what is written
// down here once more, and a route that is not here fails.
func TestRoutesAndCredentials(t *testing.T) {
	t.Parallel()
	open := []string{"GET /signal", "GET /healthz", "GET /readyz", "GET /openapi.json", "GET /.well-known/parley"}
	closed := []string{
		"POST /meetings/create", "POST /meetings/join", "GET /meetings/my-meetings", "GET /meetings/invitation/{token}",
		"POST /meetings/{meeting_id}/invitation", "GET /meetings/{meeting_id}", "PATCH /meetings/{meeting_id}", "DELETE /meetings/{meeting_id}",
	}
	var known []string
	for _, one := range routes {
		known = append(known, one.pattern)
		if want := slices.Contains(open, one.pattern); want != (one.who == anyone) || one.who == nobody {
			t.Errorf("%s: who is %d", one.pattern, one.who)
		}
	}
	if diff := cmp.Diff(slices.Sorted(slices.Values(slices.Concat(open, closed))), slices.Sorted(slices.Values(known))); diff != "" {
		t.Fatalf("routes (-expected +there):\n%s", diff)
	}

	now := time.Now()
	id := identity.FromSeed([32]byte{1})
	token := func(audience string, at time.Time) string {
		signed, err := identity.NewToken(id, audience, at, time.Hour)
		if err != nil {
			t.Fatal(err)
		}
		return signed
	}
	good := token(publicURL, now)
	forged := good[:len(good)-4] + "AAAA"
	credentials := []struct{ name, header, says string }{
		{"none", "", "The Authorization header is missing"},
		{"basic", "Basic eDp5", "The Authorization header is missing"},
		{"empty", "Bearer ", "The Authorization header is missing"},
		{"garbage", "Bearer x.y.z", "The bearer token is not a JWT"},
		{"forged", "Bearer " + forged, "The bearer token's signature does not match"},
		{"for another", "Bearer " + token("https://other.example.com", now), "The bearer token was made for another audience"},
		{"old", "Bearer " + token(publicURL, now.Add(-3*time.Hour)), "The bearer token has expired"},
		{"of tomorrow", "Bearer " + token(publicURL, now.Add(3*time.Hour)), "The bearer token is not valid yet"},
	}
	a := edge(t)
	for _, pattern := range closed {
		method, path := concrete(pattern)
		for _, c := range credentials {
			w := ask(a, method, path, "Authorization", c.header)
			problem, err := protocol.Decode[protocol.Problem](w.Body.Bytes())
			if err != nil || w.Code != http.StatusUnauthorized || !strings.HasPrefix(problem.Detail, c.says) || w.Header().Get("WWW-Authenticate") == "" {
				t.Errorf("%s with %s: %d %s (%v)", pattern, c.name, w.Code, w.Body, err)
			}
		}
	}
	// A route that nobody remembered to open stays shut, whatever is shown.
	shut := a.door(route{pattern: "GET /new", serve: func(*API, http.ResponseWriter, *http.Request, caller) error {
		t.Error("served")
		return nil
	}})
	w := httptest.NewRecorder()
	r := httptest.NewRequest(http.MethodGet, "/new", nil)
	r.Header.Set("Authorization", "Bearer "+good)
	shut.ServeHTTP(w, r)
	if w.Code != http.StatusNotFound {
		t.Errorf("a route for nobody answered %d", w.Code)
	}
}

// Guards the answers to what no route takes: a problem like every other, with
// the methods that are taken.
func TestRoutesAndMethods(t *testing.T) {
	t.Parallel()
	allow := map[string]string{
		"/meetings/create": "POST, OPTIONS", "/meetings/join": "POST, OPTIONS", "/meetings/my-meetings": "GET, OPTIONS",
		"/meetings/invitation/" + strings.Repeat("A", 43): "GET, OPTIONS", "/meetings/482913006/invitation": "POST, OPTIONS",
		"/meetings/482-913-006": "GET, PATCH, DELETE, OPTIONS", "/signal": "GET, OPTIONS", "/healthz": "GET, OPTIONS",
		"/readyz": "GET, OPTIONS", "/openapi.json": "GET, OPTIONS", "/.well-known/parley": "GET, OPTIONS",
		"/": "GET, OPTIONS", "/join/abc": "GET, OPTIONS", "/room/482-913-006": "GET, OPTIONS", "/icon.svg": "GET, OPTIONS",
	}
	a := edge(t)
	for path, want := range allow {
		for _, method := range []string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "TRACE", "BREW"} {
			if strings.Contains(want, method) || method == "HEAD" && strings.Contains(want, "GET") {
				continue
			}
			w := ask(a, method, path)
			if w.Code != http.StatusMethodNotAllowed || w.Header().Get("Allow") != want || w.Header().Get("Content-Type") != "application/problem+json" {
				t.Errorf("%s %s: %d, Allow %q, want %q", method, path, w.Code, w.Header().Get("Allow"), want)
			}
		}
		w := ask(a, "OPTIONS", path, "Origin", "https://evil.example.com", "Access-Control-Request-Method", "POST")
		if w.Code != http.StatusNoContent || w.Header().Get("Access-Control-Allow-Origin") != "" || w.Header().Get("Access-Control-Allow-Methods") != "" {
			t.Errorf("OPTIONS %s for a strange origin: %d %v", path, w.Code, w.Header())
		}
		w = ask(a, "OPTIONS", path, "Origin", publicURL, "Access-Control-Request-Method", "POST")
		if w.Code != http.StatusNoContent || w.Header().Get("Access-Control-Allow-Origin") != publicURL || w.Header().Get("Access-Control-Allow-Methods") != want {
			t.Errorf("OPTIONS %s for our own origin: %d %v", path, w.Code, w.Header())
		}
	}
	for _, path := range []string{"/nothing", "/meetings", "/meetings/", "/join", "/room/", "/assets/", "/assets/../index.html", "/metrics"} {
		if w := ask(a, "GET", path); w.Code != http.StatusNotFound && w.Code != http.StatusTemporaryRedirect && w.Code != http.StatusMovedPermanently {
			t.Errorf("GET %s: %d", path, w.Code)
		}
	}
}

func TestHeadersOnEverything(t *testing.T) {
	t.Parallel()
	a := edge(t)
	for _, path := range []string{"/", "/nothing", "/meetings/create", "/healthz", "/assets/app-1a.js"} {
		h := ask(a, "GET", path).Header()
		if csp := h.Get("Content-Security-Policy"); !strings.HasPrefix(csp, "default-src 'none'; script-src 'self';") ||
			!strings.Contains(csp, "connect-src 'self' wss://meet.example.com ws://localhost:8080;") ||
			!strings.Contains(csp, "frame-ancestors 'none'") || strings.Contains(csp, "unsafe") {
			t.Errorf("%s: %s", path, csp)
		}
		for name, want := range map[string]string{
			"X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer", "Cross-Origin-Opener-Policy": "same-origin",
			"Cross-Origin-Embedder-Policy": "require-corp", "Cross-Origin-Resource-Policy": "same-origin",
		} {
			if got := h.Get(name); got != want {
				t.Errorf("%s: %s is %q", path, name, got)
			}
		}
		if p := h.Get("Permissions-Policy"); !strings.Contains(p, "camera=(self)") || !strings.Contains(p, "geolocation=()") {
			t.Errorf("%s: Permissions-Policy %q", path, p)
		}
	}
}

func TestFiles(t *testing.T) {
	t.Parallel()
	a := edge(t)
	page := ask(a, "GET", "/").Body.String()
	for _, path := range []string{"/join/some-token", "/room/482-913-006"} {
		w := ask(a, "GET", path)
		if w.Code != http.StatusOK || w.Body.String() != page || w.Header().Get("Cache-Control") != "no-cache" {
			t.Errorf("%s: %d, Cache-Control %q", path, w.Code, w.Header().Get("Cache-Control"))
		}
	}
	plain := ask(a, "GET", "/assets/app-1a.js")
	if got := plain.Header(); got.Get("Content-Type") != "text/javascript; charset=utf-8" || !strings.Contains(got.Get("Cache-Control"), "immutable") || got.Get("Content-Encoding") != "" {
		t.Errorf("the asset's headers: %v", got)
	}
	zipped := ask(a, "GET", "/assets/app-1a.js", "Accept-Encoding", "br, gzip")
	if zipped.Header().Get("Content-Encoding") != "gzip" || zipped.Body.Len() >= plain.Body.Len() || zipped.Header().Get("ETag") == plain.Header().Get("ETag") {
		t.Errorf("compressed: %d bytes of %d, %v", zipped.Body.Len(), plain.Body.Len(), zipped.Header())
	}
	if w := ask(a, "GET", "/assets/app-1a.js", "Accept-Encoding", "gzip;q=0"); w.Header().Get("Content-Encoding") != "" {
		t.Error("compressed for who does not want it")
	}
	if w := ask(a, "GET", "/", "If-None-Match", ask(a, "GET", "/").Header().Get("ETag")); w.Code != http.StatusNotModified || w.Body.Len() != 0 {
		t.Errorf("known page: %d with %d bytes", w.Code, w.Body.Len())
	}
	if w := ask(a, "HEAD", "/"); w.Code != http.StatusOK || w.Body.Len() != 0 || w.Header().Get("Content-Length") == "" {
		t.Errorf("HEAD: %d with %d bytes", w.Code, w.Body.Len())
	}
}

// Guards the log: what may be in a path, a query or a header is not written.
func TestRequestLogNamesTheRouteOnly(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	a := edge(t)
	a.config.Log = slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	token := strings.Repeat("S", 43)
	ask(a, "GET", "/meetings/invitation/"+token+"?q="+token, "Authorization", "Bearer "+token, "X-Forwarded-For", "203.0.113.9")
	ask(a, "GET", "/join/"+token)
	ask(a, "GET", "/"+token)
	if text := log.String(); strings.Contains(text, token) || strings.Contains(text, "203.0.113") || strings.Contains(text, "192.0.2") || !strings.Contains(text, "{token}") {
		t.Errorf("logged:\n%s", text)
	}
}
