package session

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/parley-mesh/parley/pkg/protocol"
)

// dying is a camera whose program dies when it is told to.
type dying struct {
	*camera
	die chan error
}

func (d *dying) Run(ctx context.Context, out Outlet) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	ended := make(chan error, 1)
	go func() { ended <- d.camera.Run(ctx, out) }()
	select {
	case err := <-d.die:
		cancel()
		<-ended
		return err
	case err := <-ended:
		return err
	}
}

// Guards against a film that breaks, or an ffmpeg that dies, and takes the stay
// with it: its owner is told why, everybody sees that it is off, and talk and
// the others' media go on.
func TestAPublisherThatDies(t *testing.T) {
	inBubble(t, 4, func(t *testing.T, s *stage) {
		a := s.host()
		film := &dying{newCamera(), make(chan error, 1)}
		b := s.join(2, func(c *Config) { c.Publish = []Publisher{film} })
		s.await("both see each other", 3*time.Second, func() bool { return a.sees([]*node{b}) && b.sees([]*node{a}) })
		film.die <- errors.New("ffmpeg gave up")
		s.await("it is off", 5*time.Second, func() bool {
			shown := slices.IndexFunc(b.State().People, func(p Person) bool { return p.ID == b.id && (p.Presence.Camera || p.Presence.Mic) })
			arrives := slices.IndexFunc(a.State().People, func(p Person) bool { return p.ID == b.id && len(p.Flows) > 0 })
			return shown < 0 && arrives < 0
		})
		s.await("its owner is told", time.Second, func() bool {
			b.mu.Lock()
			defer b.mu.Unlock()
			return slices.ContainsFunc(b.events, func(e Event) bool {
				said, is := e.(Error)
				return is && strings.Contains(said.Message, "ffmpeg gave up")
			})
		})
		if err := b.Chat("my film broke"); err != nil {
			t.Fatal(err)
		}
		s.await("the line arrives", time.Second, func() bool { return len(a.State().Chat) == 1 })
		if !b.sees([]*node{a}) || !b.on(protocol.TopologyMesh, "") {
			t.Error(b.describe())
		}
	})
}
