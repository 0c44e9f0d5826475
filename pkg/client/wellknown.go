package client

import (
	"context"
	"fmt"
	"net/http"

	"github.com/parley-mesh/parley/pkg/protocol"
)

// WellKnown asks what is to be known of the rendezvous before one talks to it
// (GET /.well-known/parley).
func (c *Client) WellKnown(ctx context.Context) (protocol.WellKnown, error) {
	known, err := call[protocol.WellKnown](ctx, c, http.MethodGet, "/.well-known/parley", nil)
	if err != nil {
		return known, fmt.Errorf("look at the rendezvous: %w", err)
	}
	return known, nil
}
