package node

import (
	"testing"
	"time"

	"github.com/parley-mesh/parley/node/router"
	"github.com/parley-mesh/parley/node/session"
	"github.com/parley-mesh/parley/pkg/protocol"
)

// Guards against somebody who is shown to speak for ever after, and against one
// scale for files and another for microphones.
func TestHearing(t *testing.T) {
	t.Parallel()
	for level, want := range map[uint8]int{0: 127, 10: 127, 35: 63, 60: 0, 127: 0} {
		if got := loudness(level); got != want {
			t.Errorf("loudness(%d) = %d, want %d", level, got, want)
		}
	}
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
