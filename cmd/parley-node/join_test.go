package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/parley-mesh/parley/node"
	"github.com/parley-mesh/parley/node/session"
	"github.com/parley-mesh/parley/pkg/client"
	"github.com/parley-mesh/parley/pkg/identity"
	"github.com/parley-mesh/parley/pkg/meeting"
	"github.com/parley-mesh/parley/pkg/protocol"
)

// command is a running parley-node whose output is read line by line.
type command struct {
	t     *testing.T
	lines *bufio.Scanner
	in    *io.PipeWriter
	errs  *locked
	stop  context.CancelFunc
	code  chan int
}

// locked is a buffer that may be read while it is written.
type locked struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *locked) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *locked) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

func begin(t *testing.T, args ...string) *command {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	r, w := io.Pipe()
	from, in := io.Pipe()
	c := &command{t, bufio.NewScanner(r), in, &locked{}, stop, make(chan int, 1)}
	c.lines.Buffer(nil, 1<<20)
	if !slices.Contains(args, "--identity") {
		args = append(args, "--identity", filepath.Join(t.TempDir(), "key"))
	}
	go func() {
		code := run(ctx, args, from, w, c.errs)
		_ = w.Close()
		c.code <- code
	}()
	t.Cleanup(func() {
		stop()
		_ = r.Close()
		_ = in.Close()
	})
	return c
}

// line waits for a line that holds every one of some texts.
func (c *command) line(texts ...string) string {
	c.t.Helper()
	for c.lines.Scan() {
		all := true
		for _, text := range texts {
			all = all && strings.Contains(c.lines.Text(), text)
		}
		if all {
			return c.lines.Text()
		}
	}
	c.t.Fatalf("the output ended without %q; exit code %d, %s", texts, <-c.code, c.errs)
	return ""
}

// event waits for an event that want accepts, and checks the shape of each.
func (c *command) event(name string, want func(map[string]any) bool) map[string]any {
	c.t.Helper()
	for c.lines.Scan() {
		var e map[string]any
		if err := json.Unmarshal(c.lines.Bytes(), &e); err != nil {
			c.t.Fatalf("not an event: %q: %v", c.lines.Text(), err)
		}
		if e["time"] == nil || e["event"] == nil {
			c.t.Fatalf("no event: %q", c.lines.Text())
		}
		if e["event"] == name && (want == nil || want(e)) {
			return e
		}
	}
	c.t.Fatalf("the output ended without the event %s; exit code %d, %s", name, <-c.code, c.errs)
	return nil
}

// end stops the command as SIGTERM does, and returns its exit code.
func (c *command) end() int {
	c.stop()
	return c.ended()
}

func (c *command) ended() int {
	for c.lines.Scan() {
	}
	return <-c.code
}

// member is a node in the same process.
type member struct {
	*node.Node
	t    *testing.T
	done chan error
}

func takePart(t *testing.T, inv meeting.Invitation, seed byte, change func(*node.Config)) *member {
	t.Helper()
	door, err := node.ParseDoor(inv.String(), "", "")
	if err != nil {
		t.Fatal(err)
	}
	cfg := node.Config{Identity: identity.FromSeed([32]byte{seed}), Door: door, Name: fmt.Sprintf("Member %d", seed)}
	if change != nil {
		change(&cfg)
	}
	n, err := node.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	m := &member{n, t, make(chan error, 1)}
	go func() { m.done <- n.Run(t.Context()) }()
	return m
}

// next waits for an event of one type that want accepts.
func next[E session.Event](m *member, want func(E) bool) E {
	m.t.Helper()
	for e := range m.Events() {
		if got, ok := e.(E); ok && (want == nil || want(got)) {
			return got
		}
	}
	var none E
	m.t.Fatalf("the stay ended without a %T: %v", none, <-m.done)
	return none
}

func (m *member) leave() {
	m.t.Helper()
	m.Leave()
	for range m.Events() {
	}
	if err := <-m.done; err != nil {
		m.t.Errorf("Run = %v", err)
	}
}

func createIn(t *testing.T, l *live, policy *meeting.PolicyPatch) client.Created {
	t.Helper()
	made, err := new(wire).client(t, l, 1).Create(t.Context(), protocol.CreateRequest{Title: "Live", Policy: policy})
	if err != nil {
		t.Fatal(err)
	}
	return made
}

