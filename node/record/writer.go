package record

import (
	"time"

	"github.com/parley-mesh/parley/pkg/identity"
	"github.com/parley-mesh/parley/pkg/protocol"
)

const (
	maxPeople = 1024 // participants in one recording
	// flushEvery is how often frames are written: with hold, what a crash may lose.
	flushEvery = 250 * time.Millisecond
	// syncEvery is how often one of the files is made to survive a power cut.
	syncEvery = time.Second
)

// writer is the recording while it runs, on one goroutine. Times are of two
// kinds: the wall clock's, for meeting.json, and the packets' own monotonic
// nanoseconds, for everything else.
type writer struct {
	folder   *folder
	manifest *manifest
	run      *run
	earlier  int // files of earlier runs
	open     func(Key) Stream
	figures  *figures
	groups   map[groupKey]*group
	order    []*group // for turns
	dirty    bool     // meeting.json is behind

	last    int64     // arrival of the last packet
	lastNow time.Time // and when that was
	flushed int64
	synced  time.Time
	turn    int
}

// groupKey names what goes into one file.
type groupKey struct {
	from   identity.PeerID
	screen bool
}

// isScreen tells what is shared from what a participant shows of themselves.
func isScreen(source protocol.Source) bool {
	return source == protocol.SourceScreen || source == protocol.SourceScreenAudio
}

func newWriter(f *folder, options Options, open func(Key) Stream, figures *figures, now time.Time) (*writer, error) {
	m, err := f.load(options)
	if err != nil {
		return nil, err
	}
	m.Runs = append(m.Runs, run{Started: wall(now)})
	w := &writer{
		folder: f, manifest: m, run: &m.Runs[len(m.Runs)-1], open: open, figures: figures,
		earlier: len(m.Files), groups: make(map[groupKey]*group), synced: now,
	}
	if err := f.save(m); err != nil {
		return nil, err
	}
	return w, nil
}

// wall is a time as meeting.json tells it.
func wall(t time.Time) time.Time { return t.UTC().Round(0).Truncate(time.Millisecond) }

// take takes what was queued.
func (w *writer) take(i item, now time.Time) error {
	group := groupKey{i.key.From, isScreen(i.key.Source)}
	if i.left {
		for _, screen := range []bool{false, true} {
			group.screen = screen
			if err := w.drop(group); err != nil {
				return err
			}
		}
		return nil
	}
	g := w.groups[group]
	if g == nil {
		if len(w.groups) >= 2*maxPeople {
			w.figures.dropped.Add(1)
			return nil
		}
		g = newGroup(w, group)
		w.groups[group] = g
		w.order = append(w.order, g)
		w.dirty = w.manifest.named(group.from, "") || w.dirty
	}
	w.last, w.lastNow = max(w.last, i.packet.at), now
	g.take(i.key.Source, i.packet)
	return nil
}

// due says that it is time for a tick, by the packets that have come.
func (w *writer) due() bool { return time.Duration(w.last-w.flushed) >= flushEvery }

func (w *writer) drop(key groupKey) error {
	g := w.groups[key]
	if g == nil {
		return nil
	}
	delete(w.groups, key)
	for i := range w.order {
		if w.order[i] == g {
			w.order = append(w.order[:i], w.order[i+1:]...)
			break
		}
	}
	return g.end()
}

// monotonic is now on the packets' clock.
func (w *writer) monotonic(now time.Time) int64 {
	if w.lastNow.IsZero() {
		return 0
	}
	return w.last + int64(max(0, now.Sub(w.lastNow)))
}

// wallAt is a time on the packets' clock as the wall clock tells it.
func (w *writer) wallAt(at time.Duration) time.Time {
	return wall(w.lastNow.Add(at - time.Duration(w.last)))
}

// tick writes what is due.
func (w *writer) tick(now time.Time) error {
	at := w.monotonic(now)
	w.flushed = at
	for _, g := range w.order {
		if err := g.flush(at); err != nil {
			return err
		}
	}
	if now.Sub(w.synced) < syncEvery {
		return nil
	}
	w.synced = now
	if err := w.save(); err != nil {
		return err
	}
	return w.sync()
}

func (w *writer) save() error {
	if !w.dirty {
		return nil
	}
	w.dirty = false
	return w.folder.save(w.manifest)
}

// sync makes one file survive a power cut, another each time: however many there
// are, the disk is waited for once.
func (w *writer) sync() error {
	for range w.order {
		w.turn = (w.turn + 1) % len(w.order)
		if p := w.order[w.turn].part; p != nil {
			return p.sync()
		}
	}
	return nil
}

// naming notes what people call themselves.
func (w *writer) naming(names map[identity.PeerID]string) {
	for id, name := range names {
		if len(w.manifest.Participants) >= maxPeople || !w.manifest.named(id, name) {
			continue
		}
		w.dirty = true
		for _, entry := range w.manifest.Files[w.earlier:] {
			if entry.Participant == id {
				entry.Name = name
			}
		}
	}
}

// end ends every file and the run.
func (w *writer) end(now time.Time) error {
	for _, g := range w.order {
		if err := g.end(); err != nil {
			return err
		}
	}
	w.run.Ended = wall(now)
	return w.folder.save(w.manifest)
}

// abandon ends what can be ended after something could not be written.
func (w *writer) abandon(why error, now time.Time) {
	for _, g := range w.order {
		if g.part != nil {
			g.part.salvage()
		}
	}
	w.run.Ended, w.run.Stopped = wall(now), why.Error()
	_ = w.folder.save(w.manifest) // it is that which cannot be done, perhaps
}
