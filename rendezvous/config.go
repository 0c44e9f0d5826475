package rendezvous

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"net/url"
	"strings"

	"github.com/parley-mesh/parley/pkg/identity"
	"github.com/parley-mesh/parley/pkg/meeting"
	"github.com/parley-mesh/parley/rendezvous/guard"
)

// Config of a rendezvous. Only DataDir is required.
type Config struct {
	// Listen is the TCP address to serve at. Port 0 takes any free one. Default
	// 127.0.0.1:8080.
	Listen string
	// PublicURLs are the addresses that people use, as https://HOST[:PORT]; the
	// first is shown. Default: what the listener can be reached by on this machine.
	PublicURLs []string
	// DataDir is the folder that everything is kept in. It is made if it does not
	// exist.
	DataDir string
	// TLS says how connections are encrypted. Default: not at all, as behind a
	// proxy or on one machine.
	TLS TLS
	// PasswordDigits is the length of the passwords that are made, 6 to 12.
	// Default 6.
	PasswordDigits int
	// Limits are the rates. Default guard.DefaultLimits.
	Limits *guard.Limits
	// TrustedProxies may tell a client's address by X-Forwarded-For. Default: none.
	TrustedProxies []netip.Prefix
	// MaxConnections bounds the connections that are open at once. Default 20000.
	MaxConnections int
	// DiskReserve is the free disk space in bytes below which nothing more is stored.
	// Default 32 MiB, at least 8 MiB.
	DiskReserve int64
	// RelayListen is where nodes meet, by QUIC (UDP) and TCP: HOST:PORT, or RelayOff.
	// Default: the host of Listen and the port after its own, or any free port when
	// Listen has port 0.
	RelayListen string
	// Helpers are the identities that may register as helpers: machines that the
	// operator trusts to carry rooms. Default: none.
	Helpers []identity.PeerID
	// Version of the program, told to clients. Default "unknown".
	Version string
	// Logger. Default: discarded.
	Logger *slog.Logger
}

const (
	defaultListen      = "127.0.0.1:8080"
	defaultConnections = 20_000
	maxConnections     = 1_000_000
)

// ErrConfig says that a Config cannot be served, in a sentence for the operator.
var ErrConfig = errors.New("rendezvous: wrong configuration")

func (c Config) validated() (Config, error) {
	if c.Listen == "" {
		c.Listen = defaultListen
	}
	if c.PasswordDigits == 0 {
		c.PasswordDigits = meeting.MinPasswordDigits
	}
	if c.MaxConnections == 0 {
		c.MaxConnections = defaultConnections
	}
	if c.Version == "" {
		c.Version = "unknown"
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	limits := guard.DefaultLimits()
	if c.Limits == nil {
		c.Limits = &limits
	}
	if _, _, err := net.SplitHostPort(c.Listen); err != nil {
		return c, fmt.Errorf("%w: the address to listen at must be HOST:PORT, as in 127.0.0.1:8080 or :8443", ErrConfig)
	}
	switch {
	case c.DataDir == "":
		return c, fmt.Errorf("%w: no data folder is given", ErrConfig)
	case c.PasswordDigits < meeting.MinPasswordDigits || c.PasswordDigits > meeting.MaxPasswordDigits:
		return c, fmt.Errorf("%w: passwords have %d to %d digits", ErrConfig, meeting.MinPasswordDigits, meeting.MaxPasswordDigits)
	case c.MaxConnections < 1 || c.MaxConnections > maxConnections:
		return c, fmt.Errorf("%w: 1 to %d connections", ErrConfig, maxConnections)
	}
	if err := c.Limits.Validate(); err != nil {
		return c, fmt.Errorf("%w: %w", ErrConfig, err)
	}
	if err := c.TLS.validate(); err != nil {
		return c, err
	}
	urls := make([]string, 0, len(c.PublicURLs))
	for _, u := range c.PublicURLs {
		normal, err := PublicURL(u)
		if err != nil {
			return c, err
		}
		urls = append(urls, normal)
	}
	c.PublicURLs = urls
	return c, nil
}

// PublicURL checks an address that people use, and returns it as browsers write
// an origin: in small letters, without the scheme's own port or a slash at the
// end. It fails with ErrConfig.
func PublicURL(text string) (string, error) {
	wrong := fmt.Errorf("%w: a public URL looks like https://meet.example.com or http://localhost:8080", ErrConfig)
	u, err := url.Parse(text)
	switch {
	case err != nil, u.Scheme != "http" && u.Scheme != "https", u.Hostname() == "", u.User != nil,
		len(text) > maxURL, strings.ContainsAny(u.Host, " \t;,'\""):
		return "", wrong
	case u.Path != "" && u.Path != "/", u.RawQuery != "", u.Fragment != "":
		return "", fmt.Errorf("%w: a public URL ends after the host: Parley has its host to itself", ErrConfig)
	}
	host := strings.ToLower(u.Host)
	host = strings.TrimSuffix(host, map[string]string{"http": ":80", "https": ":443"}[u.Scheme])
	return u.Scheme + "://" + host, nil
}

const maxURL = 300 // an invitation link made of it stays short

// localURLs are the addresses by which a listener is reached on this machine:
// always by the name that browsers count as secure, and by its own address.
func localURLs(scheme string, at *net.TCPAddr) []string {
	hosts := []string{"localhost", "127.0.0.1"}
	addr, ok := netip.AddrFromSlice(at.IP)
	addr = addr.Unmap()
	switch {
	case !ok, addr.IsUnspecified():
		hosts = append(hosts, "::1")
	case !addr.IsLoopback():
		hosts = append(hosts, addr.String())
	case addr.Is6():
		hosts = []string{"localhost", "::1"}
	}
	urls := make([]string, 0, len(hosts))
	for _, host := range hosts {
		u, err := PublicURL(scheme + "://" + net.JoinHostPort(host, fmt.Sprint(at.Port)))
		if err == nil {
			urls = append(urls, u)
		}
	}
	return urls
}
