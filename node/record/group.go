package record

import (
	"cmp"
	"slices"
	"time"

	"github.com/parley-mesh/parley/node/media"
	"github.com/parley-mesh/parley/node/media/webm"
	"github.com/parley-mesh/parley/pkg/protocol"
)

const (
	// hold is how long frames wait for older ones of the other track.
	hold = 150 * time.Millisecond
	// settle is how long a first sound waits for a picture to go with it.
	settle = 700 * time.Millisecond
	// maxPending and maxPendingBytes bound what waits; beyond, frames are dropped.
	maxPending      = 4096
	maxPendingBytes = 32 << 20
	// earlySpan is how much of a part of sound alone is kept in memory, so that a
	// picture that comes soon after makes one file with it.
	earlySpan = 4 * time.Second
	// One cluster is at most this.
	clusterSpan  = 5 * time.Second
	clusterBytes = 4 << 20
)

// group is what a participant sends of one kind, camera and mic or screen and
// screen-audio, and the file that is written of it.
type group struct {
	writer  *writer
	key     groupKey
	sources map[protocol.Source]*source
	pending []timed
	bytes   int           // of pending
	first   time.Duration // arrival of what waits for the first part
	part    *part         // nil: none is open
	early   []timed       // all of part, while it is sound alone and young
}

// source is one of a group's at most two.
type source struct {
	key      Key
	reorder  reorder
	assemble assembler
	stream   Stream
	clock    clock
	keyed    bool // a key frame has come
	dropped  uint64
}

// timed is a frame at its place in the recording.
type timed struct {
	at      time.Duration // on the packets' clock
	codec   media.Codec
	picture media.Picture // of pictures
	data    []byte
}

func newGroup(w *writer, key groupKey) *group {
	return &group{writer: w, key: key, sources: make(map[protocol.Source]*source)}
}

// take takes a packet of one of the group's sources.
func (g *group) take(name protocol.Source, p arrived) {
	s := g.sources[name]
	if s == nil {
		key := Key{g.key.from, name}
		s = &source{key: key, stream: g.writer.open(key)}
		g.sources[name] = s
	}
	s.reorder.add(p, func(p arrived, lost bool) { g.deliver(s, p, lost) })
}

// deliver takes a packet in its turn.
func (g *group) deliver(s *source, p arrived, lost bool) {
	codec := s.assemble.codec
	f, whole := s.assemble.add(p, lost)
	g.writer.figures.dropped.Add(int64(s.assemble.dropped - s.dropped))
	s.dropped = s.assemble.dropped
	if codec != p.Codec { // another encoder, which begins with a key frame
		s.clock = clock{rate: int64(p.Codec.ClockRate())}
		s.keyed = false
	}
	if !whole {
		return
	}
	plain, ok := s.open(f)
	if !ok {
		g.writer.figures.unopened.Add(1)
		return
	}
	t := timed{codec: p.Codec, data: plain}
	if p.Codec.Video() {
		picture, ok := media.Inspect(p.Codec, plain)
		if !ok || !s.keyed && !picture.Key {
			return
		}
		s.keyed = true
		t.picture = picture
	}
	t.at = s.clock.time(f.time, p.at)
	if len(g.pending) >= maxPending || g.bytes+len(t.data) > maxPendingBytes {
		g.writer.figures.dropped.Add(1)
		return
	}
	if len(g.pending) == 0 {
		g.first = time.Duration(p.at)
	}
	g.bytes += len(t.data)
	g.pending = append(g.pending, t)
}

// flush writes what has waited long enough.
func (g *group) flush(now int64) error {
	for _, s := range g.sources {
		s.reorder.expire(now, func(p arrived, lost bool) { g.deliver(s, p, lost) })
	}
	if g.part == nil && !g.settled(now) {
		return nil
	}
	return g.writeUntil(time.Duration(now) - hold)
}

// settled says that a first part can begin: with a picture, or when none comes.
func (g *group) settled(now int64) bool {
	return len(g.pending) > 0 && (slices.ContainsFunc(g.pending, isVideo) || time.Duration(now)-g.first >= settle)
}

