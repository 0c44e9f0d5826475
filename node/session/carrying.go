package session

import "github.com/parley-mesh/parley/node/router"

const (
	// answerFor is how long a picture or a voice that was asked for may be missing
	// from what the peer says that flows, before its say counts as the answer.
	answerFor = 2_000
	// arriveFor is how long what the peer says that flows may fail to arrive.
	arriveFor = 5_000
)

// inflow is a source that the peer said to send, and whether anything of it came.
type inflow struct {
	key     router.Key
	arrived bool
}

// demand is what this side asked for on a link and what came of it.
type demand struct {
	// expected is what was asked for and is, by its owner's presence, there.
	expected []router.Key
	askedAt  int64 // since when it is asked for, in milliseconds
	told     bool  // the peer has said what flows since then
	flows    []inflow
}

// carries tells whether what was asked for on a link flows, or whether there is
// nothing to flow and the peer has said so. Nobody lets go of an old link before
// the new one carries: an answer that only came too early must not count.
func (d demand) carries(now int64) bool {
	if !d.told {
		return false
	}
	flowing := make(map[router.Key]bool, len(d.flows))
	for _, f := range d.flows {
		flowing[f.key] = true
		if !f.arrived && now < d.askedAt+arriveFor {
			return false
		}
	}
	if now >= d.askedAt+answerFor {
		return true
	}
	for _, key := range d.expected {
		if !flowing[key] {
			return false
		}
	}
	return true
}