// A command and a node meet: events, a link, chat, leaving, the end by a signal.
func TestJoin(t *testing.T) {
	t.Parallel()
	l := start(t)
	made := createIn(t, l, nil)
	lines := begin(t, "join", made.Invitation.String(), "--name", "Lines")
	lines.line("You are in as Lines")
	events := begin(t, "join", made.MeetingID.String(), "--password", made.Password, "--rendezvous", l.url, "--name", "Events", "--json")
	events.event("joined", func(e map[string]any) bool {
		p := e["participant"].(map[string]any)
		return p["presence"].(map[string]any)["name"] == "Events" && p["kind"] == "node"
	})
	m := takePart(t, made.Invitation, 7, nil)
	id := string(m.ID())
	lines.line("Member 7 joined")
	events.event("link", func(e map[string]any) bool { return e["peer"] == id && e["state"] == "up" })
	next(m, func(r session.Roster) bool { return len(r.Participants) == 3 })
	if err := m.Chat("Good morning!"); err != nil {
		t.Fatal(err)
	}
	events.event("chat", func(e map[string]any) bool { return e["from"] == id && e["text"] == "Good morning!" })
	lines.line("Member 7: Good morning!")
	m.leave()
	events.event("left", func(e map[string]any) bool { return e["id"] == id && e["why"] == "left" })
	lines.line("Member 7 left")
	if code := events.end(); code != exitDone {
		t.Errorf("exit code %d: %s", code, events.errs)
	}
	lines.line("Events left")
	if code := lines.end(); code != exitDone {
		t.Errorf("exit code %d: %s", code, lines.errs)
	}
}

// Guards against two processes that share an identity and push each other out
// for ever.
func TestJoinElsewhere(t *testing.T) {
	t.Parallel()
	l := start(t)
	made := createIn(t, l, nil)
	key := filepath.Join(t.TempDir(), "key")
	first := begin(t, "join", made.Invitation.String(), "--json", "--identity", key)
	first.event("joined", nil)
	second := begin(t, "join", made.Invitation.String(), "--json", "--identity", key)
	second.event("joined", nil)
	first.event("error", func(e map[string]any) bool { return strings.Contains(e["detail"].(string), "You opened this meeting") })
	if code := first.ended(); code != exitRefused {
		t.Errorf("exit code %d: %s", code, first.errs)
	}
	if code := second.end(); code != exitDone {
		t.Errorf("exit code %d: %s", code, second.errs)
	}
}

// Guards against a meeting that ends and a command that stays.
func TestJoinOfAMeetingThatEnds(t *testing.T) {
	t.Parallel()
	l := start(t)
	made := createIn(t, l, nil)
	c := begin(t, "join", made.Invitation.String(), "--json")
	c.event("joined", nil)
	if err := new(wire).client(t, l, 1).Delete(t.Context(), made.MeetingID); err != nil {
		t.Fatal(err)
	}
	c.event("error", nil)
	if code := c.ended(); code != exitRefused {
		t.Errorf("exit code %d: %s", code, c.errs)
	}
	late := begin(t, "join", made.Invitation.String(), "--json")
	late.event("error", func(e map[string]any) bool {
		code, _ := e["code"].(string)
		return code != "" && e["detail"] != ""
	})
	if code := late.ended(); code != exitRefused {
		t.Errorf("afterwards: exit code %d: %s", code, late.errs)
	}
}

// Guards against a guest who records although only the host may, and against a
// recording in the clear that was to be sealed.
func TestRecordIsTheHosts(t *testing.T) {
	t.Parallel()
	l := start(t)
	who := meeting.WhoHost
	made := createIn(t, l, &meeting.PolicyPatch{Record: &who})
	host := takePart(t, made.Invitation, 1, nil)
	next[session.Joined](host, nil)
	folder, phrase := t.TempDir(), filepath.Join(t.TempDir(), "phrase")
	if err := os.WriteFile(phrase, []byte("correct horse battery staple\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	c := begin(t, "join", made.Invitation.String(), "--json", "--record", folder, "--seal", phrase)
	c.event("error", func(e map[string]any) bool {
		return e["detail"] == "Only the host may record in this meeting: nothing is recorded."
	})
	for _, p := range host.State().People {
		if p.Presence.Recording {
			t.Errorf("%s records", p.Presence.Name)
		}
	}
	everyone := meeting.WhoEveryone
	if _, err := new(wire).client(t, l, 1).Change(t.Context(), made.MeetingID, protocol.ChangeRequest{Policy: &meeting.PolicyPatch{Record: &everyone}}); err != nil {
		t.Fatal(err)
	}
	c.event("recording", func(e map[string]any) bool { return e["on"] == true })
	next(host, func(e session.Recording) bool { return e.On })
	if code := c.end(); code != exitDone {
		t.Errorf("exit code %d: %s", code, c.errs)
	}
	files, err := filepath.Glob(filepath.Join(folder, "*.*"))
	if err != nil || !slices.Contains(files, filepath.Join(folder, "meeting.json.age")) {
		t.Errorf("the folder has %v, %v", files, err)
	}
	for _, file := range files {
		if !strings.HasSuffix(file, ".age") && !strings.HasPrefix(filepath.Base(file), ".") {
			t.Errorf("%s is not sealed", file)
		}
	}
}
