package api

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/parley-mesh/parley/pkg/identity"
	"github.com/parley-mesh/parley/rendezvous/guard"
	"github.com/parley-mesh/parley/rendezvous/hub"
	"github.com/parley-mesh/parley/rendezvous/store"
	"github.com/parley-mesh/parley/rendezvous/ticket"
)

// Config is what the edge stands on; every field is required but TrustedProxies.
type Config struct {
	Log     *slog.Logger
	Hub     *hub.Hub
	Guard   *guard.Guard
	Store   *store.Store
	Tickets *ticket.Sealer
	// PublicURLs are the addresses that people use, as scheme://host[:port]. The
	// first is the one to show. Their pages may use the API, and bearer tokens are
	// made for one of them.
	PublicURLs []string
	// TrustedProxies may tell a client's address by X-Forwarded-For.
	TrustedProxies []netip.Prefix
	// Relay is the full addresses of the relay where nodes meet; none when none runs.
	Relay []string
	// Helpers are the identities that may wait to be called into rooms.
	Helpers []identity.PeerID
	// Web is the web client.
	Web fs.FS
	// Version of the program.
	Version string
}

// API is the edge. It is an http.Handler; its WebSockets outlive their requests
// and end with Run.
type API struct {
	config  Config
	headers map[string]string
	origins map[string]bool
	mux     *http.ServeMux
	shut    map[string]bool // patterns that are there to be refused
	buffers sync.Pool       // of *[]byte, smallFrame long

	life context.Context // ends with Run
	end  context.CancelFunc

	mu      sync.Mutex
	closing bool
	running sync.WaitGroup // WebSockets
}

// New returns an edge that answers at once.
func New(config Config) (*API, error) {
	if len(config.PublicURLs) == 0 {
		return nil, errors.New("api: no public URL")
	}
	files, err := loadFiles(config.Web)
	if err != nil {
		return nil, err
	}
	a := &API{
		config:  config,
		headers: securityHeaders(config.PublicURLs),
		origins: make(map[string]bool),
		shut:    make(map[string]bool),
		mux:     http.NewServeMux(),
		buffers: sync.Pool{New: func() any { b := make([]byte, smallFrame); return &b }},
	}
	a.life, a.end = context.WithCancel(context.Background())
	for _, u := range config.PublicURLs {
		parsed, err := url.Parse(u)
		if err != nil || parsed.Host == "" {
			return nil, errors.New("api: a public URL is no URL")
		}
		a.origins[strings.ToLower(parsed.Scheme+"://"+parsed.Host)] = true
	}
	a.register()
	for _, pattern := range pages {
		a.mux.Handle(pattern, files[page])
	}
	for name, f := range files {
		a.mux.Handle("GET /"+name, f)
	}
	return a, nil
}

// register puts the routes into the mux. A path that is written out is no
// meeting's ID, whatever the method: its other methods are not another route's.
func (a *API) register() {
	taken := make(map[string]bool)
	for _, one := range routes {
		a.mux.Handle(one.pattern, a.door(one))
		taken[one.pattern] = true
	}
	for _, one := range routes {
		_, path, _ := strings.Cut(one.pattern, " ")
		for _, method := range methods {
			pattern := method + " " + path
			if strings.Contains(path, "{") || taken[pattern] {
				continue
			}
			taken[pattern], a.shut[pattern] = true, true
			a.mux.Handle(pattern, http.HandlerFunc(a.refuseMethod))
		}
	}
}

// Run returns when ctx has ended and every WebSocket is gone, which is the hub's
// doing. New ones are turned away meanwhile.
func (a *API) Run(ctx context.Context) error {
	<-ctx.Done()
	a.mu.Lock()
	a.closing = true
	a.mu.Unlock()
	a.end()
	a.running.Wait()
	return nil
}

// begin counts a WebSocket, unless the edge is closing.
func (a *API) begin() bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.closing {
		return false
	}
	a.running.Add(1)
	return true
}

// ServeHTTP puts the headers on every answer, and answers what no route does.
func (a *API) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	began := time.Now()
	h := w.Header()
	for name, value := range a.headers {
		h.Set(name, value)
	}
	a.crossOrigin(h, r)
	seen := &status{ResponseWriter: w}
	a.serve(seen, r)
	level := slog.LevelDebug // pages, files, probes
	if strings.Contains(r.Pattern, "/meetings/") || strings.HasSuffix(r.Pattern, "/signal") {
		level = slog.LevelInfo
	}
	// By its pattern: a URL may hold a token, and an address is nobody's business.
	a.config.Log.Log(r.Context(), level, "request", "method", r.Method, "route", cmp.Or(r.Pattern, "none"), "status", seen.code, "took", time.Since(began))
}

func (a *API) serve(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodOptions {
		if _, pattern := a.mux.Handler(r); pattern != "" {
			a.mux.ServeHTTP(w, r)
			return
		}
	}
	allowed := a.allowed(r)
	switch {
	case len(allowed) == 0:
		a.fail(w, r, errNoRoute)
	case r.Method == http.MethodOptions:
		preflight(w, r, allowed)
	default:
		a.refuseMethod(w, r)
	}
}

func (a *API) refuseMethod(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Allow", strings.Join(append(a.allowed(r), http.MethodOptions), ", "))
	a.fail(w, r, errMethod)
}

// allowed is the methods that a path has.
func (a *API) allowed(r *http.Request) []string {
	var out []string
	asked := *r
	for _, method := range methods {
		asked.Method = method
		if _, pattern := a.mux.Handler(&asked); strings.HasPrefix(pattern, method+" ") && !a.shut[pattern] {
			out = append(out, method)
		}
	}
	return out
}

// door checks a route's credential before its handler runs.
func (a *API) door(one route) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c, err := a.callerOf(r, one.who)
		if err == nil {
			err = one.serve(a, w, r, c)
		}
		if err != nil && !errors.Is(err, errAnswered) {
			a.fail(w, r, err)
		}
	})
}

// status remembers which status was answered, for the log.
type status struct {
	http.ResponseWriter
	code int
}

func (s *status) WriteHeader(code int) {
	s.code = code
	s.ResponseWriter.WriteHeader(code)
}

func (s *status) Write(b []byte) (int, error) {
	if s.code == 0 {
		s.code = http.StatusOK
	}
	n, err := s.ResponseWriter.Write(b)
	if err != nil {
		return n, fmt.Errorf("api: answer: %w", err)
	}
	return n, nil
}

// Unwrap lets the WebSocket take the connection over.
func (s *status) Unwrap() http.ResponseWriter { return s.ResponseWriter }
