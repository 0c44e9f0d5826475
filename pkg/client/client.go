package client

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/parley-mesh/parley/pkg/identity"
	"github.com/parley-mesh/parley/pkg/protocol"
)

const (
	// tokenLifetime is how long each request's bearer token is good: long
	// enough for a slow upload, short enough to be worth little in a log.
	tokenLifetime = 10 * time.Minute

	// requestTimeout bounds one HTTP request from dial to the body's end.
	requestTimeout = 30 * time.Second
)

// Config is what a [Client] needs.
type Config struct {
	// Rendezvous is its public URL, http or https, as its operator announces it:
	// bearer tokens are made out to it.
	Rendezvous string

	// Identity signs every request.
	Identity *identity.Identity

	// HTTP carries requests and WebSockets; nil means a client of its own with
	// the default transport. Redirects are not followed, whatever it says.
	HTTP *http.Client
}

// Client asks one rendezvous in the name of one identity. It is safe for
// concurrent use and holds nothing that must be closed.
type Client struct {
	base string
	id   *identity.Identity
	http *http.Client
}

// New checks the configuration. It fails with [ErrConfig].
func New(cfg Config) (*Client, error) {
	if cfg.Identity == nil {
		return nil, fmt.Errorf("%w: no identity", ErrConfig)
	}
	base, err := parseBase(cfg.Rendezvous)
	if err != nil {
		return nil, err
	}
	carrier := http.Client{}
	if cfg.HTTP != nil {
		carrier = *cfg.HTTP
	}
	// A redirect would turn a POST into a GET, or take a token elsewhere.
	carrier.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &Client{base: base, id: cfg.Identity, http: &carrier}, nil
}

func parseBase(s string) (string, error) {
	u, err := url.Parse(s)
	if err != nil || (u.Scheme != "https" && u.Scheme != "http") || u.Host == "" ||
		u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return "", fmt.Errorf("%w: the rendezvous must be a URL like https://meet.example.org", ErrConfig)
	}
	return strings.TrimRight(s, "/"), nil
}

// Identity returns the identity that the client speaks for.
func (c *Client) Identity() *identity.Identity { return c.id }

// Token signs a bearer token for this rendezvous, good for ttl from now, at
// most [identity.MaxTokenLifetime].
func (c *Client) Token(ttl time.Duration) (string, error) {
	return identity.NewToken(c.id, c.base, time.Now(), ttl)
}

// call makes one request and decodes its answer.
func call[A protocol.Body](ctx context.Context, c *Client, method, path string, body []byte) (A, error) {
	var none A
	data, err := c.do(ctx, method, path, body)
	if err != nil {
		return none, err
	}
	answer, err := protocol.Decode[A](data)
	if err != nil {
		return none, fmt.Errorf("%w: %w", ErrNotRendezvous, err)
	}
	return answer, nil
}

// do makes one request; body nil means none.
func (c *Client) do(ctx context.Context, method, path string, body []byte) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, requestTimeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, method, c.base+path, bytes.NewReader(body))
	if err != nil {
		return nil, fmt.Errorf("client: %w", err)
	}
	token, err := c.Token(tokenLifetime)
	if err != nil {
		return nil, fmt.Errorf("client: %w", err)
	}
	req.Header.Set("Authorization", "Bearer "+token)
	req.Header.Set("Accept", "application/json, application/problem+json")
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return nil, unreachable(ctx, err)
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(io.LimitReader(resp.Body, protocol.MaxBody+1))
	if err != nil {
		return nil, unreachable(ctx, err)
	}
	if resp.StatusCode < 200 || resp.StatusCode > 299 {
		return nil, refusal(resp, data)
	}
	return data, nil
}

// unreachable wraps a transport's error, without the URL that net/http puts
// before it: an invitation's token may be in its path.
func unreachable(ctx context.Context, err error) error {
	var withURL *url.Error
	if errors.As(err, &withURL) {
		err = withURL.Err
	}
	if cause := context.Cause(ctx); errors.Is(cause, context.Canceled) {
		return fmt.Errorf("client: %w", cause)
	}
	return fmt.Errorf("%w: %w", ErrUnreachable, err)
}

// refusal makes an error of an answer that is no success.
func refusal(resp *http.Response, data []byte) error {
	kind, _, err := mime.ParseMediaType(resp.Header.Get("Content-Type"))
	if err != nil || kind != "application/problem+json" {
		return fmt.Errorf("%w: status %d", ErrNotRendezvous, resp.StatusCode)
	}
	problem, err := protocol.Decode[protocol.Problem](data)
	if err != nil {
		return fmt.Errorf("%w: status %d: %w", ErrNotRendezvous, resp.StatusCode, err)
	}
	if s, err := strconv.Atoi(resp.Header.Get("Retry-After")); err == nil && problem.RetryAfter == 0 && s > 0 {
		problem.RetryAfter = s
	}
	return &Refused{problem}
}
