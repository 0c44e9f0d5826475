package media

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"
)

const (
	// catchUp is how late a frame may be and still leave at its old time: the ones
	// behind it follow at once. After a longer stall time goes on from there.
	catchUp = 300 * time.Millisecond
	// reportEvery is how often each layer says which wall-clock time its timestamps are.
	reportEvery = time.Second
	// oneFrame stands in for a duration that nothing tells.
	oneFrame = time.Second / 30
)

// Handler takes what a Player plays, on the player's goroutine.
type Handler interface {
	// Seal appends to dst what a frame of a track leaves as: its first bytes may be
	// the frame's, for who forwards it, the rest nobody reads who has no key. While
	// there is no key it fails, and the frame is dropped; time goes on.
	Seal(dst []byte, track int, codec Codec, frame []byte) ([]byte, error)
	// Packet takes a packet when it is due. It is valid during the call.
	Packet(p *Packet)
	// SenderReport says which wall-clock time (NTP, 32.32 bits) an RTP timestamp of
	// a layer stands for: about once a second, so that a receiver keeps sound and
	// picture together (RFC 3550 section 6.4.1).
	SenderReport(track, layer int, ntp uint64, rtp uint32)
}

// PlayerConfig is what a Player needs beside its reader.
type PlayerConfig struct {
	Handler Handler
	Loop    bool        // begin again at the end
	Seed    uint64      // of the first sequence numbers, timestamps and picture ids
	Tell    func(error) // takes, once, why a file is played only as far as it is good; nil: nobody
}

// Player plays a reader's frames in real time.
type Player struct {
	reader Reader
	config PlayerConfig
	tracks []playedTrack
	wishes wishes

	begun   time.Time     // what timestamps count from
	zero    time.Time     // when the play time 0 was; moves when playing stalls
	shift   time.Duration // from a frame's own time to its play time
	realign bool          // the next frame follows directly on the last one, whatever its time
	played  int           // frames since the last beginning
	told    bool          // that the file is broken
	sealed  []byte
	packets []Packet
}

// playedTrack is one track's state.
type playedTrack struct {
	layers []playedLayer
	end    time.Duration // play time at which the last frame is over
}

type playedLayer struct {
	packetizer *Packetizer
	begun      bool
	last       time.Duration // play time of the last frame
	reported   time.Time
	parted     bool // a frame was not sealed: a picture is of no use before a key frame
	hurry      bool // and nobody has tried to be quick about one yet
}

// NewPlayer returns a player of r, which it does not close.
func NewPlayer(r Reader, config PlayerConfig) *Player {
	p := &Player{reader: r, config: config, realign: true}
	seed := config.Seed
	for i, t := range r.Tracks() {
		track := playedTrack{layers: make([]playedLayer, t.Layers)}
		for layer := range track.layers {
			seed++
			track.layers[layer].packetizer = NewPacketizer(i, layer, t.Codec, seed)
		}
		p.tracks = append(p.tracks, track)
	}
	p.wishes.init(len(p.tracks))
	return p
}

// Tracks are the reader's.
func (p *Player) Tracks() []Track { return p.reader.Tracks() }

// RequestKeyFrame says that somebody cannot decode a track. It only notes the
// wish and returns; safe from any goroutine.
func (p *Player) RequestKeyFrame(track int) { p.wishes.add(track, time.Now()) }

// Run plays until the context ends (nil), the source ends (nil), or it cannot be
// read any further. A broken file that is looped begins again instead, as far as
// it is good. Run is called once.
func (p *Player) Run(ctx context.Context) error {
	p.begun = time.Now()
	p.zero = p.begun
	for {
		if err := p.stepBack(); err != nil {
			return err
		}
		frame, err := p.reader.Next(ctx)
		if ctx.Err() != nil || errors.Is(err, context.Canceled) { // the reader may hear of it first
			return nil
		}
		if err != nil {
			if again, err := p.again(err); !again {
				return err
			}
			continue
		}
		if err := p.play(ctx, frame); err != nil {
			return nil // the context's end, which is the caller's wish
		}
	}
}

