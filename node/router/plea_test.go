package router_test

import (
	"testing"

	"github.com/parley-mesh/parley/node/router"
	"github.com/parley-mesh/parley/pkg/protocol"
)

// Guards a recording whose key came just after the key frame: it is not left
// without a picture until the next one, and asks for no more than one.
func TestASinkAsksForAKeyFrame(t *testing.T) {
	t.Parallel()
	c := newCamera(1, 1)
	s := newStage(c)
	h := s.AddSink(func(key router.Key) bool { return key.Source == protocol.SourceCamera }, sinkInto(newScreen()))
	s.run(2) // the first key frame has just come
	c.keys = 0
	for range 3 {
		h.KeyFrame(s.now, cameraOf(1))
	}
	h.KeyFrame(s.now, cameraOf(2)) // nobody
	if c.keys != 1 {
		t.Errorf("%d requests", c.keys)
	}
	s.run(2)
	h.Close()
	h.KeyFrame(s.now, cameraOf(1))
	if c.keys != 1 {
		t.Errorf("%d requests after the end", c.keys)
	}
}
