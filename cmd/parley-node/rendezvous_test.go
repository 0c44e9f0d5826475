package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/parley-mesh/parley/pkg/client"
	"github.com/parley-mesh/parley/pkg/identity"
	"github.com/parley-mesh/parley/pkg/meeting"
	"github.com/parley-mesh/parley/pkg/protocol"
	"github.com/parley-mesh/parley/rendezvous"
)

// These tests let the client meet a real rendezvous, which its own package may
// not import: what the fake promises must be what is kept.

type live struct {
	t       *testing.T
	dir     string
	url     string
	address string
	helpers []identity.PeerID // who may help
	stop    context.CancelFunc
	done    chan error
}

func start(t *testing.T, helpers ...identity.PeerID) *live {
	t.Helper()
	l := &live{t: t, dir: t.TempDir(), helpers: helpers}
	l.run("127.0.0.1:0")
	t.Cleanup(l.end)
	return l
}

func (l *live) run(listen string) {
	l.t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	server, err := rendezvous.New(ctx, rendezvous.Config{Listen: listen, RelayListen: "127.0.0.1:0", DataDir: l.dir, Helpers: l.helpers})
	if err != nil {
		cancel()
		l.t.Fatal(err)
	}
	l.url, l.address, l.stop, l.done = server.URL(), server.Addr().String(), cancel, make(chan error, 1)
	go func(done chan error) { done <- server.Run(ctx) }(l.done)
}

func (l *live) end() {
	l.stop()
	if err := <-l.done; err != nil {
		l.t.Error(err)
	}
}

// wire dials over connections that can all be cut.
type wire struct {
	mu    sync.Mutex
	conns []net.Conn
}

func (w *wire) client(t *testing.T, l *live, seed byte) *client.Client {
	t.Helper()
	var dialer net.Dialer
	transport := &http.Transport{DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
		conn, err := dialer.DialContext(ctx, network, address)
		if err == nil {
			w.mu.Lock()
			defer w.mu.Unlock()
			w.conns = append(w.conns, conn)
		}
		return conn, err
	}}
	t.Cleanup(transport.CloseIdleConnections)
	c, err := client.New(client.Config{
		Rendezvous: l.url, Identity: identity.FromSeed([32]byte{seed}), HTTP: &http.Client{Transport: transport},
	})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func (w *wire) cut() {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, c := range w.conns {
		_ = c.Close()
	}
	w.conns = nil
}

type participant struct {
	*client.Session
	t    *testing.T
	id   identity.PeerID
	done chan error
}

func enter(t *testing.T, c *client.Client, inv meeting.Invitation) *participant {
	t.Helper()
	joined, err := c.Join(t.Context(), protocol.JoinRequest{InvitationToken: inv.Token.Reveal()})
	if err != nil {
		t.Fatal(err)
	}
	session, err := c.NewSession(joined, protocol.KindNode, protocol.Presence{Name: "Somebody"})
	if err != nil {
		t.Fatal(err)
	}
	p := &participant{session, t, c.Identity().PeerID(), make(chan error, 1)}
	go func() { p.done <- p.Run(t.Context()) }()
	p.opened()
	return p
}

// next waits for an event that want accepts, and passes over others.
func (p *participant) next(want func(client.Event) bool) {
	p.t.Helper()
	for e := range p.Events() {
		if want(e) {
			return
		}
	}
	p.t.Fatalf("the session ended with %v", <-p.done)
}

func (p *participant) opened() (w protocol.Welcome) {
	p.t.Helper()
	p.next(func(e client.Event) bool {
		opened, ok := e.(client.Opened)
		w = opened.Welcome
		return ok
	})
	return w
}

// boxes waits for n signals. Meanwhile nobody may seem to come or go.
func (p *participant) boxes(n int) (got []string) {
	p.t.Helper()
	p.next(func(e client.Event) bool {
		if came, ok := e.(client.Came); ok {
			switch f := came.Frame.(type) {
			case protocol.Signal:
				got = append(got, f.Box)
			case protocol.Left:
				p.t.Errorf("%s left, because %s", f.ID, f.Why)
			}
		}
		return len(got) == n
	})
	return got
}

func TestCommandsAgainstARendezvous(t *testing.T) {
	t.Parallel()
	l := start(t)
	dir := t.TempDir()
	var out, errs bytes.Buffer
	if code := run(t.Context(), []string{"create", "Live", "--rendezvous", l.url + "/", "--identity", dir + "/key"}, new(bytes.Buffer), &out, &errs); code != exitDone {
		t.Fatalf("exit code %d: %s", code, errs.String())
	}
	var title, id, password, link string
	if _, err := fmt.Sscanf(out.String(), "Title %s\nMeeting ID %s\nPassword %s\nInvitation %s\n", &title, &id, &password, &link); err != nil {
		t.Fatalf("%v in:\n%s", err, out.String())
	}
	inv, err := meeting.ParseInvitation(link)
	if err != nil {
		t.Fatal(err)
	}
	guest := new(wire).client(t, l, 2)
	if shown, err := guest.Invitation(t.Context(), inv.Token); err != nil || shown.Title != title || shown.MeetingID.String() != id || shown.Password != password {
		t.Errorf("Invitation = %+v, %v", shown, err)
	}
	if _, err := guest.Join(t.Context(), protocol.JoinRequest{MeetingID: id, Password: password}); err != nil {
		t.Error(err)
	}
	if code := run(t.Context(), []string{"create", "--rendezvous", "http://localhost:1", "--identity", dir + "/key"}, new(bytes.Buffer), io.Discard, io.Discard); code != exitUnreachable {
		t.Errorf("exit code %d, want %d", code, exitUnreachable)
	}
}

