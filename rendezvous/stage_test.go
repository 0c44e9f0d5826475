package rendezvous_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/parley-mesh/parley/pkg/client"
	"github.com/parley-mesh/parley/pkg/identity"
	"github.com/parley-mesh/parley/pkg/protocol"
	"github.com/parley-mesh/parley/rendezvous"
	"github.com/parley-mesh/parley/rendezvous/guard"
)

// patience is how long a test waits for what must come; it never decides
// whether a test passes on a slow machine.
const patience = 30 * time.Second

// stage is a running rendezvous.
type stage struct {
	t    *testing.T
	url  string
	dir  string
	logs *safeBuffer
	end  func() // in order, and waits
}

// safeBuffer is what a server logs.
type safeBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (b *safeBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

func (b *safeBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.String()
}

// start runs a rendezvous with no rates but those against guessing; change may
// be nil.
func start(t *testing.T, change func(*rendezvous.Config)) *stage {
	t.Helper()
	s := &stage{t: t, dir: t.TempDir(), logs: &safeBuffer{}}
	s.start("127.0.0.1:0", change)
	return s
}

func (s *stage) start(listen string, change func(*rendezvous.Config)) {
	s.t.Helper()
	limits := guard.DefaultLimits()
	off := guard.Rate{Off: true}
	limits.Create, limits.Join, limits.Connect, limits.Frame = off, off, off, off
	config := rendezvous.Config{
		Listen: listen, RelayListen: rendezvous.RelayOff, DataDir: s.dir, Limits: &limits, DiskReserve: 8 << 20, Version: "test",
		Logger: slog.New(slog.NewTextHandler(s.logs, &slog.HandlerOptions{Level: slog.LevelDebug})),
	}
	if change != nil {
		change(&config)
	}
	server, err := rendezvous.New(s.t.Context(), config)
	if err != nil {
		s.t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- server.Run(ctx) }()
	s.url = server.URL()
	var once sync.Once
	s.end = func() {
		once.Do(func() {
			cancel()
			if err := <-ended; err != nil {
				s.t.Errorf("Run: %v", err)
			}
		})
	}
	s.t.Cleanup(s.end)
}

func someone(seed byte) *identity.Identity { return identity.FromSeed([32]byte{seed}) }

// person is a client of the rendezvous in the name of a seed.
func (s *stage) person(seed byte) *client.Client {
	s.t.Helper()
	c, err := client.New(client.Config{Rendezvous: s.url, Identity: someone(seed)})
	if err != nil {
		s.t.Fatal(err)
	}
	return c
}

func (s *stage) create(c *client.Client, request protocol.CreateRequest) client.Created {
	s.t.Helper()
	if request.Title == "" {
		request.Title = "Weekly"
	}
	made, err := c.Create(s.t.Context(), request)
	if err != nil {
		s.t.Fatal(err)
	}
	return made
}

// call is a raw request, for what no client of ours would send.
func (s *stage) call(method, path, body string, headers ...string) *answer {
	s.t.Helper()
	r, err := http.NewRequestWithContext(s.t.Context(), method, s.url+path, strings.NewReader(body))
	if err != nil {
		s.t.Fatal(err)
	}
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		s.t.Fatal(err)
	}
	defer response.Body.Close()
	data, err := io.ReadAll(response.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	return &answer{Status: response.StatusCode, Header: response.Header, Body: data}
}

type answer struct {
	Status int
	Header http.Header
	Body   []byte
}

// problem reads the answer as one; the code is the end of its type.
func (a *answer) problem() (p protocol.Problem, code string) {
	_ = json.Unmarshal(a.Body, &p)
	return p, p.Type[strings.LastIndexByte(p.Type, '/')+1:]
}

func (s *stage) bearer(seed byte) string {
	s.t.Helper()
	token, err := identity.NewToken(someone(seed), s.url, time.Now(), time.Hour)
	if err != nil {
		s.t.Fatal(err)
	}
	return "Bearer " + token
}

// seated is a participant's session with what it told so far.
type seated struct {
	*client.Session
	t      *testing.T
	id     identity.PeerID
	ended  chan error
	cancel context.CancelFunc
}

// enter joins with a request and runs the session.
func (s *stage) enter(c *client.Client, request protocol.JoinRequest) *seated {
	s.t.Helper()
	joined, err := c.Join(s.t.Context(), request)
	if err != nil {
		s.t.Fatal(err)
	}
	session, err := c.NewSession(joined, protocol.KindNode, protocol.Presence{Name: "Somebody"})
	if err != nil {
		s.t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	out := &seated{Session: session, t: s.t, id: c.Identity().PeerID(), ended: make(chan error, 1), cancel: cancel}
	go func() { out.ended <- session.Run(ctx) }()
	s.t.Cleanup(func() {
		cancel()
		go func() {
			for range session.Events() {
			}
		}()
		<-out.ended
		out.ended <- nil
	})
	return out
}

// until reads events up to one that is looked for.
func until[E any](p *seated, accept func(E) bool) E {
	p.t.Helper()
	late := time.After(patience)
	for {
		select {
		case event, open := <-p.Events():
			if !open {
				p.t.Fatalf("the session ended before %T came", *new(E))
			}
			if came, ok := event.(client.Came); ok {
				if wanted, ok := any(came.Frame).(E); ok && accept(wanted) {
					return wanted
				}
			}
			if wanted, ok := any(event).(E); ok && accept(wanted) {
				return wanted
			}
		case <-late:
			p.t.Fatalf("%T did not come", *new(E))
		}
	}
}

func any1[E any](E) bool { return true }

// bye waits for the session's end and returns why.
func (p *seated) bye() protocol.Bye {
	p.t.Helper()
	go func() {
		for range p.Events() {
		}
	}()
	select {
	case err := <-p.ended:
		p.ended <- nil
		ended, ok := err.(*client.Ended)
		if !ok {
			p.t.Fatalf("ended by %v", err)
		}
		return ended.Bye
	case <-time.After(patience):
		p.t.Fatal("the session goes on")
		return protocol.Bye{}
	}
}
