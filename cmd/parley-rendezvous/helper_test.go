package main

import (
	"bufio"
	"context"
	"io"
	"log/slog"
	"net"
	"net/netip"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/parley-mesh/parley/pkg/client"
	"github.com/parley-mesh/parley/pkg/identity"
	"github.com/parley-mesh/parley/pkg/protocol"
	"github.com/parley-mesh/parley/rendezvous"
)

// tells runs a program and returns once its log has a line with some words; the
// rest of the log is read and dropped.
func tells(t *testing.T, p *process, words string) {
	t.Helper()
	log, write := io.Pipe()
	p.cmd.Stderr = write
	found := make(chan bool, 1)
	go func() {
		lines := bufio.NewScanner(log)
		for lines.Scan() {
			if strings.Contains(lines.Text(), words) {
				found <- true
				break
			}
		}
		_, _ = io.Copy(io.Discard, log)
	}()
	p.start()
	select {
	case <-found:
	case <-time.After(time.Minute):
		t.Fatalf("it did not say %q", words)
	}
}

// host makes a meeting and is alone in it.
func (p *process) host(t *testing.T) *client.Session {
	t.Helper()
	host, err := client.New(client.Config{Rendezvous: p.url, Identity: identity.FromSeed([32]byte{1})})
	if err != nil {
		t.Fatal(err)
	}
	made, err := host.Create(t.Context(), protocol.CreateRequest{Title: "Weekly"})
	if err != nil {
		t.Fatal(err)
	}
	joined, err := host.Join(t.Context(), protocol.JoinRequest{InvitationToken: made.InvitationToken})
	if err != nil {
		t.Fatal(err)
	}
	session, err := host.NewSession(joined, protocol.KindNode, protocol.Presence{Name: "Host"})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = session.Run(ctx) // ends with the program
	}()
	t.Cleanup(func() {
		cancel()
		go func() {
			for range session.Events() {
			}
		}()
		<-ended
	})
	opened(t, session)
	return session
}

// came waits for a frame.
func came[F protocol.ServerFrame](t *testing.T, s *client.Session) F {
	t.Helper()
	late := time.After(time.Minute)
	for {
		select {
		case event, open := <-s.Events():
			if !open {
				t.Fatalf("the session ended before a %T came", *new(F))
			}
			if c, ok := event.(client.Came); ok {
				if f, ok := c.Frame.(F); ok {
					return f
				}
			}
		case <-late:
			t.Fatalf("no %T came", *new(F))
		}
	}
}

// Guards the helper that comes with the server: it registers by itself, comes
// when it is called, is the same one after a restart, and ends with the server
// and in order.
func TestEmbeddedHelper(t *testing.T) {
	t.Parallel()
	data := filepath.Join(t.TempDir(), "data")
	var helper identity.PeerID
	for range 2 {
		p := program(t, "--listen", "127.0.0.1:0", "--relay-listen", "off", "--data", data)
		tells(t, p, "the embedded helper is ready")
		host := p.host(t)
		if err := host.Send(protocol.CallHelper{}); err != nil {
			t.Fatal(err)
		}
		joined := came[protocol.Joined](t, host).Participant
		if joined.Kind != protocol.KindHelper || joined.Role != protocol.RoleParticipant || (helper != "" && joined.ID != helper) {
			t.Errorf("called a helper, and %+v came; before it was %s", joined, helper)
		}
		helper = joined.ID
		if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
			t.Fatal(err)
		}
		if left := came[protocol.Left](t, host); left.ID != helper || left.Why != protocol.LeftLeft {
			t.Errorf("at the end: %+v", left)
		}
		if err := p.cmd.Wait(); err != nil {
			t.Errorf("ended with %v", err)
		}
	}
}

// Guards the server from its helper: one that cannot have its port is told of
// once, and everything else goes on.
func TestHelperFailsAlone(t *testing.T) {
	t.Parallel()
	taken, err := net.ListenUDP("udp", &net.UDPAddr{})
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	listen := netip.AddrPortFrom(netip.IPv6Unspecified(), uint16(taken.LocalAddr().(*net.UDPAddr).Port))
	server, err := rendezvous.New(t.Context(), rendezvous.Config{
		Listen: "127.0.0.1:0", RelayListen: rendezvous.RelayOff, DataDir: filepath.Join(t.TempDir(), "data"), DiskReserve: 8 << 20,
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, end := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- server.Run(ctx) }()
	log, write := io.Pipe()
	lending, stop := context.WithCancel(ctx)
	lent := make(chan struct{})
	go func() {
		defer close(lent)
		defer write.Close()
		lend(lending, server, listen, slog.New(slog.NewTextHandler(write, nil)))
	}()
	lines := bufio.NewScanner(log)
	if !lines.Scan() || !strings.Contains(lines.Text(), "the embedded helper does not run") {
		t.Errorf("said %q", lines.Text())
	}
	(&process{url: server.URL()}).host(t)
	stop()
	if lines.Scan() {
		t.Errorf("and then %q", lines.Text())
	}
	<-lent
	end()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

func TestLinksBeside(t *testing.T) {
	t.Parallel()
	for listen, want := range map[string]string{
		"127.0.0.1:8080": "[::]:8080", ":443": "[::]:443", "localhost:https": "[::]:443",
		"127.0.0.1:0": "invalid AddrPort", "nonsense": "invalid AddrPort",
	} {
		if got := linksBeside(listen).String(); got != want {
			t.Errorf("beside %s: %s, want %s", listen, got, want)
		}
	}
}
