package router_test

import (
	"testing"

	"github.com/parley-mesh/parley/node/router"
	"github.com/parley-mesh/parley/pkg/protocol"
)

// A talker sends a packet of audio every 20 ms, as loud as it is.
type talker struct {
	source *router.Source
	packet router.Packet
	level  uint8
}

func micOf(n byte) router.Key { return router.Key{From: peer(n), Source: protocol.SourceMic} }

// talk lets time pass in which everybody says something.
func talk(r *router.Router, now *int64, talkers []*talker, packets int) {
	for range packets {
		*now += 20 * millisecond
		for _, t := range talkers {
			t.packet.Seq++
			t.packet.Time += 960
			t.packet.Level = t.level
			t.source.Write(*now, &t.packet)
		}
		r.Tick(*now)
	}
}

// Guards hearing: whoever speaks has a slot at once, nobody loses one between
// two words, and with slots enough everybody has one.
func TestAudioSlots(t *testing.T) {
	t.Parallel()
	r := router.New(router.Config{Self: peer(200)})
	now := second
	var talkers []*talker
	var views []protocol.View
	for n := range byte(6) {
		tk := &talker{level: 80, packet: router.Packet{Codec: router.Opus, Seq: 65530 + uint16(n), Payload: []byte{1, 2, n}}}
		tk.source = r.AddSource(micOf(n), router.Audio, true, &up{})
		talkers = append(talkers, tk)
		views = append(views, protocol.View{From: peer(n), Source: protocol.SourceMic})
	}
	few, all := newScreen(), newScreen()
	r.AddReceiver(peer(8), []router.Slot{{Media: router.Audio}, {Media: router.Audio}, {Media: router.Video}}, router.Everybody, few).SetViews(now, views)
	slots := make([]router.Slot, 6)
	for i := range slots {
		slots[i].Media = router.Audio
	}
	r.AddReceiver(peer(9), slots, router.Everybody, all).SetViews(now, views)
	has := func(n byte) bool {
		for _, flow := range few.flows {
			if flow.Key == micOf(n) {
				return true
			}
		}
		return false
	}
	talk(r, &now, talkers, 60)
	talkers[4].level, talkers[5].level = 20, 25
	talk(r, &now, talkers, 15)
	if !has(4) || !has(5) {
		t.Errorf("4 and 5 speak, %+v flow", few.flows)
	}
	told := few.told
	for range 10 { // two people talk, with pauses between words; a third is a little louder than one
		talkers[4].level, talkers[5].level, talkers[1].level = 20, 90, 22
		talk(r, &now, talkers, 5)
		talkers[4].level, talkers[5].level = 90, 20
		talk(r, &now, talkers, 5)
	}
	if few.told > told+2 {
		t.Errorf("the slots changed %d times in two seconds", few.told-told)
	}
	talkers[1].level, talkers[4].level, talkers[5].level = 100, 100, 100
	talkers[0].level = 10
	talk(r, &now, talkers, 100)
	if !has(0) {
		t.Errorf("0 speaks, %+v flow", few.flows)
	}
	if len(all.flows) != 6 || all.told != 1 {
		t.Errorf("with slots enough %d flow, told %d times", len(all.flows), all.told)
	}
	for slot, f := range few.slots {
		f.runsOn(t, slot)
	}
}

// runsOn fails where a slot of sound has a gap, or its time stands still.
func (f *feed) runsOn(t *testing.T, slot int) {
	t.Helper()
	var last router.Out
	for n := f.first(); n <= f.top; n++ {
		p, ok := f.packets[n]
		if !ok {
			t.Fatalf("slot %d has no packet %d", slot, n)
		}
		if n > f.first() && int32(p.Time-last.Time) <= 0 {
			t.Fatalf("slot %d stands still at packet %d", slot, n)
		}
		last = p
	}
}

