package router_test

import (
	"testing"

	"github.com/parley-mesh/parley/node/router"
	"github.com/parley-mesh/parley/pkg/protocol"
)

// Guards the numbers of retransmissions: a receiver that lost packets on both
// sides of a layer change gets exactly those, once in a round trip.
func TestNackAnswered(t *testing.T) {
	t.Parallel()
	s := newStage(newCamera(1, 3))
	screen := newScreen()
	rc := s.AddReceiver(peer(9), videoSlots(1), router.Everybody, screen)
	rc.SetViews(s.now, []protocol.View{view(1, 160)})
	s.run(10)
	n := 0
	screen.lose = func(_ int, out *router.Out) bool {
		n++
		return n%3 == 0 && !out.Retransmit
	}
	s.run(4)
	rc.SetViews(s.now, []protocol.View{view(1, 640)})
	s.run(6)
	missing := screen.missing(0)
	if len(missing) < 3 {
		t.Fatalf("only %d are missing", len(missing))
	}
	rc.Nack(s.now, 0, missing)
	rc.Nack(s.now, 0, missing) // while the first answer is on its way
	screen.lose = nil
	if still := screen.missing(0); len(still) != 0 {
		t.Errorf("still missing: %v", still)
	}
	if got := s.Stats().Retransmitted; got != uint64(len(missing)) {
		t.Errorf("%d were sent again, %d were missing", got, len(missing))
	}
	if frames := screen.decode(t, 0); len(frames) < 20 {
		t.Errorf("%d frames of 20", len(frames))
	}
	rc.Nack(s.now, 0, []uint16{12345, 1, 2, 3})
	rc.Nack(s.now, -1, missing)
	rc.Nack(s.now, 7, missing)
}

// Guards the other receivers' bandwidth and the node's: a receiver that asks
// for everything again and again gets a bounded share.
func TestNackFlood(t *testing.T) {
	t.Parallel()
	s := newStage(newCamera(1, 1))
	screen := newScreen()
	rc := s.AddReceiver(peer(9), videoSlots(1), router.Everybody, screen)
	rc.SetViews(s.now, []protocol.View{view(1, 0)})
	all := make([]uint16, 65536)
	for i := range all {
		all[i] = uint16(i)
	}
	for range 100 {
		s.run(1)
		for at := range 100 {
			rc.Nack(s.now, 0, all[at*600:])
		}
	}
	stats := s.Stats()
	if stats.Retransmitted > stats.PacketsOut/2+100 {
		t.Errorf("%d of %d packets were sent again", stats.Retransmitted, stats.PacketsOut)
	}
}

// Guards receivers from loss before the router: what the source sends again is
// forwarded under the number that was left free for it.
func TestLossUpstreamIsRepaired(t *testing.T) {
	t.Parallel()
	c := newCamera(1, 3)
	s := newStage(c)
	lost := map[uint16]bool{}
	n := 0
	c.lose = func(p *router.Packet) bool {
		n++
		if n%9 == 0 && !lost[p.Seq] {
			lost[p.Seq] = true
			return true
		}
		return false
	}
	screen := newScreen()
	rc := s.AddReceiver(peer(9), videoSlots(1), router.Everybody, screen)
	for range 5 {
		rc.SetViews(s.now, []protocol.View{view(1, 1280)})
		s.run(20)
		rc.SetViews(s.now, []protocol.View{view(1, 160)})
		s.run(20)
	}
	c.lose = nil
	s.run(3)
	if missing := screen.missing(0); len(missing) != 0 {
		t.Errorf("missing: %v", missing)
	}
	if stats := s.Stats(); stats.Lost != 0 || stats.Nacked < 50 {
		t.Errorf("%d asked for again, %d given up", stats.Nacked, stats.Lost)
	}
	if frames := screen.decode(t, 0); len(frames) < 195 {
		t.Errorf("%d frames of 200", len(frames))
	}
}

// Guards the sender from a flood: requests of many receivers are one, and one
// that pleads without end costs the others nothing.
func TestKeyFrameRequestsAreMerged(t *testing.T) {
	t.Parallel()
	c := newCamera(1, 3)
	s := newStage(c)
	var receivers []*router.Receiver
	for i := range 50 {
		receivers = append(receivers, s.AddReceiver(peer(byte(10+i)), videoSlots(1), router.Everybody, newScreen()))
	}
	s.run(30) // the first key frames are old by now
	for _, rc := range receivers {
		rc.SetViews(s.now, []protocol.View{view(1, 640)})
	}
	if c.keys != 1 {
		t.Errorf("50 new receivers: %d requests", c.keys)
	}
	s.run(3)
	late := s.AddReceiver(peer(99), videoSlots(1), router.Everybody, newScreen())
	late.SetViews(s.now, []protocol.View{view(1, 640)})
	s.run(2)
	if c.keys != 1 {
		t.Errorf("one more who comes right after the key frame: %d requests", c.keys)
	}
	if flows := s.Stats().Receivers[50].Flows; len(flows) != 1 || flows[0].Layer != 1 {
		t.Errorf("who came late has %+v", flows)
	}
	c.keys = 0
	for range 100 { // five seconds
		s.run(1)
		for _, rc := range receivers {
			rc.KeyFrame(s.now, 0)
			rc.KeyFrame(s.now, 0)
		}
	}
	if c.keys > 11 { // two a second
		t.Errorf("pleas of everybody for five seconds: %d requests", c.keys)
	}
}