// Guards against the client and the real rendezvous understanding the routes
// differently.
func TestMeetingsAgainstARendezvous(t *testing.T) {
	t.Parallel()
	l := start(t)
	ctx, w := t.Context(), new(wire)
	host, guest := w.client(t, l, 1), w.client(t, l, 2)
	made, err := host.Create(ctx, protocol.CreateRequest{Title: "Live"})
	if err != nil {
		t.Fatal(err)
	}
	locked := true
	changed, err := host.Change(ctx, made.MeetingID, protocol.ChangeRequest{Title: "Changed", Policy: &meeting.PolicyPatch{Locked: &locked}})
	if err != nil || changed.Title != "Changed" || !changed.Policy.Locked {
		t.Errorf("Change = %+v, %v", changed, err)
	}
	if got, err := host.Meeting(ctx, made.MeetingID); err != nil || cmp.Diff(changed, got) != "" {
		t.Errorf("Meeting = %+v, %v", got, err)
	}
	if page, err := host.MyMeetings(ctx, ""); err != nil || len(page.Meetings) != 1 || page.Meetings[0].MeetingID != made.MeetingID {
		t.Errorf("MyMeetings = %+v, %v", page, err)
	}
	renewed, err := host.RenewInvitation(ctx, made.MeetingID, protocol.RenewRequest{})
	if err != nil || renewed.Password == made.Password {
		t.Errorf("RenewInvitation: %v", err)
	}
	refused := func(code protocol.Code, err error) {
		t.Helper()
		var r *client.Refused
		if !errors.As(err, &r) || r.Code() != code {
			t.Errorf("err = %v, want %s", err, code)
		}
	}
	_, err = guest.Invitation(ctx, made.Invitation.Token)
	refused(protocol.CodeInvitationNotFound, err)
	_, err = guest.Join(ctx, protocol.JoinRequest{MeetingID: made.MeetingID.String(), Password: made.Password})
	refused(protocol.CodeIncorrectPassword, err)
	refused(protocol.CodeHostOnly, guest.Delete(ctx, made.MeetingID))
	if err := host.Delete(ctx, made.MeetingID); err != nil {
		t.Error(err)
	}
	_, err = host.Meeting(ctx, made.MeetingID)
	refused(protocol.CodeMeetingNotFound, err)
}

// Guards against signals lost or doubled when connections break, against the
// real roster's numbering.
func TestSessionsSurviveCuts(t *testing.T) {
	t.Parallel()
	l := start(t)
	w := new(wire)
	hosts, guests := w.client(t, l, 1), w.client(t, l, 2)
	made, err := hosts.Create(t.Context(), protocol.CreateRequest{Title: "Live"})
	if err != nil {
		t.Fatal(err)
	}
	host, guest := enter(t, hosts, made.Invitation), enter(t, guests, made.Invitation)
	const n, rounds = 40, 4
	var want []string
	for round := range rounds {
		for i := range n {
			box := fmt.Sprint(round*n + i)
			want = append(want, box)
			for from, to := range map[*participant]*participant{host: guest, guest: host} {
				if err := from.Send(protocol.SendSignal{To: to.id, Box: box}); err != nil {
					t.Fatal(err)
				}
			}
			if i == n/2 {
				w.cut()
			}
		}
		part := want[round*n:]
		if diff := cmp.Diff(part, host.boxes(n)); diff != "" {
			t.Errorf("host, round %d: %s", round, diff)
		}
		if diff := cmp.Diff(part, guest.boxes(n)); diff != "" {
			t.Errorf("guest, round %d: %s", round, diff)
		}
	}
}

// Guards against a meeting that ends with the rendezvous' process: everybody
// comes back as who they were, and nothing that waited is lost.
func TestSessionsSurviveARestart(t *testing.T) {
	t.Parallel()
	l := start(t)
	w := new(wire)
	hosts, guests := w.client(t, l, 1), w.client(t, l, 2)
	made, err := hosts.Create(t.Context(), protocol.CreateRequest{Title: "Live"})
	if err != nil {
		t.Fatal(err)
	}
	host, guest := enter(t, hosts, made.Invitation), enter(t, guests, made.Invitation)
	before, err := hosts.Meeting(t.Context(), made.MeetingID)
	if err != nil || before.Participants != 2 {
		t.Fatalf("Meeting = %+v, %v", before, err)
	}
	l.end()
	l.run(l.address)
	first, second := host.opened(), guest.opened()
	for name, welcome := range map[string]protocol.Welcome{"host": first, "guest": second} {
		if welcome.Resumed {
			t.Errorf("%s resumed what the rendezvous cannot know", name)
		}
	}
	if first.Self.N >= second.Self.N || first.Self.Session != first.Self.N || second.Self.Session != second.Self.N {
		t.Errorf("came back as %+v and %+v", first.Self, second.Self)
	}
	if err := guest.Send(protocol.SendSignal{To: host.id, Box: "still here"}); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"still here"}, host.boxes(1)); diff != "" {
		t.Error(diff)
	}
	host.Leave()
	if err := <-host.done; err != nil {
		t.Errorf("Run = %v", err)
	}
	guest.next(func(e client.Event) bool {
		came, ok := e.(client.Came)
		left, gone := came.Frame.(protocol.Left)
		return ok && gone && left.ID == host.id && left.Why == protocol.LeftLeft
	})
}
