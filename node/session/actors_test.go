package session

import (
	"context"
	"encoding/binary"
	"sync"
	"time"

	"github.com/parley-mesh/parley/node/router"
	"github.com/parley-mesh/parley/pkg/protocol"
	"github.com/parley-mesh/parley/pkg/sframe"
)

// camera publishes a voice and a picture: a packet of sound every 20 ms and a
// small VP8 frame every 50 ms.
type camera struct {
	mu            sync.Mutex
	key           bool
	width, height uint16
	more          int // bytes of each frame
	asked         int // key frames, of it
}

func newCamera() *camera { return &camera{key: true, width: 320, height: 180} }

func (c *camera) Sources() []Published {
	return []Published{{Source: protocol.SourceMic}, {Source: protocol.SourceCamera, Width: 320, Height: 180}}
}

func (c *camera) RequestKeyFrame(protocol.Source, int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.key = true
	c.asked++
}

func (c *camera) Run(ctx context.Context, out Outlet) error {
	ticker := time.NewTicker(10 * time.Millisecond)
	defer ticker.Stop()
	for n := 0; ; n++ {
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
		}
		if n%2 == 0 {
			if sound, err := out.Seal(nil, protocol.SourceMic, sframe.CodecOpus, counted(60, n/2)); err == nil {
				out.Write(protocol.SourceMic, &router.Packet{
					Codec: router.Opus, Seq: uint16(n / 2), Time: uint32(n * 480), Level: 30, Payload: sound,
				})
			}
		}
		if n%5 == 0 {
			if payload := c.frame(out, n/5); payload != nil {
				out.Write(protocol.SourceCamera, &router.Packet{
					Codec: router.VP8, Seq: uint16(n / 5), Time: uint32(n * 900), Marker: true, Level: router.NoLevel, Payload: payload,
				})
			}
		}
	}
}

// counted is a payload that ends in a number.
func counted(size, n int) []byte {
	return binary.BigEndian.AppendUint32(make([]byte, size), uint32(n))
}

// pictureHead is how many bytes are before a VP8 frame in its packet.
const pictureHead = 4

// frame is a sealed VP8 frame in one packet (RFC 7741), with a picture ID; nil
// while there is nothing to seal with.
func (c *camera) frame(by Sealer, n int) []byte {
	c.mu.Lock()
	defer c.mu.Unlock()
	head := []byte{0x90, 0x80, 0x80 | byte(n>>8)&0x7f, byte(n)}
	frame := []byte{0x11, 0, 0}
	if c.key {
		frame = []byte{0x10, 0, 0, 0x9d, 0x01, 0x2a, byte(c.width), byte(c.width >> 8), byte(c.height), byte(c.height >> 8)}
	}
	frame = append(append(frame, make([]byte, c.more)...), counted(100, n)...)
	payload, err := by.Seal(head, protocol.SourceCamera, sframe.CodecVP8, frame)
	if err != nil {
		return nil
	}
	c.key = false
	return payload
}

// watch notes what arrives and opens.
type watch struct {
	stream func(router.Key) Stream

	mu      sync.Mutex
	streams map[router.Key]Stream
	seen    map[router.Key][]sight
	dark    map[router.Key]int // frames that did not open, or were another's
}

// sight is one packet: its author's count, and when it came.
type sight struct {
	n  int
	at time.Time
}

func newWatch() *watch {
	return &watch{streams: make(map[router.Key]Stream), seen: make(map[router.Key][]sight), dark: make(map[router.Key]int)}
}

func (w *watch) take(key router.Key, _ int64, p *router.Packet) {
	frame, codec := p.Payload, sframe.CodecOpus
	if p.Codec == router.VP8 {
		frame, codec = frame[min(pictureHead, len(frame)):], sframe.CodecVP8
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	s := w.streams[key]
	if s == nil {
		s = w.stream(key)
		w.streams[key] = s
	}
	plain, from, source, err := s.Open(nil, codec, frame)
	if err != nil || from != key.From || source != key.Source || len(plain) < 4 {
		w.dark[key]++
		return
	}
	n := int(binary.BigEndian.Uint32(plain[len(plain)-4:]))
	w.seen[key] = append(w.seen[key], sight{n, time.Now()})
}

func (w *watch) lastOf(key router.Key) time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	if s := w.seen[key]; len(s) > 0 {
		return s[len(s)-1].at
	}
	return time.Time{}
}

// missed counts what of a source did not come between two moments, and the
// longest time without any of it.
func (w *watch) missed(key router.Key, from, to time.Time) (lost int, pause time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	got := map[int]bool{}
	first, last := -1, -1
	before := from
	for _, s := range w.seen[key] {
		if s.at.Before(from) || s.at.After(to) {
			continue
		}
		if first < 0 || s.n < first {
			first = s.n
		}
		last = max(last, s.n)
		got[s.n] = true
		pause = max(pause, s.at.Sub(before))
		before = s.at
	}
	pause = max(pause, to.Sub(before))
	for n := first; n <= last; n++ {
		if !got[n] {
			lost++
		}
	}
	return lost, pause
}

// layered publishes a picture in three layers.
type layered struct {
	mu  sync.Mutex
	key [3]bool
}

func newLayered() *layered { return &layered{key: [3]bool{true, true, true}} }

func (*layered) Sources() []Published {
	return []Published{{Source: protocol.SourceCamera, Layers: 3, Width: 1280, Height: 720}}
}

func (l *layered) RequestKeyFrame(_ protocol.Source, layer int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.key[layer] = true
}

func (l *layered) Run(ctx context.Context, out Outlet) error {
	ticker := time.NewTicker(50 * time.Millisecond)
	defer ticker.Stop()
	for n := 0; ; n++ {
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
		}
		for layer := range 3 {
			l.mu.Lock()
			c := camera{key: l.key[layer], width: uint16(320 << layer), height: uint16(180 << layer), more: 200 << layer}
			payload := c.frame(out, n)
			l.key[layer] = c.key
			l.mu.Unlock()
			if payload == nil {
				continue
			}
			out.Write(protocol.SourceCamera, &router.Packet{
				Layer: layer, Codec: router.VP8, Seq: uint16(n), Time: uint32(n * 4500), Marker: true, Level: router.NoLevel, Payload: payload,
			})
		}
	}
}
