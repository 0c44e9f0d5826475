package session

import "github.com/parley-mesh/parley/pkg/identity"

const (
	// askedEnough is how many peers a newcomer asks for the chat of before: one may
	// be a newcomer too, two that both are is rare.
	askedEnough = 2
	answersMost = 1000 // peers whose asking is counted
)

// newcomer knows whom to ask for the chat of before, and how often to answer
// who asks.
type newcomer struct {
	opened  map[identity.PeerID]struct{}
	answers map[identity.PeerID]*bucket
}

func newNewcomer() *newcomer {
	return &newcomer{opened: make(map[identity.PeerID]struct{}), answers: make(map[identity.PeerID]*bucket)}
}

// asks notes that a link opened and reports whether its peer is to be asked. A
// link that opens again was away: something may have been said meanwhile.
func (n *newcomer) asks(peer identity.PeerID) bool {
	_, again := n.opened[peer]
	n.opened[peer] = struct{}{}
	return again || len(n.opened) <= askedEnough
}

// answer reports whether peer has not asked more often than links come back.
func (n *newcomer) answer(peer identity.PeerID, now int64) bool {
	b := n.answers[peer]
	if b == nil {
		if len(n.answers) >= answersMost {
			return false
		}
		b = &bucket{size: 3, rate: 0.1}
		n.answers[peer] = b
	}
	return b.take(now)
}
