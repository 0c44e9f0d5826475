package session

import (
	"slices"

	"github.com/parley-mesh/parley/pkg/identity"
	"github.com/parley-mesh/parley/pkg/protocol"
)

// directivesMost is more than the room's core ever holds at once.
const directivesMost = 16

// directives keeps the envelopes of what acting hosts said, so that what is in
// force can be shown to who has not heard it.
type directives struct{ kept []keptDirective }

type keptDirective struct {
	by        identity.PeerID
	term, seq int64
	envelope  protocol.Envelope
}

func (d *directives) keep(by identity.PeerID, x protocol.Directive, e protocol.Envelope, force func(by identity.PeerID, term, seq int64) bool) {
	if d.find(by, x) != nil {
		return
	}
	d.kept = append(d.kept, keptDirective{by, x.Term, x.Seq, e})
	for i := 0; len(d.kept) > directivesMost && i < len(d.kept); {
		if k := d.kept[i]; force(k.by, k.term, k.seq) {
			i++
			continue
		}
		d.kept = slices.Delete(d.kept, i, i+1)
	}
}

// find returns the envelope of a directive, or nil.
func (d *directives) find(by identity.PeerID, x protocol.Directive) *protocol.Envelope {
	for i := range d.kept {
		if k := &d.kept[i]; k.by == by && k.term == x.Term && k.seq == x.Seq {
			return &k.envelope
		}
	}
	return nil
}
