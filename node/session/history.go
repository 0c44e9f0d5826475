package session

import (
	"slices"

	"github.com/parley-mesh/parley/pkg/protocol"
)

// historyPart is how many bytes of envelopes go into one message at the most,
// well under protocol.MaxFrame.
const historyPart = 48 << 10

// history keeps the chat envelopes that are handed to who comes later, as their
// authors signed them, in the order of their times.
type history struct{ kept []keptLine }

type keptLine struct {
	envelope protocol.Envelope
	at       int64
	size     int
}

func (h *history) add(e protocol.Envelope, at int64) {
	data, err := protocol.Encode(e)
	if err != nil {
		return
	}
	i := len(h.kept)
	for i > 0 && h.kept[i-1].at > at {
		i--
	}
	h.kept = slices.Insert(h.kept, i, keptLine{e, at, len(data)})
	if over := len(h.kept) - protocol.MaxHistory; over > 0 {
		h.kept = slices.Delete(h.kept, 0, over)
	}
}

// parts are the messages that tell it all, oldest first.
func (h *history) parts() []protocol.ControlMessage {
	var parts []protocol.ControlMessage
	var part []protocol.Envelope
	left := historyPart
	for _, k := range h.kept {
		if k.size > left && len(part) > 0 {
			parts = append(parts, protocol.History{Envelopes: part})
			part, left = nil, historyPart
		}
		part = append(part, k.envelope)
		left -= k.size + 1
	}
	if len(part) > 0 {
		parts = append(parts, protocol.History{Envelopes: part})
	}
	return parts
}
