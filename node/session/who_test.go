package session

import (
	"testing"

	"github.com/parley-mesh/parley/pkg/identity"
)

// who is an identity made from a number.
func who(t testing.TB, n byte) (*identity.Identity, identity.PeerID) {
	t.Helper()
	id := identity.FromSeed([32]byte{n})
	return id, id.PeerID()
}
