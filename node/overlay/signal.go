package overlay

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"time"
	"unicode/utf8"

	"github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/libp2p/go-libp2p/core/protocol"
	"golang.org/x/time/rate"

	"github.com/parley-mesh/parley/pkg/meeting"
	"github.com/parley-mesh/parley/pkg/p2p"
	wire "github.com/parley-mesh/parley/pkg/protocol"
)

// signalProtocol carries one signal on each stream: the sender writes it and
// half-closes, the receiver writes one byte (taken) and closes, or resets.
const signalProtocol protocol.ID = "/parley/1/signal"

const (
	meetingSize  = 9 // digits
	signalHeader = meetingSize + 8
	maxSignal    = signalHeader + wire.MaxBox
	taken        = 0

	exchangeWithin = 10 * time.Second // a whole stream, either protocol
	maxExchanges   = 8                // streams that one peer has open towards us
	perSecond      = 20               // of its streams, and five times as many at once
)

// signal is what the protocol brings. On the wire: the meeting's nine digits,
// eight bytes of session (big endian), and the box as it is.
type signal struct {
	Meeting meeting.ID
	Session int64
	Box     string
}

var errMalformed = errors.New("overlay: malformed request")

func (s signal) encode() []byte {
	data := make([]byte, 0, signalHeader+len(s.Box))
	data = append(data, string(s.Meeting)...)
	data = binary.BigEndian.AppendUint64(data, uint64(s.Session))
	return append(data, s.Box...)
}

func parseSignal(data []byte) (signal, error) {
	if len(data) <= signalHeader || len(data) > maxSignal {
		return signal{}, errMalformed
	}
	id, err := meeting.ParseID(string(data[:meetingSize]))
	if err != nil {
		return signal{}, errMalformed
	}
	s := signal{Meeting: id, Session: int64(binary.BigEndian.Uint64(data[meetingSize:])), Box: string(data[signalHeader:])}
	if s.Session < 1 || s.Session > wire.MaxInt || !utf8.ValidString(s.Box) {
		return signal{}, errMalformed
	}
	return s, nil
}

func (o *Overlay) signal(ctx context.Context, to peer.ID, s signal) error {
	if len(s.Box) > wire.MaxBox {
		return ErrTooLarge
	}
	ctx, cancel := context.WithTimeout(ctx, exchangeWithin)
	defer cancel()
	answer, err := o.ask(ctx, to, signalProtocol, s.encode(), 1)
	if err != nil {
		return err
	}
	if len(answer) != 1 || answer[0] != taken {
		return ErrRefused
	}
	return nil
}

// ask makes a connection if there is none, and one exchange on it.
func (o *Overlay) ask(ctx context.Context, to peer.ID, id protocol.ID, request []byte, limit int) ([]byte, error) {
	if o.ctx.Err() != nil {
		return nil, ErrClosed
	}
	if o.host.Network().Connectedness(to) != network.Connected {
		if err := o.connect(ctx, to); err != nil {
			return nil, fmt.Errorf("%w: %w", ErrNoPath, err)
		}
	}
	s, err := o.host.Ask(ctx, to, id, request)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrNoPath, err)
	}
	defer func() { _ = s.Close() }()
	answer, err := p2p.ReadAll(s, limit, exchangeWithin)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrRefused, err)
	}
	return answer, nil
}

// caller is what a peer has asked lately.
type caller struct {
	rate *rate.Limiter
	open int
}

// enter counts a stream in, unless its peer has too many or comes too often.
func (o *Overlay) enter(p peer.ID) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	c := o.callers[p]
	if c == nil {
		c = &caller{rate: rate.NewLimiter(perSecond, 5*perSecond)}
		o.callers[p] = c // forgotten with the connection
	}
	if c.open >= maxExchanges || !c.rate.Allow() {
		return false
	}
	c.open++
	return true
}

func (o *Overlay) leave(p peer.ID) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if c := o.callers[p]; c != nil {
		c.open--
	}
}

// serve reads one request and writes its answer; no answer resets the stream.
func (o *Overlay) serve(s network.Stream, limit int, answer func(from peer.ID, request []byte) []byte) {
	from := s.Conn().RemotePeer()
	if !o.enter(from) {
		_ = s.Reset()
		return
	}
	defer o.leave(from)
	request, err := p2p.ReadAll(s, limit, exchangeWithin)
	if err == nil {
		if data := answer(from, request); data != nil {
			_ = s.SetWriteDeadline(time.Now().Add(exchangeWithin))
			if _, err = s.Write(data); err == nil {
				_ = s.Close()
				return
			}
		}
	}
	_ = s.Reset()
}

func (o *Overlay) handleSignal(s network.Stream) {
	o.serve(s, maxSignal, func(from peer.ID, request []byte) []byte {
		signal, err := parseSignal(request)
		if err != nil {
			return nil
		}
		t := o.room(signal.Meeting, from)
		if t == nil {
			return nil
		}
		t.in.Signal(p2p.PeerID(from), signal.Session, signal.Box)
		return []byte{taken}
	})
}

// room is the joined room of a meeting in which a peer is a member.
func (o *Overlay) room(id meeting.ID, member peer.ID) *Topic {
	i := slices.IndexFunc(o.joined(), func(t *Topic) bool { return t.meeting.ID == id })
	if i < 0 {
		return nil
	}
	for _, t := range o.joined() {
		if t.meeting.ID == id && t.in.Members(p2p.PeerID(member)) {
			return t
		}
	}
	return nil
}
