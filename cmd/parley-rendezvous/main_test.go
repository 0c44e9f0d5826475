package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/parley-mesh/parley/pkg/client"
	"github.com/parley-mesh/parley/pkg/identity"
	"github.com/parley-mesh/parley/pkg/protocol"
	"github.com/rogpeppe/go-internal/testscript"
)

// asProgram in the environment makes this test binary the program itself.
const asProgram = "PARLEY_TEST_AS_PROGRAM"

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) != "" {
		main()
	}
	testscript.Main(m, map[string]func(){"parley-rendezvous": main})
}

func TestScripts(t *testing.T) {
	t.Parallel()
	testscript.Run(t, testscript.Params{Dir: "testdata/script", Setup: func(env *testscript.Env) error {
		env.Setenv("XDG_DATA_HOME", "")
		return nil
	}})
}

// process is the program, running.
type process struct {
	t      *testing.T
	cmd    *exec.Cmd
	url    string
	data   string
	stderr *bytes.Buffer
}

// program is the program with some arguments, not yet running.
func program(t *testing.T, args ...string) *process {
	t.Helper()
	p := &process{t: t, cmd: exec.Command(os.Args[0], args...), stderr: &bytes.Buffer{}}
	p.cmd.Env = append(os.Environ(), asProgram+"=1")
	p.cmd.Stderr = p.stderr
	return p
}

// start waits until the program is ready.
func start(t *testing.T, args ...string) *process {
	t.Helper()
	p := program(t, args...)
	p.start()
	return p
}

func (p *process) start() {
	t := p.t
	t.Helper()
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.kill)
	for lines := bufio.NewScanner(out); lines.Scan(); {
		if url, ok := strings.CutPrefix(lines.Text(), "Parley is ready: "); ok {
			p.url = url
		}
		if data, ok := strings.CutPrefix(lines.Text(), "Data: "); ok {
			p.data = data
			return
		}
	}
	t.Fatalf("it did not start: %s", p.stderr)
}

// fails runs the program to an end that is no good one, and returns what it said.
func fails(t *testing.T, code int, args ...string) string {
	t.Helper()
	p := program(t, args...)
	if err := p.cmd.Run(); err == nil || p.cmd.ProcessState.ExitCode() != code {
		t.Errorf("%v: ended with %v, want exit code %d", args, err, code)
	}
	return p.stderr.String()
}

// kill is kill -9: nothing is ended in order.
func (p *process) kill() {
	_ = p.cmd.Process.Kill()
	_ = p.cmd.Wait()
}

// Guards meetings and their participants against a rendezvous that dies: what was
// acknowledged is there, everybody comes back as who they were, and a newcomer
// gets in.
func TestKilledAndStartedAgain(t *testing.T) {
	t.Parallel()
	data := filepath.Join(t.TempDir(), "data")
	first := start(t, "--listen", "127.0.0.1:0", "--data", data)
	person := func(seed byte) *client.Client {
		c, err := client.New(client.Config{Rendezvous: first.url, Identity: identity.FromSeed([32]byte{seed})})
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	made, err := person(1).Create(t.Context(), protocol.CreateRequest{Title: "Weekly"})
	if err != nil {
		t.Fatal(err)
	}
	enter := func(seed byte) *client.Session {
		joined, err := person(seed).Join(t.Context(), protocol.JoinRequest{InvitationToken: made.InvitationToken})
		if err != nil {
			t.Fatal(err)
		}
		session, err := person(seed).NewSession(joined, protocol.KindNode, protocol.Presence{Name: fmt.Sprint(seed)})
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(context.Background())
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			if err := session.Run(ctx); !errors.Is(err, context.Canceled) {
				t.Errorf("participant %d: %v", seed, err)
			}
		}()
		t.Cleanup(func() {
			cancel()
			go func() {
				for range session.Events() {
				}
			}()
			<-ended
		})
		return session
	}
	sessions := []*client.Session{enter(1), enter(2), enter(3)}
	before := make([]protocol.Participant, len(sessions))
	for i, s := range sessions {
		before[i] = opened(t, s).Self
	}

	for range 2 {
		first.kill()
		port := first.url[strings.LastIndexByte(first.url, ':'):]
		first = start(t, "--listen", "127.0.0.1"+port, "--relay-listen", "127.0.0.1:0", "--data", data)
		for i, s := range sessions {
			if after := opened(t, s); after.Self != before[i] || after.Resumed {
				t.Errorf("came back as %+v, was %+v", after.Self, before[i])
			}
		}
	}
	if w := opened(t, enter(4)); len(w.Roster) != 4 || w.Self.N <= before[2].N {
		t.Errorf("the newcomer's welcome: %+v", w)
	}
}

// opened waits for a session's next welcome.
func opened(t *testing.T, s *client.Session) protocol.Welcome {
	t.Helper()
	late := time.After(time.Minute)
	for {
		select {
		case event, open := <-s.Events():
			if !open {
				t.Fatal("the session ended")
			}
			if o, ok := event.(client.Opened); ok {
				return o.Welcome
			}
		case <-late:
			t.Fatal("no welcome")
		}
	}
}

// Guards the first command of whoever tries this: nothing is given, the data is
// in the home folder, and the end is in order. Beside it no second one starts,
// and says why.
func TestServeWithNothingGiven(t *testing.T) {
	t.Parallel()
	home := t.TempDir()
	p := program(t, "--listen", "127.0.0.1:0")
	p.cmd.Env = append(p.cmd.Env, "HOME="+home, "XDG_DATA_HOME=")
	p.start()
	if !strings.HasPrefix(p.url, "http://localhost:") || p.data != filepath.Join(home, ".local", "share", "parley") {
		t.Errorf("serves %s from %s", p.url, p.data)
	}
	if said := fails(t, exitFailed, "--listen", "127.0.0.1:0", "--data", p.data); !strings.Contains(said, "another process holds "+p.data) {
		t.Errorf("the same folder: %s", said)
	}
	port := p.url[strings.LastIndexByte(p.url, ':'):]
	if said := fails(t, exitFailed, "--listen", "127.0.0.1"+port, "--data", filepath.Join(home, "other")); !strings.Contains(said, "is in use by another program; stop it, or choose another address with --listen") {
		t.Errorf("the same port: %s", said)
	}
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := p.cmd.Wait(); err != nil {
		t.Errorf("ended with %v: %s", err, p.stderr)
	}
}

// Guards the environment and the file: each flag has both, and the nearer wins.
func TestWhereFlagsComeFrom(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "config.json")
	config := map[string]any{
		"listen": "127.0.0.1:0", "data": filepath.Join(dir, "from-file"), "limit": []string{"create=off", "join=9/s"},
		"public-url": "https://file.example.com", "password-digits": 8, "log-format": "json",
	}
	data, err := json.Marshal(config)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, data, 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PARLEY_PUBLIC_URL", "https://environment.example.com")
	p := start(t, "--config", file, "--data", filepath.Join(dir, "from-flag"))
	if p.url != "https://environment.example.com" {
		t.Errorf("the address is %s", p.url)
	}
	if _, err := os.Stat(filepath.Join(dir, "from-flag", "keys")); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(filepath.Join(dir, "from-file")); err == nil {
		t.Error("the file came before the flag")
	}
	p.kill()
}
