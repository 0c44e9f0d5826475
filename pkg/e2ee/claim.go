package e2ee

import (
	"github.com/parley-mesh/parley/pkg/identity"
	"github.com/parley-mesh/parley/pkg/protocol"
	"github.com/parley-mesh/parley/pkg/sframe"
)

// Claim is what a sealed frame says of whose it is. It is a hint by which packets
// are sorted: that a frame opens proves it.
type Claim uint8

// The claims.
const (
	ClaimUnknown  Claim = iota // nothing, or to be of nobody who is known
	ClaimTheirs                // to be of the source that is asked about
	ClaimAnothers              // to be of another source that is known
)

// String names the claim.
func (c Claim) String() string {
	switch c {
	case ClaimTheirs:
		return "theirs"
	case ClaimAnothers:
		return "another's"
	default:
		return "unknown"
	}
}

// Claims tells whether a frame says to be of a source of somebody, by its first
// bytes: the clear ones and the SFrame header. Its epoch need not be held.
func (o *MediaOpener) Claims(codec sframe.Codec, begin []byte, from identity.PeerID, source protocol.Source) Claim {
	header, err := sframe.ParseHeader(begin[sframe.Clear(codec, begin):])
	if err != nil {
		return ClaimUnknown
	}
	id := keyID(header.KID)
	if id.source() >= sources {
		return ClaimUnknown
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	claim := ClaimUnknown
	for _, s := range o.sessions[id.tag()] {
		if s.ID == from && protocol.Sources()[id.source()] == source {
			return ClaimTheirs
		}
		claim = ClaimAnothers
	}
	return claim
}
