package link

import (
	"errors"
	"fmt"
	"io"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pion/datachannel"
	"github.com/pion/logging"
	"github.com/pion/sctp"

	"github.com/parley-mesh/parley/pkg/protocol"
	"github.com/parley-mesh/parley/pkg/room"
)

// maxQueued is what may wait to be sent, bytes; a peer that takes no more gets
// no more.
const maxQueued = 1 << 20

// channels are a link's two data channels: what comes in is bounded, decoded
// and counted before anybody sees it; what goes out never queues without end.
type channels struct {
	shape         room.Shape
	events        channelEvents
	control, beat atomic.Pointer[datachannel.DataChannel] // nil before they are open
	refused       atomic.Uint64
	readers       sync.WaitGroup
}

type channelEvents struct {
	opened  func()
	control func(protocol.ControlMessage)
	beat    func(protocol.Beat)
	ended   func() // a channel is gone: so is what the link is for
	clock   func() time.Duration
}

// start opens the channels over an association, by their numbers (RFC 8832 is for
// those that have none).
func (c *channels) start(association *sctp.Association, logs logging.LoggerFactory) error {
	// Of what may be lost nothing is sent twice: its reliability parameter is 0.
	open := func(number uint16, kind datachannel.ChannelType) (*datachannel.DataChannel, error) {
		return datachannel.Dial(association, number, &datachannel.Config{ChannelType: kind, Negotiated: true, LoggerFactory: logs})
	}
	control, err := open(controlID, datachannel.ChannelTypeReliable)
	if err != nil {
		return fmt.Errorf("link: %s channel: %w", controlLabel, err)
	}
	beat, err := open(beatID, datachannel.ChannelTypePartialReliableRexmitUnordered)
	if err != nil {
		return fmt.Errorf("link: %s channel: %w", beatLabel, err)
	}
	c.control.Store(control)
	c.beat.Store(beat)
	// Bursts for a history and a resize of a full grid, then ten a second; from
	// an SFU, what a full room says.
	controls := newBucket(300, 10)
	if c.shape == room.ShapeSFU {
		controls = newBucket(600, 100)
	}
	beats := newBucket(40, 12)
	c.listen(control, protocol.MaxFrame, func(data []byte) bool {
		if !controls.take(c.events.clock(), 1) {
			return false
		}
		message, err := protocol.DecodeControl(data)
		if err != nil {
			return false
		}
		c.events.control(message)
		return true
	})
	c.listen(beat, protocol.MaxBeat, func(data []byte) bool {
		if !beats.take(c.events.clock(), 1) {
			return false
		}
		message, err := protocol.Decode[protocol.Beat](data)
		if err != nil {
			return false
		}
		c.events.beat(message)
		return true
	})
	c.events.opened()
	return nil
}

func (c *channels) listen(channel *datachannel.DataChannel, limit int, use func([]byte) bool) {
	c.readers.Go(func() {
		c.read(channel, limit, use)
		c.control.Store(nil)
		c.beat.Store(nil)
		c.events.ended()
	})
}

// read ends with the channel. Its buffer is small, but for while a message is
// larger.
func (c *channels) read(channel *datachannel.DataChannel, limit int, use func([]byte) bool) {
	const usual = 2 << 10
	small := make([]byte, usual)
	buffer := small
	for {
		n, text, err := channel.ReadDataChannel(buffer)
		switch {
		case errors.Is(err, io.ErrShortBuffer) && len(buffer) < limit:
			buffer = make([]byte, min(4*len(buffer), limit))
			continue
		case err != nil:
			// One that is larger than any message may be ends the channel, and
			// with it the link.
			_ = channel.Close()
			return
		case !text || !use(buffer[:n]):
			c.refused.Add(1)
		}
		buffer = small
	}
}

func (c *channels) open() bool { return c.control.Load() != nil }

func (c *channels) send(message protocol.ControlMessage) error {
	text, err := protocol.EncodeControl(message)
	if err != nil {
		return fmt.Errorf("link: encode: %w", err)
	}
	return sendText(c.control.Load(), text, maxQueued)
}

func (c *channels) sendBeat(beat protocol.Beat) error {
	text, err := protocol.Encode(beat)
	if err != nil {
		return fmt.Errorf("link: encode: %w", err)
	}
	// An old heartbeat is worth nothing: none is queued behind another.
	return sendText(c.beat.Load(), text, 0)
}

func sendText(channel *datachannel.DataChannel, text []byte, queued uint64) error {
	if channel == nil {
		return ErrNotOpen
	}
	if channel.BufferedAmount() > queued {
		return ErrSlow
	}
	if _, err := channel.WriteDataChannel(text, true); err != nil {
		return ErrNotOpen // closed between the look and the leap
	}
	return nil
}
