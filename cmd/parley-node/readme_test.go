package main

import (
	"bytes"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/parley-mesh/parley/pkg/protocol"
)

// TestReadmeRequests runs the README's four requests as they stand there, with
// curl, against a real rendezvous: documentation that stopped working fails.
func TestReadmeRequests(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("curl"); err != nil {
		t.Skip("curl is not installed")
	}
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, after, found := strings.Cut(string(readme), "<!-- requests -->\n```sh\n")
	script, _, ended := strings.Cut(after, "\n```")
	if !found || !ended {
		t.Fatal("the README has no block of requests")
	}
	server := start(t)
	const address = "PARLEY=http://localhost:8080\n"
	if !strings.HasPrefix(script, address) {
		t.Fatalf("the requests do not begin with %q", address)
	}
	script = "PARLEY=" + server.url + "\n" + strings.TrimPrefix(script, address)

	shell := exec.Command("bash", "-euo", "pipefail", "-c", script)
	shell.Dir = "../.."
	shell.Env = append(os.Environ(), "XDG_CONFIG_HOME="+t.TempDir())
	var complaints bytes.Buffer
	shell.Stderr = &complaints
	out, err := shell.Output()
	if err != nil {
		t.Fatalf("%v: %s", err, complaints.Bytes())
	}
	answers := bytes.SplitAfter(bytes.TrimSpace(bytes.ReplaceAll(out, []byte("}{"), []byte("}\n{"))), []byte("\n"))
	if len(answers) != 4 {
		t.Fatalf("four requests gave %d answers: %s", len(answers), out)
	}
	created, err := protocol.Decode[protocol.CreateResponse](answers[0])
	if err != nil {
		t.Fatal(err)
	}
	invited, err := protocol.Decode[protocol.InvitationResponse](answers[1])
	if err != nil {
		t.Fatal(err)
	}
	joined, err := protocol.Decode[protocol.JoinResponse](answers[2])
	if err != nil {
		t.Fatal(err)
	}
	mine, err := protocol.Decode[protocol.MyMeetingsResponse](answers[3])
	if err != nil {
		t.Fatal(err)
	}
	if invited.MeetingID != created.MeetingID || invited.Password != created.Password {
		t.Error("the invitation leads to another meeting")
	}
	if joined.MeetingID != created.MeetingID || joined.Role != protocol.RoleHost || joined.Ticket == "" {
		t.Errorf("joined %v as %q", joined.MeetingID, joined.Role)
	}
	if len(mine.Meetings) != 1 || mine.Meetings[0].MeetingID != created.MeetingID {
		t.Errorf("my meetings are %v", mine.Meetings)
	}
}
