// Package clienttest is a fake rendezvous for tests of [client] and of what is
// built on it: every HTTP route, a roster, signaling with resume, all in
// memory, on a wire that works inside a synctest bubble, with handles to make
// things go wrong. It checks bearer tokens and frames as the real one does, and
// leaves out what a test of a client does not meet: limits, guessing, waiting
// rooms, expiry.
package clienttest

import (
	"net/http"
	"sync"
	"testing"

	"github.com/parley-mesh/parley/pkg/identity"
	"github.com/parley-mesh/parley/pkg/meeting"
	"github.com/parley-mesh/parley/pkg/protocol"
)

// Rendezvous is the fake. Its methods may be called from anywhere.
type Rendezvous struct {
	base string
	mux  *http.ServeMux

	mu       sync.Mutex
	meetings map[meeting.ID]*room
	last     int64             // join and session numbers
	problem  *protocol.Problem // answers every request while set
	mute     bool              // nothing on a WebSocket is answered
	lossy    bool              // frames are taken but not acknowledged

	twist func(to identity.PeerID, f protocol.ServerFrame) []protocol.ServerFrame

	helpers   map[identity.PeerID]*helper
	noHelpers bool
}

type room struct {
	protocol.MeetingResponse
	password string
	token    meeting.Token
	sessions map[identity.PeerID]*session
}

// New returns a fake that answers under a public URL, to be served by the
// caller.
func New(publicURL string) *Rendezvous {
	r := &Rendezvous{base: publicURL, mux: http.NewServeMux(), meetings: make(map[meeting.ID]*room)}
	r.mux.HandleFunc("POST /meetings/create", r.create)
	r.mux.HandleFunc("GET /meetings/invitation/{token}", r.invitation)
	r.mux.HandleFunc("POST /meetings/join", r.join)
	r.mux.HandleFunc("GET /meetings/my-meetings", r.mine)
	r.mux.HandleFunc("GET /meetings/{id}", r.show)
	r.mux.HandleFunc("PATCH /meetings/{id}", r.change)
	r.mux.HandleFunc("DELETE /meetings/{id}", r.remove)
	r.mux.HandleFunc("POST /meetings/{id}/invitation", r.renew)
	r.mux.HandleFunc("GET /.well-known/parley", r.wellKnown)
	r.mux.HandleFunc("GET /signal", r.signal)
	return r
}

// Start serves a fake on a wire in memory until the test ends, and returns it
// with the one HTTP client that reaches it.
func Start(t testing.TB) (*Rendezvous, *http.Client) {
	t.Helper()
	r := New("http://rendezvous.test")
	wire := newWire()
	server := &http.Server{Handler: r}
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = server.Serve(wire)
	}()
	transport := &http.Transport{DialContext: wire.dial}
	t.Cleanup(func() {
		r.Cut()
		transport.CloseIdleConnections()
		_ = server.Close()
		<-done
	})
	return r, &http.Client{Transport: transport}
}

// URL is the public URL, to configure clients with.
func (r *Rendezvous) URL() string { return r.base }

// ServeHTTP answers one request.
func (r *Rendezvous) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	r.mu.Lock()
	problem := r.problem
	r.mu.Unlock()
	if problem != nil {
		writeProblem(w, *problem)
		return
	}
	r.mux.ServeHTTP(w, req)
}

// Fail makes every request, and the opening of every WebSocket, end in a
// problem with this code, until Fail("").
func (r *Rendezvous) Fail(code protocol.Code) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.problem = nil
	if code != "" {
		p := r.problemOf(code)
		r.problem = &p
	}
}

// Mute makes the fake accept WebSockets without ever saying a word, and ignore
// what comes on those that it has.
func (r *Rendezvous) Mute(mute bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.mute = mute
}

// Lossy makes it take frames without ever acknowledging them.
func (r *Rendezvous) Lossy(lossy bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.lossy = lossy
}

// Cut breaks every WebSocket. Sessions stay, to be resumed.
func (r *Rendezvous) Cut() { r.cut(false) }

// Restart breaks every WebSocket and forgets every session, as kill -9 does.
func (r *Rendezvous) Restart() { r.cut(true) }

func (r *Rendezvous) cut(forget bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, room := range r.meetings {
		for _, s := range room.sessions {
			s.cutLocked()
		}
		if forget {
			clear(room.sessions)
		}
	}
	for _, h := range r.helpers {
		h.cancel()
	}
}