// Guards everybody's pictures against a microphone that sends as much as ten
// cameras: what no voice takes is not passed on, until it is a voice again.
func TestAFloodIsNoVoice(t *testing.T) {
	t.Parallel()
	r := router.New(router.Config{Self: peer(200)})
	now := second
	mic := r.AddSource(micOf(1), router.Audio, true, &up{})
	r.AddReceiver(peer(8), []router.Slot{{Media: router.Audio}}, router.Everybody, newScreen()).SetViews(now, []protocol.View{{From: peer(1), Source: protocol.SourceMic}})
	p := router.Packet{Codec: router.Opus}
	passed := func(packets int, every int64, size int) uint32 {
		out := func() (n uint32) {
			for _, flow := range r.Stats().Receivers[0].Flows {
				n += flow.PacketsOut
			}
			return n
		}
		before := out()
		p.Payload = make([]byte, size)
		for range packets {
			now += every
			p.Seq++
			p.Time += uint32(every / millisecond * 48)
			mic.Write(now, &p)
			r.Tick(now)
		}
		return out() - before
	}
	if got := passed(100, 20*millisecond, 1200); got != 100 {
		t.Errorf("of a voice of 480 kbit/s, %d of 100 packets are passed on", got)
	}
	if got := passed(10_000, millisecond, 1200); got > 1000 {
		t.Errorf("of a flood, %d of 10000 packets are passed on", got)
	}
	passed(400, 20*millisecond, 80)
	if got := passed(100, 20*millisecond, 80); got != 100 {
		t.Errorf("of the voice afterwards, %d of 100 packets are passed on", got)
	}
}

// Guards the mesh: a link carries this node's own sources in their own slots,
// before it was asked for anything and never somebody else's.
func TestMesh(t *testing.T) {
	t.Parallel()
	r := router.New(router.Config{Self: peer(1)})
	now := second
	mine := &talker{packet: router.Packet{Codec: router.Opus, Payload: []byte{1}}}
	mine.source = r.AddSource(micOf(1), router.Audio, false, &up{})
	theirs := &talker{packet: router.Packet{Codec: router.Opus, Payload: []byte{2}}}
	theirs.source = r.AddSource(micOf(2), router.Audio, false, &up{})
	camera := newCamera(1, 1)
	camera.source = r.AddSource(cameraOf(1), router.Video, false, camera)
	screen := newScreen()
	var slots []router.Slot
	for _, source := range protocol.Sources() {
		slots = append(slots, router.Slot{Media: router.MediaOf(source), Pinned: source})
	}
	rc := r.AddReceiver(peer(3), slots, router.OwnSources, screen)
	star := newScreen()
	r.AddReceiver(peer(4), slots, router.Everybody, star).SetViews(now, []protocol.View{{From: peer(2), Source: protocol.SourceMic}})
	for range 10 {
		camera.shoot(now)
		talk(r, &now, []*talker{mine, theirs}, 2)
	}
	if len(screen.slots) != 2 || len(screen.slots[0].packets) != 20 || len(screen.slots[1].packets) == 0 {
		t.Errorf("the link carries %d slots", len(screen.slots))
	}
	if len(star.slots) != 0 {
		t.Error("what may not be forwarded was")
	}
	if layers, width, height := r.Wanted(cameraOf(1)); !layers[2] || width != 0 || height != 0 {
		t.Errorf("wanted of the camera: %v, %d × %d", layers, width, height)
	}
	rc.SetViews(now, []protocol.View{{From: peer(1), Source: protocol.SourceCamera, Width: 320, Height: 180}, {From: peer(2), Source: protocol.SourceMic}})
	heard := len(screen.slots[0].packets)
	talk(r, &now, []*talker{mine, theirs}, 5)
	if len(screen.slots[0].packets) != heard {
		t.Error("a microphone that is not asked for flows on")
	}
	if layers, width, height := r.Wanted(cameraOf(1)); layers[2] || !layers[0] || width != 320 || height != 180 {
		t.Errorf("wanted of the camera: %v, %d × %d", layers, width, height)
	}
	if layers, _, _ := r.Wanted(micOf(1)); layers[0] {
		t.Error("the microphone is wanted by nobody")
	}
}
