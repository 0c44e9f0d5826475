package link

import (
	"errors"
	"fmt"
	"io"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pion/datachannel"
	"github.com/pion/webrtc/v4"

	"github.com/parley-mesh/parley/pkg/protocol"
	"github.com/parley-mesh/parley/pkg/room"
)

// maxQueued is what may wait to be sent, bytes; a peer that takes no more gets
// no more.
const maxQueued = 1 << 20

// channels are a link's two data channels: what comes in is bounded, decoded
// and counted before anybody sees it; what goes out never queues without end.
type channels struct {
	control, beat *webrtc.DataChannel
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

func newChannels(connection *webrtc.PeerConnection, shape room.Shape, events channelEvents) (*channels, error) {
	c := &channels{}
	// pion keeps the pointers: no two may be to one variable that changes.
	negotiated, ordered, unordered, once := true, true, false, uint16(0)
	controlNumber, beatNumber := controlID, beatID
	var err error
	c.control, err = connection.CreateDataChannel(controlLabel, &webrtc.DataChannelInit{Negotiated: &negotiated, ID: &controlNumber, Ordered: &ordered})
	if err != nil {
		return nil, fmt.Errorf("link: %s channel: %w", controlLabel, err)
	}
	c.beat, err = connection.CreateDataChannel(beatLabel, &webrtc.DataChannelInit{
		Negotiated: &negotiated, ID: &beatNumber, Ordered: &unordered, MaxRetransmits: &once,
	})
	if err != nil {
		return nil, fmt.Errorf("link: %s channel: %w", beatLabel, err)
	}
	// Bursts for a history and a resize of a full grid, then ten a second; from
	// an SFU, what a full room says.
	controls := newBucket(300, 10)
	if shape == room.ShapeSFU {
		controls = newBucket(600, 100)
	}
	beats := newBucket(40, 8)
	c.listen(c.control, protocol.MaxFrame, events.opened, events.ended, func(data []byte) bool {
		if !controls.take(events.clock(), 1) {
			return false
		}
		message, err := protocol.DecodeControl(data)
		if err != nil {
			return false
		}
		events.control(message)
		return true
	})
	c.listen(c.beat, protocol.MaxBeat, nil, events.ended, func(data []byte) bool {
		if !beats.take(events.clock(), 1) {
			return false
		}
		message, err := protocol.Decode[protocol.Beat](data)
		if err != nil {
			return false
		}
		events.beat(message)
		return true
	})
	return c, nil
}

// listen reads a channel once it is open.
func (c *channels) listen(channel *webrtc.DataChannel, limit int, opened, ended func(), use func([]byte) bool) {
	channel.OnOpen(func() {
		raw, err := channel.Detach()
		if err != nil {
			return // closed meanwhile
		}
		c.readers.Add(1)
		go func() {
			defer c.readers.Done()
			c.read(raw, limit, use)
			ended()
		}()
		if opened != nil {
			opened()
		}
	})
}

// read ends with the channel. Its buffer is small, but for while a message is
// larger.
func (c *channels) read(channel datachannel.ReadWriteCloser, limit int, use func([]byte) bool) {
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

func (c *channels) open() bool { return c.control.ReadyState() == webrtc.DataChannelStateOpen }

func (c *channels) send(message protocol.ControlMessage) error {
	text, err := protocol.EncodeControl(message)
	if err != nil {
		return fmt.Errorf("link: encode: %w", err)
	}
	return sendText(c.control, text, maxQueued)
}

func (c *channels) sendBeat(beat protocol.Beat) error {
	text, err := protocol.Encode(beat)
	if err != nil {
		return fmt.Errorf("link: encode: %w", err)
	}
	// An old heartbeat is worth nothing: none is queued behind another.
	return sendText(c.beat, text, 0)
}

func sendText(channel *webrtc.DataChannel, text []byte, queued uint64) error {
	if channel.ReadyState() != webrtc.DataChannelStateOpen {
		return ErrNotOpen
	}
	if channel.BufferedAmount() > queued {
		return ErrSlow
	}
	if err := channel.SendText(string(text)); err != nil {
		return ErrNotOpen // closed between the look and the leap
	}
	return nil
}
