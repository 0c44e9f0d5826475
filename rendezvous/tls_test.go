package rendezvous

import (
	"crypto/tls"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// Guards people from a new warning at each start: the certificate stays until it
// is soon over or for other hosts.
func TestSelfSignedIsKept(t *testing.T) {
	t.Parallel()
	now := time.Now()
	path := filepath.Join(t.TempDir(), certFile)
	get := func(at time.Time, hosts ...string) string {
		cert, err := selfSigned(path, hosts, at)
		if err != nil {
			t.Fatal(err)
		}
		for _, host := range hosts {
			if err := cert.Leaf.VerifyHostname(host); err != nil {
				t.Errorf("the certificate is not for %s: %v", host, err)
			}
		}
		return cert.Leaf.SerialNumber.String()
	}
	first := get(now, "localhost", "127.0.0.1")
	if again := get(now.Add(time.Hour), "localhost"); again != first {
		t.Error("a new certificate although the old one does")
	}
	if later := get(now.Add(certLife-certRenew+time.Hour), "localhost"); later == first {
		t.Error("the certificate runs out")
	}
	get(now, "meet.example.com")
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
}

func TestLocalURLs(t *testing.T) {
	t.Parallel()
	for at, want := range map[string][]string{
		"127.0.0.1":    {"http://localhost:8080", "http://127.0.0.1:8080"},
		"::1":          {"http://localhost:8080", "http://[::1]:8080"},
		"0.0.0.0":      {"http://localhost:8080", "http://127.0.0.1:8080", "http://[::1]:8080"},
		"192.168.1.20": {"http://localhost:8080", "http://127.0.0.1:8080", "http://192.168.1.20:8080"},
	} {
		if diff := cmp.Diff(want, localURLs("http", &net.TCPAddr{IP: net.ParseIP(at), Port: 8080})); diff != "" {
			t.Errorf("at %s (-want +got):\n%s", at, diff)
		}
	}
}

// Guards --tls self-signed end to end.
func TestServesTLS(t *testing.T) {
	t.Parallel()
	s, err := New(t.Context(), Config{Listen: "127.0.0.1:0", DataDir: t.TempDir(), TLS: TLS{SelfSigned: true}})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	go func() { _ = s.serve() }()
	conn, err := tls.Dial("tcp", s.Addr().String(), &tls.Config{InsecureSkipVerify: true, NextProtos: []string{"h2", "http/1.1"}}) //nolint:gosec // the certificate is what is looked at
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	state := conn.ConnectionState()
	if state.NegotiatedProtocol != "http/1.1" || state.PeerCertificates[0].VerifyHostname("localhost") != nil || s.URL()[:8] != "https://" {
		t.Errorf("%s by %q with a certificate for %v", s.URL(), state.NegotiatedProtocol, state.PeerCertificates[0].DNSNames)
	}
}

// Guards the process from more connections than it has files for.
func TestConnectionsAreCapped(t *testing.T) {
	t.Parallel()
	inner, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l := newCapped(inner, 1)
	for range 2 {
		client, err := net.Dial("tcp", inner.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		defer client.Close()
	}
	first, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	accepted := make(chan net.Conn)
	go func() {
		defer close(accepted)
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			accepted <- conn
		}
	}()
	select {
	case <-accepted:
		t.Error("two at once")
	default:
	}
	_ = first.Close()
	_ = first.Close() // twice frees one place
	second := <-accepted
	if len(l.places) != 1 && second != nil {
		t.Errorf("%d places are taken", len(l.places))
	}
	_ = l.Close()
	for range accepted {
	}
}
