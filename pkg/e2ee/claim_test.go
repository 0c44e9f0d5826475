package e2ee

import (
	"testing"

	"github.com/parley-mesh/parley/pkg/identity"
	"github.com/parley-mesh/parley/pkg/protocol"
	"github.com/parley-mesh/parley/pkg/sframe"
)

// Guards the sorting of packets that come before the word of whose they are: a
// frame is taken for another's when that other is known, and never for a doubt.
func TestClaims(t *testing.T) {
	t.Parallel()
	ada, ben, cleo := room(t)
	ring, epoch := ringOf(ada, 50)
	opener := NewMediaOpener()
	opener.Set(ring.Held(), []Session{ada.session, ben.session})
	frame := mustFrame(t, sealerIn(ben, epoch)) // of his camera
	for _, test := range []struct {
		says   string
		frame  []byte
		from   identity.PeerID
		source protocol.Source
		want   Claim
	}{
		{"his", frame, ben.id(), protocol.SourceCamera, ClaimTheirs},
		{"its first bytes", frame[:30], ben.id(), protocol.SourceCamera, ClaimTheirs},
		{"another source of his", frame, ben.id(), protocol.SourceScreen, ClaimAnothers},
		{"of somebody else", frame, ada.id(), protocol.SourceCamera, ClaimAnothers},
		{"of nobody", frame, "", "", ClaimAnothers},
		{"by who is not known", mustFrame(t, sealerIn(cleo, epoch)), ben.id(), protocol.SourceCamera, ClaimUnknown},
		{"cut short", frame[:12], ben.id(), protocol.SourceCamera, ClaimUnknown},
		{"nothing", nil, ben.id(), protocol.SourceCamera, ClaimUnknown},
	} {
		if got := opener.Claims(sframe.CodecVP8, test.frame, test.from, test.source); got != test.want {
			t.Errorf("%s: %s, want %s", test.says, got, test.want)
		}
	}
}
