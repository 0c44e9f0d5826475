package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/parley-mesh/parley/pkg/identity"
	"github.com/parley-mesh/parley/pkg/protocol"
)

// A caller is somebody with an identity who talks to one server.
type caller struct {
	http   *http.Client
	url    string
	id     *identity.Identity
	bearer string
}

func newCaller(url string) (*caller, error) {
	id, err := identity.Generate(rand.Reader)
	if err != nil {
		return nil, err
	}
	token, err := identity.NewToken(id, url, time.Now(), time.Hour)
	if err != nil {
		return nil, err
	}
	return &caller{http: keptAlive, url: url, id: id, bearer: "Bearer " + token}, nil
}

// keptAlive keeps enough connections that a load reuses them.
var keptAlive = &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 64}}

func (c *caller) post(ctx context.Context, route string, body []byte) ([]byte, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, c.url+route, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	request.Header.Set("Authorization", c.bearer)
	request.Header.Set("Content-Type", "application/json")
	response, err := c.http.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(response.Body, protocol.MaxBody))
	if err != nil {
		return nil, err
	}
	if response.StatusCode >= http.StatusBadRequest {
		return nil, fmt.Errorf("%s: %s: %s", route, response.Status, answer)
	}
	return answer, nil
}

func (c *caller) create(ctx context.Context, asked protocol.CreateRequest) (protocol.CreateResponse, error) {
	body, err := protocol.Encode(asked)
	if err != nil {
		return protocol.CreateResponse{}, err
	}
	answer, err := c.post(ctx, "/meetings/create", body)
	if err != nil {
		return protocol.CreateResponse{}, err
	}
	return protocol.Decode[protocol.CreateResponse](answer)
}

func (c *caller) join(ctx context.Context, token string) (protocol.JoinResponse, error) {
	body, err := protocol.Encode(protocol.JoinRequest{InvitationToken: token})
	if err != nil {
		return protocol.JoinResponse{}, err
	}
	answer, err := c.post(ctx, "/meetings/join", body)
	if err != nil {
		return protocol.JoinResponse{}, err
	}
	return protocol.Decode[protocol.JoinResponse](answer)
}

// rate runs do in so many workers for a time and returns how often it was done
// a second.
func rate(ctx context.Context, workers int, during time.Duration, do func(context.Context) error) (float64, error) {
	var done atomic.Int64
	var group sync.WaitGroup
	failures := make(chan error, workers)
	begin := time.Now()
	for range workers {
		group.Go(func() {
			for time.Since(begin) < during && ctx.Err() == nil {
				if err := do(ctx); err != nil {
					failures <- err
					return
				}
				done.Add(1)
			}
		})
	}
	group.Wait()
	took := time.Since(begin)
	select {
	case err := <-failures:
		return 0, err
	default:
		return float64(done.Load()) / took.Seconds(), ctx.Err()
	}
}

// paced starts do at a steady pace, whether or not the ones before have ended,
// and returns how long each took.
func paced(ctx context.Context, perSecond float64, times int, do func(context.Context) error) ([]time.Duration, error) {
	took := make([]time.Duration, times)
	failures := make([]error, times)
	var group sync.WaitGroup
	ticker := time.NewTicker(time.Duration(float64(time.Second) / perSecond))
	defer ticker.Stop()
	for i := range times {
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
		group.Go(func() {
			begin := time.Now()
			failures[i] = do(ctx)
			took[i] = time.Since(begin)
		})
	}
	group.Wait()
	for _, err := range failures {
		if err != nil {
			return nil, err
		}
	}
	return took, nil
}
