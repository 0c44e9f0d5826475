package session

import (
	"errors"
	"fmt"
	"log/slog"

	"github.com/parley-mesh/parley/node/link"
	"github.com/parley-mesh/parley/node/router"
	"github.com/parley-mesh/parley/pkg/client"
	"github.com/parley-mesh/parley/pkg/identity"
	"github.com/parley-mesh/parley/pkg/meeting"
	"github.com/parley-mesh/parley/pkg/protocol"
)

var (
	// ErrConfig wraps what is wrong with a Config.
	ErrConfig = errors.New("session: wrong configuration")
	// ErrOver is returned for a command to a session that is not running.
	ErrOver = errors.New("session: not running")
	// ErrNotChair is returned for what only the acting host can decide.
	ErrNotChair = errors.New("session: only who has the chair can decide this")
	// ErrNotHost is returned for what only the meeting's host can change.
	ErrNotHost = errors.New("session: only the meeting's host can change this")
	// ErrCandidate is returned for a choice of somebody who cannot carry a room.
	ErrCandidate = errors.New("session: this participant cannot carry the meeting for others")
	// ErrChoice is returned for a choice that makes no sense now.
	ErrChoice = errors.New("session: this choice changes nothing")
	// ErrChat is returned for a line that is empty or too long, or that the
	// meeting's policy does not allow.
	ErrChat = errors.New("session: this line cannot be sent")
	// ErrRecord is returned when the meeting lets only the host record.
	ErrRecord = errors.New("session: only the host may record in this meeting")
)

// Want says what of somebody's sources this node asks for, in pixels, 0 × 0 for
// the largest there is. It is called by the session's loop, must be quick, and
// must answer the same until the roster changes.
type Want func(of protocol.Participant, source protocol.Source) (width, height int, want bool)

// Sink takes packets of others' sources, and of self's own.
type Sink struct {
	// Want tells which sources are taken; it is called by the router.
	Want func(router.Key) bool
	// Write is called by links' reading goroutines: it may not wait.
	Write router.Sink
}

// Config says what a session is to be. New validates it.
type Config struct {
	Client *client.Client
	Joined protocol.JoinResponse
	Kind   protocol.ParticipantKind // KindNode or KindHelper
	Name   string                   // shown to the others

	// Secret is what is behind the invitation's #; nil: in by password, but for the
	// host who keeps its own.
	Secret *meeting.Secret
	// Keep remembers the meeting; nil: for this stay alone.
	Keep Keep
	// Host is whom this node takes for the meeting's host, whatever the rendezvous
	// says later; "" for whom Joined names.
	Host identity.PeerID

	Transport *link.Transport
	Overlay   Overlay // nil: none

	// Willing: this node may be made the SFU.
	Willing bool
	// UplinkKbps and DownlinkKbps are what this node's line carries; 0 means
	// that it is measured.
	UplinkKbps, DownlinkKbps int

	Publish []Publisher
	// Want says what is asked for beside what the sinks take; nil: nothing.
	Want      Want
	Sinks     []Sink
	Recording bool // told to everybody from the first moment on

	Logger *slog.Logger // nil: nothing is said
}

func (c *Config) validate() error {
	switch {
	case c.Client == nil || c.Transport == nil:
		return fmt.Errorf("%w: client and transport are needed", ErrConfig)
	case c.Kind != protocol.KindNode && c.Kind != protocol.KindHelper:
		return fmt.Errorf("%w: kind %q", ErrConfig, c.Kind)
	case c.Kind == protocol.KindHelper && (len(c.Publish) > 0 || c.Recording || c.Want != nil || len(c.Sinks) > 0 || c.Secret != nil):
		return fmt.Errorf("%w: a helper has no media of its own, and no secret", ErrConfig)
	case c.UplinkKbps < 0 || c.DownlinkKbps < 0 || c.UplinkKbps > maxKbps || c.DownlinkKbps > maxKbps:
		return fmt.Errorf("%w: a rate is 0 to %d kbit/s", ErrConfig, maxKbps)
	}
	taken := map[protocol.Source]bool{}
	for _, p := range c.Publish {
		for _, s := range p.Sources() {
			if lineOf(s.Source) < 0 || s.Layers < 0 || s.Layers > maxLayers {
				return fmt.Errorf("%w: source %q in %d layers", ErrConfig, s.Source, s.Layers)
			}
			if taken[s.Source] {
				return fmt.Errorf("%w: %s is published twice", ErrConfig, s.Source)
			}
			taken[s.Source] = true
		}
	}
	if c.Host == "" {
		c.Host = c.Joined.HostID
	}
	if c.Keep == nil {
		c.Keep = new(forgetful)
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	return nil
}

const (
	maxKbps   = 10_000_000
	maxLayers = 3
	ownLines  = 4 // lines that carry a participant's own sources, one each
)

// lineOf is the media line of a source of self's own; -1 for no source.
func lineOf(source protocol.Source) int {
	for i, s := range protocol.Sources() {
		if s == source {
			return i
		}
	}
	return -1
}
