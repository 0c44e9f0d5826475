package api

import (
	"net/http"
	"net/netip"
	"strings"
	"time"

	"github.com/parley-mesh/parley/pkg/identity"
	"github.com/parley-mesh/parley/rendezvous/guard"
)

// callerOf tells who a request comes from and where, and refuses without the
// route's credential.
func (a *API) callerOf(r *http.Request, needs who) (caller, error) {
	c := caller{addr: a.address(r)}
	switch needs {
	case anyone:
		return c, nil
	case somebody, host:
		token, err := bearer(r)
		if err != nil {
			return caller{}, err
		}
		c.id, err = identity.VerifyToken(token, a.config.PublicURLs, time.Now())
		return c, err
	default:
		return caller{}, errNoRoute
	}
}

// bearer is the token of the Authorization header (RFC 6750 section 2.1).
func bearer(r *http.Request) (string, error) {
	values := r.Header.Values("Authorization")
	if len(values) != 1 {
		return "", errNoBearer
	}
	scheme, token, _ := strings.Cut(values[0], " ")
	if !strings.EqualFold(scheme, "Bearer") || token == "" {
		return "", errNoBearer
	}
	return strings.TrimSpace(token), nil
}

// address is where a request comes from, as far as the named proxies tell.
func (a *API) address(r *http.Request) netip.Addr {
	remote, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return netip.Addr{} // a pipe, in tests: all of them count as one
	}
	return guard.ClientAddr(remote.Addr(), r.Header.Values("X-Forwarded-For"), a.config.TrustedProxies)
}

// client is who the rules against guessing count.
func (c caller) client() guard.Client {
	return guard.Client{Prefix: guard.Prefix(c.addr), Identity: c.id}
}

// base is the public URL that a request came by, or the first.
func (a *API) base(r *http.Request) string {
	for _, u := range a.config.PublicURLs {
		if _, at, _ := strings.Cut(u, "://"); strings.EqualFold(at, r.Host) {
			return u
		}
	}
	return a.config.PublicURLs[0]
}
