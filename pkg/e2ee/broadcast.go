package e2ee

import "github.com/parley-mesh/parley/pkg/protocol"

const broadcastContext = "parley/1/broadcast"

// openAll opens a box for everybody. That it is from's is the word of whoever has
// the epoch; the envelope in it is signed.
func (b *Mailbox) openAll(from Session, raw []byte, epochs *Ring) ([]protocol.BoxMessage, error) {
	id := [epochIDSize]byte(raw[1:])
	counter, ok := counterAt(raw[1+epochIDSize:])
	if !ok {
		return nil, ErrBox
	}
	if epochs == nil {
		return nil, ErrNoEpoch
	}
	e := epochs.Find(id)
	if e == nil {
		return nil, ErrNoEpoch
	}
	of := broadcaster{from.Fingerprint, id}
	h := b.broadcasts[of]
	if h != nil && !h.window.Fresh(counter) {
		return nil, ErrReplayed
	}
	key, err := e.derive(broadcastContext, from.Fingerprint[:]...)
	if err != nil {
		return nil, err
	}
	plain, err := gcm(key).Open(nil, nonce(counter), raw[headOfAll:], raw[:headOfAll])
	if err != nil {
		return nil, ErrBox
	}
	if h == nil {
		if len(b.broadcasts) >= maxSenders {
			delete(b.broadcasts, silentest(b.broadcasts, func(h *heard) uint64 { return h.used }))
		}
		h = new(heard)
		b.broadcasts[of] = h
	}
	b.clock++
	h.used = b.clock
	h.window.Take(counter)
	messages, err := decodeMessages(plain, 1)
	if err != nil {
		return nil, err
	}
	if _, ok := messages[0].(protocol.Carry); !ok {
		return nil, ErrBox
	}
	return messages, nil
}
