package rendezvous

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/http"
	"net/netip"
	"time"

	"github.com/parley-mesh/parley/pkg/identity"
)

const dialWithin = 5 * time.Second

// Helper is the identity of a helper that the program runs beside the server.
// It is always allowed, and the same after every start: its key follows from the
// data folder's.
func (s *Server) Helper() *identity.Identity { return s.helper }

// Inside is how the same program reaches the server. Whatever public URL is
// asked for, it connects to the listener on this machine and trusts the very
// certificate that the server shows, so that neither a proxy in front nor a
// self-signed certificate is in the way.
func (s *Server) Inside() http.RoundTripper {
	at := s.localAddr()
	transport := &http.Transport{
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			dialer := net.Dialer{Timeout: dialWithin}
			return dialer.DialContext(ctx, "tcp", at)
		},
		TLSHandshakeTimeout: dialWithin,
		IdleConnTimeout:     idleWithin,
	}
	scheme := "http"
	if s.config.TLS.on() {
		scheme = "https"
		transport.TLSClientConfig = trustOnly(s.http.TLSConfig.Certificates[0].Certificate[0])
	}
	return inside{transport, scheme, at}
}

// localAddr is the listener as this machine reaches it.
func (s *Server) localAddr() string {
	at, err := netip.ParseAddrPort(s.listener.Addr().String())
	switch {
	case err != nil:
		return s.listener.Addr().String()
	case at.Addr().IsUnspecified():
		return netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, 0, 0, 1}), at.Port()).String()
	default:
		return at.String()
	}
}

// trustOnly accepts one certificate, whatever it is for, and no other.
func trustOnly(certificate []byte) *tls.Config {
	return &tls.Config{
		MinVersion:         tls.VersionTLS12,
		InsecureSkipVerify: true, // the certificate itself is compared below
		VerifyConnection: func(shown tls.ConnectionState) error {
			if len(shown.PeerCertificates) == 0 || !bytes.Equal(shown.PeerCertificates[0].Raw, certificate) {
				return errNotSelf
			}
			return nil
		},
	}
}

var errNotSelf = errors.New("rendezvous: another server listens at this address")

// inside sends every request to one address, and leaves the name in it that it
// was made for.
type inside struct {
	http.RoundTripper
	scheme, at string
}

// RoundTrip sends a request to the server.
func (i inside) RoundTrip(r *http.Request) (*http.Response, error) {
	own := r.Clone(r.Context())
	if own.Host == "" {
		own.Host = r.URL.Host
	}
	own.URL.Scheme, own.URL.Host = i.scheme, i.at
	return i.RoundTripper.RoundTrip(own)
}