func isVideo(t timed) bool { return t.codec.Video() }

// end writes everything and ends the file.
func (g *group) end() error {
	for _, s := range g.sources {
		s.reorder.flush(func(p arrived, lost bool) { g.deliver(s, p, lost) })
	}
	if err := g.writeUntil(1<<63 - 1); err != nil {
		return err
	}
	return g.endPart()
}

func (g *group) endPart() error {
	if g.part == nil {
		return nil
	}
	err := g.part.end()
	if err == nil {
		g.part, g.early = nil, nil
	}
	return err
}

// writeUntil writes what is pending up to a time, in order, to parts that can hold it.
func (g *group) writeUntil(until time.Duration) error {
	slices.SortStableFunc(g.pending, func(a, b timed) int { return cmp.Compare(a.at, b.at) })
	due := 0
	for due < len(g.pending) && g.pending[due].at <= until {
		due++
	}
	var cluster []timed
	size := 0
	write := func() error {
		if len(cluster) == 0 {
			return nil
		}
		err := g.part.write(cluster)
		g.keepEarly(cluster)
		cluster, size = nil, 0
		return err
	}
	for _, t := range g.pending[:due] {
		if g.part == nil || !g.part.holds(t) {
			if err := write(); err != nil {
				return err
			}
			if err := g.nextPart(t); err != nil {
				return err
			}
		}
		if len(cluster) > 0 && (t.at-cluster[0].at > clusterSpan || size > clusterBytes) {
			if err := write(); err != nil {
				return err
			}
		}
		cluster = append(cluster, t)
		size += len(t.data)
		g.bytes -= len(t.data)
	}
	g.pending = slices.Delete(g.pending, 0, due)
	return write()
}

// nextPart ends the part that is open and begins one whose first frame is t. A
// part with a picture has a track of sound whether or not there is any yet.
func (g *group) nextPart(t timed) error {
	if isVideo(t) && len(g.early) > 0 {
		return g.growPart(t)
	}
	if err := g.endPart(); err != nil {
		return err
	}
	video := t
	if !isVideo(t) {
		at := slices.IndexFunc(g.pending, isVideo)
		video = timed{}
		if at >= 0 && g.pending[at].at-t.at <= settle {
			video = g.pending[at]
		}
	}
	_, err := g.writer.newPart(g, t.at, video)
	return err
}

// growPart puts a young part of sound into a new one with a picture. The old
// file stays until the new one has all of it.
func (g *group) growPart(picture timed) error {
	old, frames := g.part, g.early
	p, err := g.writer.newPart(g, old.zero, picture)
	if err != nil {
		return err
	}
	p.entry.Part = old.entry.Part
	if err := p.write(frames); err != nil {
		return err
	}
	g.early = nil
	return old.discard()
}

// keepEarly keeps what was just written, or forgets all of it.
func (g *group) keepEarly(frames []timed) {
	last := frames[len(frames)-1]
	if g.part.video != "" || last.at-g.part.zero > earlySpan {
		g.early = nil
		return
	}
	if len(g.early)+len(frames) == g.part.frames { // none was forgotten before
		g.early = append(g.early, frames...)
	}
}

// tracks are those of a part with a picture of a codec, or of sound alone.
func tracks(video timed) []webm.Track {
	sound := webm.Track{Codec: webm.CodecOpus, Audio: true, Channels: 2, Private: opusHead}
	name := webm.CodecVP8
	switch video.codec {
	case media.VP9:
		name = webm.CodecVP9
	case media.VP8:
	default:
		return []webm.Track{sound}
	}
	return []webm.Track{{Codec: name, Video: true, Width: video.picture.Width, Height: video.picture.Height}, sound}
}

// opusHead is the codec's header for stereo, in which mono plays as well (RFC 7845 section 5.1).
var opusHead = []byte("OpusHead\x01\x02\x00\x00\x80\xBB\x00\x00\x00\x00\x00")
