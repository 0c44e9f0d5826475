package record

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/parley-mesh/parley/node/media"
	"github.com/parley-mesh/parley/node/media/webm"
	"github.com/parley-mesh/parley/pkg/identity"
	"github.com/parley-mesh/parley/pkg/protocol"
)

// oneFrame stands in for a last picture's duration.
const oneFrame = time.Second / 30

// part is one WebM file while it is written.
type part struct {
	group  *group
	name   string
	entry  *fileEntry
	store  store
	muxer  *webm.Muxer
	video  media.Codec // "" without a picture
	zero   time.Duration
	size   int64           // of the plain file
	frames int             // written
	last   []time.Duration // of each track's last frame
	area   int             // of the largest picture
	shown  [2]int          // the present picture's size
}

// newPart begins the group's next file at a time on the packets' clock; video is
// its first picture, if it has any.
func (w *writer) newPart(g *group, zero time.Duration, video timed) (*part, error) {
	p := &part{group: g, video: video.codec, zero: zero}
	tracks := tracks(video)
	p.last = make([]time.Duration, len(tracks))
	for i := range p.last {
		p.last[i] = -time.Millisecond
	}
	started := w.wallAt(zero)
	sources := sourcesOf(g.key.screen, video.codec != "")
	p.name = w.freeName(started, g.key.from, sources)
	p.entry = &fileEntry{
		File: p.name, Participant: g.key.from, Name: w.manifest.nameOf(g.key.from),
		Sources: sources, Part: w.manifest.partsOf(g.key) + 1, Started: started,
	}
	// Said before it is done: what a crash leaves is then known to meeting.json.
	w.manifest.Files = append(w.manifest.Files, p.entry)
	w.dirty = true
	if err := w.save(); err != nil {
		return nil, err
	}
	var err error
	if p.store, err = w.folder.create(p.name); err != nil {
		return nil, &StoppedError{p.name, err}
	}
	w.figures.files.Add(1)
	var head []byte
	p.muxer, head = webm.NewMuxer(webm.MuxerConfig{Tracks: tracks, App: "parley", Date: started})
	g.part = p
	return p, p.append(head)
}

func sourcesOf(screen, video bool) []protocol.Source {
	list := []protocol.Source{protocol.SourceCamera, protocol.SourceMic}
	if screen {
		list = []protocol.Source{protocol.SourceScreen, protocol.SourceScreenAudio}
	}
	if !video {
		list = list[1:]
	}
	return list
}

// freeName is a name that the recording does not have yet: time, the end of the
// participant's ID, source. Nothing in it is chosen by a participant but letters
// and digits of their key.
func (w *writer) freeName(started time.Time, from identity.PeerID, sources []protocol.Source) string {
	short := strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' || r >= 'A' && r <= 'Z' || r >= 'a' && r <= 'z' {
			return r
		}
		return -1
	}, string(from))
	short = short[max(0, len(short)-8):]
	base := fmt.Sprintf("%s-%s-%s", started.Format("20060102T150405Z"), short, sources[0])
	for n := 1; ; n++ {
		name := base + ".webm"
		if n > 1 {
			name = fmt.Sprintf("%s-%d.webm", base, n)
		}
		if _, err := w.folder.root.Lstat(w.folder.name(name)); err != nil {
			return name // not there, or creating it will say what is wrong
		}
	}
}

// holds tells whether a frame can go into this file.
func (p *part) holds(t timed) bool {
	if !isVideo(t) {
		return true
	}
	return t.codec == p.video
}

// write appends a cluster of frames in order.
func (p *part) write(frames []timed) error {
	blocks := make([]webm.Block, 0, len(frames))
	for _, t := range frames {
		blocks = append(blocks, p.block(t))
	}
	if err := p.append(p.muxer.Cluster(blocks)); err != nil {
		p.muxer.Undo()
		return err
	}
	p.entry.Duration = p.muxer.Duration().Milliseconds()
	p.frames += len(frames)
	p.group.writer.figures.frames.Add(int64(len(frames)))
	return nil
}

// block gives a frame its place in the file. Times within a track always rise.
func (p *part) block(t timed) webm.Block {
	track := len(p.last)
	if isVideo(t) {
		track = 1
	}
	last := p.last[track-1]
	at := max(t.at-p.zero, last+time.Millisecond)
	b := webm.Block{Track: uint64(track), Time: at, Data: t.data, Key: true}
	if isVideo(t) {
		b.Key = t.picture.Key
		if b.Duration = at - last; last < 0 || b.Duration > time.Second {
			b.Duration = oneFrame
		}
		p.note(t.picture, at)
	} else {
		b.Duration = media.OpusDuration(t.data)
	}
	p.last[track-1] = at
	return b
}

// note notes changes of the picture's size.
func (p *part) note(picture media.Picture, at time.Duration) {
	size := [2]int{picture.Width, picture.Height}
	if !picture.Key || size == p.shown {
		return
	}
	p.shown = size
	if area := size[0] * size[1]; area > p.area {
		p.area = area
		p.muxer.SetSize(1, size[0], size[1])
	}
	if len(p.entry.Sizes) < maxSizes {
		p.entry.Sizes = append(p.entry.Sizes, pictureSize{at.Milliseconds(), size[0], size[1]})
		p.group.writer.dirty = true
	}
}

// append writes bytes to the file's end.
func (p *part) append(content []byte) error {
	if err := p.store.write(p.size, content); err != nil {
		return p.stopped(err)
	}
	p.size += int64(len(content))
	p.group.writer.figures.bytes.Add(int64(len(content)))
	return nil
}

func (p *part) stopped(err error) error { return &StoppedError{p.name, err} }

func (p *part) sync() error {
	if err := p.store.sync(); err != nil {
		return p.stopped(err)
	}
	return nil
}

// end gives the file its end and closes it.
func (p *part) end() error {
	tail, patches := p.muxer.Finish(true)
	if err := p.append(tail); err != nil {
		return err
	}
	if err := patch(p.store, patches); err != nil {
		return p.stopped(err)
	}
	if err := p.store.end(); err != nil {
		return p.stopped(err)
	}
	return p.close()
}

func (p *part) close() error {
	p.entry.end(p.muxer.Duration())
	p.group.writer.dirty = true
	p.group.writer.figures.files.Add(-1)
	if err := p.store.close(); err != nil {
		return p.stopped(err)
	}
	return nil
}

// discard removes the file: another one has all of it.
func (p *part) discard() error {
	w := p.group.writer
	w.figures.files.Add(-1)
	w.figures.frames.Add(-int64(p.frames))
	w.manifest.Files = slices.DeleteFunc(w.manifest.Files, func(e *fileEntry) bool { return e == p.entry })
	w.dirty = true
	if err := errors.Join(p.store.close(), w.save(), w.folder.root.Remove(w.folder.name(p.name))); err != nil {
		return p.stopped(err)
	}
	return nil
}

// salvage ends the file as well as a disk allows that takes no more: whatever
// was not written whole goes, and the end is made of patches alone.
func (p *part) salvage() {
	if p.store == nil {
		return
	}
	_ = p.store.truncate(p.size)
	_, patches := p.muxer.Finish(false)
	_ = patch(p.store, patches)
	_ = p.store.end()
	_ = p.close()
}