// again decides whether an end is a new beginning.
func (p *Player) again(end error) (bool, error) {
	var broken *BrokenError
	isBroken := errors.As(end, &broken)
	atEnd := errors.Is(end, io.EOF)
	if !atEnd && !isBroken || !p.config.Loop || p.played == 0 {
		if atEnd {
			return false, nil
		}
		return false, end
	}
	if isBroken && !p.told && p.config.Tell != nil {
		p.told = true
		p.config.Tell(fmt.Errorf("%w: only what comes before is played", end))
	}
	if err := p.reader.Rewind(); err != nil {
		return false, err
	}
	p.realign, p.played = true, 0
	return true, nil
}

// stepBack goes back to the last key frame when somebody has waited long enough.
func (p *Player) stepBack() error {
	reader, ok := p.reader.(Stepper)
	if !ok || !p.wishes.due(time.Now()) {
		return nil
	}
	if err := reader.StepBack(); err != nil {
		if errors.Is(err, errNoKey) {
			return nil
		}
		return err
	}
	p.realign = true
	return nil
}

// play hands a frame on when it is due.
func (p *Player) play(ctx context.Context, frame Frame) error {
	track := &p.tracks[frame.Track]
	layer := &track.layers[frame.Layer]
	if p.realign {
		p.shift, p.realign = p.end()-frame.Time, false
	}
	at := frame.Time + p.shift
	if layer.begun && at <= layer.last {
		return nil // stored out of order, or before the place that was stepped back to
	}
	due, err := p.wait(ctx, at)
	if err != nil {
		return err
	}
	p.finish(track, layer, frame, at)
	if !p.seal(layer, frame) {
		return nil
	}
	since := due.Sub(p.begun)
	p.packets = layer.packetizer.Packetize(p.packets[:0], frame, p.sealed, since)
	if frame.Key {
		p.wishes.granted(frame.Track)
	}
	for i := range p.packets {
		p.config.Handler.Packet(&p.packets[i])
	}
	if len(p.packets) > 0 && due.Sub(layer.reported) >= reportEvery {
		layer.reported = due
		p.config.Handler.SenderReport(frame.Track, frame.Layer, ntp(due), layer.packetizer.Timestamp(since))
	}
	return nil
}

// seal seals a frame and tells whether it is sent. Behind a frame that could not be
// sealed a layer goes on with a key frame; nobody has seen anything since, so that
// stepping back to one need not wait.
func (p *Player) seal(layer *playedLayer, frame Frame) bool {
	sealed, err := p.config.Handler.Seal(p.sealed[:0], frame.Track, layer.packetizer.codec, frame.Data)
	switch {
	case err != nil:
		if !layer.parted {
			layer.parted, layer.hurry = true, true
		}
		return false
	case layer.parted && !frame.Key:
		p.wishes.add(frame.Track, time.Now())
		if layer.hurry {
			layer.hurry = false
			p.wishes.hurry()
		}
		return false
	}
	layer.parted, p.sealed = false, sealed
	return true
}

// finish notes when the frame will be over.
func (p *Player) finish(track *playedTrack, layer *playedLayer, frame Frame, at time.Duration) {
	duration := frame.Duration
	if duration == 0 && layer.begun {
		duration = at - layer.last
	}
	if duration <= 0 || duration > time.Second {
		duration = oneFrame
	}
	track.end = max(track.end, at+duration)
	layer.last, layer.begun = at, true
	p.played++
}

// end is the play time at which everything played so far is over.
func (p *Player) end() time.Duration {
	var end time.Duration
	for _, track := range p.tracks {
		end = max(end, track.end)
	}
	return end
}

// wait returns at the wall-clock time of a play time, and says which it is.
func (p *Player) wait(ctx context.Context, at time.Duration) (time.Time, error) {
	due := p.zero.Add(at)
	ahead := time.Until(due)
	if ahead < -catchUp {
		p.zero = p.zero.Add(-ahead)
		return due.Add(-ahead), nil
	}
	if ahead <= 0 {
		return due, nil
	}
	timer := time.NewTimer(ahead)
	defer timer.Stop()
	select {
	case <-timer.C:
		return due, nil
	case <-ctx.Done():
		return time.Time{}, ctx.Err()
	}
}

// ntp is a time in seconds since 1900, as 32.32 bits (RFC 5905 section 6).
func ntp(t time.Time) uint64 {
	const from1900to1970 = 2_208_988_800
	seconds := uint64(t.Unix() + from1900to1970)
	fraction := uint64(t.Nanosecond()) << 32 / uint64(time.Second)
	return seconds<<32 | fraction
}
