package node

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"github.com/parley-mesh/parley/node/session"
	"github.com/parley-mesh/parley/pkg/client"
	"github.com/parley-mesh/parley/pkg/identity"
	"github.com/parley-mesh/parley/pkg/meeting"
	"github.com/parley-mesh/parley/pkg/protocol"
)

const (
	// DefaultMaxRooms is how many rooms a helper serves at once.
	DefaultMaxRooms = 100

	// idleFor is how long a helper stays in a room that does not need it.
	idleFor = time.Minute

	// lookEvery is how often it looks whether it is needed.
	lookEvery = 5 * time.Second
)

// HelperConfig of a helper. Rendezvous and Identity are required.
type HelperConfig struct {
	Rendezvous string // its public URL
	Identity   *identity.Identity
	HTTP       *http.Client // nil: a client of its own
	Network    Network
	Name       string // shown in Connections. Default: "Helper"
	MaxRooms   int    // 0: DefaultMaxRooms

	// Keep is where each meeting is remembered from one stay to the next; nil:
	// nowhere.
	Keep func(meeting.ID) (session.Keep, error)

	// Tell takes what happens; nil: nobody is told. It is called from several
	// goroutines and must not wait.
	Tell   func(HelperEvent)
	Logger *slog.Logger // nil: silent
}

// DefaultHelperName is what a helper without a name is called.
const DefaultHelperName = "Helper"

func (c *HelperConfig) validate() error {
	switch {
	case c.Identity == nil:
		return fmt.Errorf("%w: no identity", ErrConfig)
	case c.MaxRooms < 0:
		return fmt.Errorf("%w: %d rooms at once", ErrConfig, c.MaxRooms)
	}
	if c.Name == "" {
		c.Name = DefaultHelperName
	}
	if c.MaxRooms == 0 {
		c.MaxRooms = DefaultMaxRooms
	}
	if c.Tell == nil {
		c.Tell = func(HelperEvent) {}
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	return nil
}

// HelperEvent is something that a helper tells: one of the structs below. As
// JSON, beside its Kind, it is a line of parley-node's --json.
type HelperEvent interface {
	// Kind is the event's stable word.
	Kind() string
}

// Helping tells that the rendezvous has the helper in its list.
type Helping struct{}

// Away tells that the rendezvous is gone, and after which time it is tried
// again. Rooms that are served go on.
type Away struct {
	Message     string `json:"message"`
	AgainMillis int64  `json:"again_ms"`
}

// Serving tells that the helper entered a meeting.
type Serving struct {
	MeetingID meeting.ID `json:"meeting_id"`
}

// Served tells that it left one, and how that went.
type Served struct {
	MeetingID meeting.ID `json:"meeting_id"`
	Message   string     `json:"message,omitempty"` // what went wrong
}

// The kinds of event.
func (Helping) Kind() string { return "helping" }
func (Away) Kind() string    { return "away" }
func (Serving) Kind() string { return "serving" }
func (Served) Kind() string  { return "served" }

// Helper lends its line to meetings that call for it. It has no media and no
// say, and forwards what it cannot read.
type Helper struct {
	cfg    HelperConfig
	client *client.Client

	mu    sync.Mutex
	rooms map[meeting.ID]bool
	wait  sync.WaitGroup
}

// NewHelper checks the configuration. It fails with ErrConfig or
// [client.ErrConfig].
func NewHelper(cfg HelperConfig) (*Helper, error) {
	if err := cfg.validate(); err != nil {
		return nil, err
	}
	asked, err := client.New(client.Config{Rendezvous: cfg.Rendezvous, Identity: cfg.Identity, HTTP: cfg.HTTP})
	if err != nil {
		return nil, err
	}
	return &Helper{cfg: cfg, client: asked, rooms: make(map[meeting.ID]bool)}, nil
}

// Run registers and serves every room that calls, until ctx ends (nil), or the
// rendezvous does not want this helper or never answered (an error of the
// client's). A rendezvous that was lost is tried again. It is called once.
func (h *Helper) Run(ctx context.Context) error {
	base, err := openBase(ctx, h.client, h.cfg.Network, h.cfg.Logger)
	if err != nil {
		return err
	}
	defer base.close()
	defer h.wait.Wait()
	serving, stop := context.WithCancel(ctx)
	defer stop()
	err = h.client.Help(ctx, func(e client.HelpEvent) {
		switch e := e.(type) {
		case client.Helping:
			h.cfg.Tell(Helping{})
		case client.Lost:
			h.cfg.Tell(Away{e.Err.Error(), e.Again.Milliseconds()})
		case client.Wanted:
			h.called(serving, base, e.Call)
		}
	})
	if ctx.Err() != nil {
		return nil
	}
	return err
}

// called enters a room, unless the helper is in it or in too many.
func (h *Helper) called(ctx context.Context, b *base, call protocol.HelpWanted) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.rooms[call.MeetingID] || len(h.rooms) >= h.cfg.MaxRooms {
		h.cfg.Logger.Info("a call is not answered", "rooms", len(h.rooms))
		return
	}
	h.rooms[call.MeetingID] = true
	h.wait.Go(func() {
		h.cfg.Tell(Serving{call.MeetingID})
		served := Served{MeetingID: call.MeetingID}
		if err := h.serve(ctx, b, call); err != nil && ctx.Err() == nil {
			served.Message = err.Error()
		}
		h.mu.Lock()
		delete(h.rooms, call.MeetingID)
		h.mu.Unlock()
		h.cfg.Tell(served)
	})
}

// serve is one room from the call to the leaving.
func (h *Helper) serve(ctx context.Context, b *base, call protocol.HelpWanted) error {
	var keep session.Keep
	if h.cfg.Keep != nil {
		var err error
		if keep, err = h.cfg.Keep(call.MeetingID); err != nil {
			return fmt.Errorf("node: %w", err)
		}
	}
	s, err := session.New(session.Config{
		Client: h.client, Joined: h.client.Called(call), Kind: protocol.KindHelper, Name: h.cfg.Name, Keep: keep,
		Transport: b.transport, Overlay: b.overlay, Willing: true,
		UplinkKbps: h.cfg.Network.UplinkKbps, DownlinkKbps: h.cfg.Network.DownlinkKbps, Logger: h.cfg.Logger,
	})
	if err != nil {
		return fmt.Errorf("node: %w", err)
	}
	running, end := context.WithCancel(context.WithoutCancel(ctx))
	defer end()
	ended := make(chan error, 1)
	go func() { ended <- s.Run(running) }()
	look := time.NewTicker(lookEvery)
	defer look.Stop()
	needed, events, over := time.Now(), s.Events(), ctx.Done()
	var late <-chan time.Time
	for {
		select {
		case err := <-ended:
			return err
		case _, open := <-events: // helpers need nothing of them but that somebody reads
			if !open {
				events = nil
			}
		case <-look.C:
			if isNeeded(s.State()) {
				needed = time.Now()
			} else if time.Since(needed) >= idleFor {
				s.Leave()
			}
		case <-over:
			s.Leave()
			over, late = nil, time.After(sessionEndsWithin)
		case <-late:
			end()
		}
	}
}

// isNeeded tells whether a room has a place for this helper, and somebody to
// serve.
func isNeeded(s session.State) bool {
	if s.Topology.SFU != s.Self && s.Topology.Standby != s.Self {
		return false
	}
	for _, p := range s.People {
		if p.Kind != protocol.KindHelper {
			return true
		}
	}
	return false
}
