package node

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"syscall"

	"github.com/parley-mesh/parley/node/media"
	"github.com/parley-mesh/parley/node/record"
	"github.com/parley-mesh/parley/node/router"
	"github.com/parley-mesh/parley/node/session"
	"github.com/parley-mesh/parley/pkg/meeting"
	"github.com/parley-mesh/parley/pkg/protocol"
)

// recording is what this node records, if it may. Its methods but write are of
// the goroutine that reads the session's events.
type recording struct {
	folder  string
	options record.Options
	told    func(session.Event)

	current atomic.Pointer[record.Recorder] // nil while nothing is recorded
	next    *record.Recorder                // opened and not yet running
	stop    context.CancelFunc
	done    chan error
	barred  bool // said that only the host may record
	failed  bool // cannot be written any more
}

// newRecording opens the folder, so that what is wrong with it is known before
// anybody is told that this node comes.
func newRecording(folder string, options record.Options, told func(session.Event)) (*recording, error) {
	first, err := record.New(folder, options)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrRecord, err)
	}
	return &recording{folder: folder, options: options, told: told, next: first}, nil
}

// sink takes everybody's packets while this node records.
func (r *recording) sink() session.Sink {
	return session.Sink{Want: func(router.Key) bool { return true }, Write: r.write}
}

func (r *recording) write(key router.Key, at int64, p *router.Packet) {
	current := r.current.Load()
	if current == nil {
		return
	}
	packet := record.Packet{Layer: p.Layer, Codec: recordedCodec(p.Codec), Seq: p.Seq, Time: p.Time, Marker: p.Marker, Payload: p.Payload}
	current.Packet(record.Key{From: key.From, Source: key.Source}, at, &packet)
}

func recordedCodec(c router.Codec) media.Codec {
	switch c {
	case router.VP8:
		return media.VP8
	case router.VP9:
		return media.VP9
	default:
		return media.Opus
	}
}

// recorder is the part of a session that a recording needs.
type recorder interface {
	State() session.State
	SetRecording(on bool) error
	NewStream(of router.Key) session.Stream
}

// heed begins and ends the recording as the meeting's policy lets it, and keeps
// its table of people.
func (r *recording) heed(s recorder, e session.Event) {
	state := s.State()
	if state.Phase != session.PhaseIn || r.failed {
		return
	}
	switch may := mayRecord(state); {
	case may && r.stop == nil:
		r.begin(s)
	case !may && r.stop != nil: // the session has said why
		r.end(s)
		r.barred = true
	case !may && r.stop == nil && !r.barred:
		r.barred = true
		r.told(session.Error{Message: "Only the host may record in this meeting: nothing is recorded."})
	}
	current := r.current.Load()
	if current == nil {
		return
	}
	switch e := e.(type) {
	case session.Joined:
		current.Named(e.Participant.ID, e.Participant.Presence.Name)
	case session.Roster:
		for _, p := range e.Participants {
			current.Named(p.ID, p.Presence.Name)
		}
	case session.Left:
		current.Left(e.ID)
	}
}

// mayRecord follows the policy: everybody, or who has the chair, the host and
// co-hosts.
func mayRecord(s session.State) bool {
	if s.Policy.Record != meeting.WhoHost || s.Chair == s.Self {
		return true
	}
	for _, p := range s.People {
		if p.ID == s.Self {
			return p.Role == protocol.RoleHost || p.Role == protocol.RoleCoHost
		}
	}
	return false
}

func (r *recording) begin(s recorder) {
	if r.next == nil { // was ended once
		again, err := record.New(r.folder, r.options)
		if err != nil {
			r.fail(err)
			return
		}
		r.next = again
	}
	if err := s.SetRecording(true); err != nil {
		if !r.barred {
			r.barred = true
			r.told(session.Error{Message: "Nothing is recorded: " + err.Error() + "."})
		}
		return
	}
	r.barred = false
	current := r.next
	ctx, cancel := context.WithCancel(context.Background())
	r.next, r.stop, r.done = nil, cancel, make(chan error, 1)
	for _, p := range s.State().People {
		current.Named(p.ID, p.Presence.Name)
	}
	r.current.Store(current)
	open := func(of record.Key) record.Stream { return s.NewStream(router.Key{From: of.From, Source: of.Source}) }
	go func(done chan error) { done <- current.Run(ctx, open) }(r.done)
}

// end ends the files and tells the others.
func (r *recording) end(s recorder) {
	if r.stop == nil {
		return
	}
	r.current.Store(nil)
	r.stop()
	err := <-r.done
	r.stop = nil
	if err != nil {
		r.fail(err)
	}
	_ = s.SetRecording(false) // a session that is over tells nobody
}

// stopped is to be called with what Run returned by itself.
func (r *recording) stopped(s recorder, err error) {
	r.current.Store(nil)
	r.stop()
	r.stop = nil
	_ = s.SetRecording(false)
	r.fail(err)
}

func (r *recording) fail(err error) {
	r.failed = true
	why := "it cannot be written: " + err.Error()
	if errors.Is(err, syscall.ENOSPC) {
		why = "the disk is full"
	}
	r.told(session.Error{Message: "The recording stopped, " + why + ". The meeting goes on, and what was recorded until now is kept."})
}
