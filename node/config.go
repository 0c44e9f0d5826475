package node

import (
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/netip"
	"time"

	"github.com/parley-mesh/parley/node/session"
	"github.com/parley-mesh/parley/pkg/identity"
	"github.com/parley-mesh/parley/pkg/meeting"
)

var (
	// ErrConfig wraps what is wrong with a Config or a HelperConfig.
	ErrConfig = errors.New("node: wrong configuration")
	// ErrDoor wraps what is wrong with an invitation or a meeting ID.
	ErrDoor = errors.New("node: no way into a meeting")
	// ErrPublish wraps why something cannot be published.
	ErrPublish = errors.New("node: this cannot be published")
	// ErrRecord wraps why a meeting cannot be recorded.
	ErrRecord = errors.New("node: this cannot be recorded")
)

const (
	// EndWithin bounds how long a node takes to end in order.
	EndWithin = 8 * time.Second

	// sessionEndsWithin is the part of it in which the others are told.
	sessionEndsWithin = 4 * time.Second
)

// Network is how a node is connected. The zero value is right for most.
type Network struct {
	// Listen is the UDP address and port of all links. Zero: all addresses, any
	// port.
	Listen netip.AddrPort
	// Loopback offers loopback addresses to peers on the same machine.
	Loopback bool
	// NoOverlay leaves out the nodes' own network: the room is then reached by
	// the rendezvous and by links alone.
	NoOverlay bool
	// UplinkKbps and DownlinkKbps are what the line carries; 0: measured.
	UplinkKbps, DownlinkKbps int
}

// Config of a participant. Identity and Door are required.
type Config struct {
	Identity *identity.Identity
	Door     Door
	HTTP     *http.Client // nil: a client of its own
	Network  Network

	// Host: this identity made the meeting and is its host, whomever the
	// rendezvous names.
	Host bool

	// Keep is where the meeting behind the door is remembered from one stay to the
	// next, which may be none; nil: nowhere. An error of it, such as that the door
	// leads elsewhere now, ends the stay before it begins.
	Keep func(meeting.ID) (session.Keep, error)

	// Name is what the others see. Default: "Node".
	Name string

	// Publish are files, devices and URLs. The first with pictures is the camera
	// and the second the screen; the first with sound is the microphone and the
	// second the screen's sound.
	Publish []string

	// Record is the folder to record to; "" records nothing.
	Record string
	// Passphrase seals the recording; nil leaves it open.
	Passphrase []byte

	// Hear asks for everybody's microphones, so that the State tells who speaks
	// in a star too. Nothing is decoded.
	Hear bool

	// NeverSFU keeps this node from being made the room's SFU.
	NeverSFU bool

	Logger *slog.Logger // nil: silent
}

// DefaultName is what a node without a name is called.
const DefaultName = "Node"

func (c *Config) validate() error {
	switch {
	case c.Identity == nil:
		return fmt.Errorf("%w: no identity", ErrConfig)
	case c.Door.Rendezvous == "":
		return fmt.Errorf("%w: no meeting", ErrConfig)
	case c.Passphrase != nil && c.Record == "":
		return fmt.Errorf("%w: a passphrase seals a recording, and there is none", ErrConfig)
	case c.Passphrase != nil && len(c.Passphrase) == 0:
		return fmt.Errorf("%w: the passphrase is empty", ErrConfig)
	case len(c.Publish) > maxPublished:
		return fmt.Errorf("%w: at most %d files are published", ErrConfig, maxPublished)
	}
	if c.Name == "" {
		c.Name = DefaultName
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	return nil
}
