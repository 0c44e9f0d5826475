package main

import (
	"errors"
	"fmt"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/parley-mesh/parley/pkg/client/clienttest"
	"github.com/parley-mesh/parley/pkg/identity"
	"github.com/parley-mesh/parley/pkg/meeting"
	"github.com/parley-mesh/parley/pkg/protocol"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"parley-node": main})
}

type rendezvousKey struct{}

// Each script has a fake rendezvous of its own, at $RENDEZVOUS, and an empty
// home.
func TestScripts(t *testing.T) {
	t.Parallel()
	sealed, err := filepath.Abs("testdata/sealed")
	if err != nil {
		t.Fatal(err)
	}
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script",
		Setup: func(env *testscript.Env) error {
			server := httptest.NewUnstartedServer(nil)
			url := "http://" + server.Listener.Addr().String()
			fake := clienttest.New(url)
			server.Config.Handler = fake
			server.Start()
			env.Defer(server.Close)
			env.Values[rendezvousKey{}] = fake
			env.Setenv("RENDEZVOUS", url)
			env.Setenv("SEALED", sealed)
			env.Setenv("HOME", env.WorkDir+"/home")
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"credentials": credentials,
			"cut":         cut,
			"exits":       exits,
			"fails":       fails,
			"joins":       joins,
			"noffmpeg":    noFFmpeg,
			"nohelpers":   noHelpers,
			"proves":      proves,
		},
	})
}

// cut FILE BYTES TO copies the beginning of a file.
func cut(ts *testscript.TestScript, _ bool, args []string) {
	n, err := strconv.Atoi(args[1])
	ts.Check(err)
	ts.Check(os.WriteFile(ts.MkAbs(args[2]), []byte(ts.ReadFile(args[0]))[:n], 0o600))
}

// exits CODE COMMAND… runs a command that must end in that code.
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits CODE COMMAND…")
	}
	code := 0
	var exit *exec.ExitError
	if err := ts.Exec(args[1], args[2:]...); errors.As(err, &exit) {
		code = exit.ExitCode()
	} else if err != nil {
		ts.Fatalf("%v", err)
	}
	if fmt.Sprint(code) != args[0] {
		ts.Fatalf("exit code %d, want %s", code, args[0])
	}
}

// fails [CODE] makes the rendezvous refuse everything with a problem.
func fails(ts *testscript.TestScript, _ bool, args []string) {
	fake := ts.Value(rendezvousKey{}).(*clienttest.Rendezvous)
	fake.Fail(protocol.Code(strings.Join(args, "")))
}

// noFFmpeg leaves nothing on the PATH but parley-node.
func noFFmpeg(ts *testscript.TestScript, _ bool, _ []string) {
	for _, dir := range filepath.SplitList(ts.Getenv("PATH")) {
		if _, err := os.Stat(filepath.Join(dir, "parley-node")); err == nil {
			ts.Setenv("PATH", dir)
			return
		}
	}
	ts.Fatalf("no parley-node on the PATH")
}

// noHelpers makes the rendezvous refuse every helper.
func noHelpers(ts *testscript.TestScript, _ bool, _ []string) {
	ts.Value(rendezvousKey{}).(*clienttest.Rendezvous).NoHelpers(true)
}

// credentials sets MEETING, PASSWORD, INVITATION and LINK (the same without its
// secret) to what the last output, of create, holds.
func credentials(ts *testscript.TestScript, _ bool, _ []string) {
	for line := range strings.Lines(ts.ReadFile("stdout")) {
		for prefix, name := range map[string]string{"Meeting ID": "MEETING", "Password": "PASSWORD", "Invitation": "INVITATION"} {
			if value, ok := strings.CutPrefix(line, prefix); ok {
				ts.Setenv(name, strings.TrimSpace(value))
			}
		}
	}
	link, _, ok := strings.Cut(ts.Getenv("INVITATION"), "#")
	if !ok || ts.Getenv("MEETING") == "" || ts.Getenv("PASSWORD") == "" {
		ts.Fatalf("not the output of create")
	}
	ts.Setenv("LINK", link)
}

// joins checks that the last output holds an invitation with a secret of 32
// bytes to the meeting with the ID that it holds too.
func joins(ts *testscript.TestScript, _ bool, _ []string) {
	var inv *meeting.Invitation
	var id meeting.ID
	for _, word := range strings.FieldsFunc(ts.ReadFile("stdout"), func(r rune) bool { return strings.ContainsRune(" \n\",", r) }) {
		if i, err := meeting.ParseInvitation(strings.TrimPrefix(word, ":")); err == nil {
			inv = &i
		}
		if i, err := meeting.ParseID(word); err == nil {
			id = i
		}
	}
	if inv == nil || inv.Secret == nil || inv.Base != ts.Getenv("RENDEZVOUS") || id == "" {
		ts.Fatalf("no whole invitation and ID in the output")
	}
}

// proves AUDIENCE SECONDS checks that the last output is one token, for that
// audience, good for so long, of the peer ID in the file peer.
func proves(ts *testscript.TestScript, _ bool, args []string) {
	seconds, err := strconv.Atoi(args[1])
	ts.Check(err)
	text, ok := strings.CutSuffix(ts.ReadFile("stdout"), "\n")
	if !ok || strings.ContainsAny(text, " \n") {
		ts.Fatalf("not one word alone on a line")
	}
	end := time.Now().Add(time.Duration(seconds) * time.Second)
	id, err := identity.VerifyToken(text, []string{args[0]}, end.Add(-time.Second))
	ts.Check(err)
	if _, err := identity.VerifyToken(text, []string{args[0]}, end.Add(identity.TokenLeeway)); !errors.Is(err, identity.ErrTokenExpired) {
		ts.Fatalf("after %d seconds: %v", seconds, err)
	}
	if !strings.Contains(ts.ReadFile("peer"), string(id)) {
		ts.Fatalf("token of %s", id)
	}
}
