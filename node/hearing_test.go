package node

import (
	"testing"
	"time"

	"github.com/parley-mesh/parley/node/router"
	"github.com/parley-mesh/parley/node/session"
	"github.com/parley-mesh/parley/pkg/protocol"
)

// Guards against somebody who is shown to speak for ever after.
func TestHearing(t *testing.T) {
	t.Parallel()
	h, now := newHearing(), time.Unix(0, 0)
	h.hear("a", 10, now)
	h.hear("b", router.NoLevel, now)
	person := func(level int) []session.Person {
		p := session.Person{Participant: protocol.Participant{ID: "a"}, Level: level}
		return []session.Person{p, {Participant: protocol.Participant{ID: "b"}}}
	}
	for _, test := range []struct {
		after time.Duration
		own   int
		want  int
	}{{0, 0, 127}, {heardFor, 5, 127}, {heardFor + 1, 5, 5}, {0, 7, 7}} {
		people := person(test.own)
		h.fill(people, now.Add(test.after))
		if people[0].Level != test.want || people[1].Level != 0 {
			t.Errorf("after %v: %d and %d, want %d", test.after, people[0].Level, people[1].Level, test.want)
		}
	}
}
