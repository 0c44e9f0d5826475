package client

import (
	"github.com/parley-mesh/parley/pkg/identity"
	"github.com/parley-mesh/parley/pkg/protocol"
)

// outbox numbers the frames of a session and keeps each until it is
// acknowledged. It is pure; [Session] guards it.
type outbox struct {
	acked  int64                  // the last number that the rendezvous has
	frames []protocol.ClientFrame // numbered acked+1, acked+2, …
	sent   int                    // how many of frames are written to the present WebSocket
}

// push takes a frame, or refuses it with ErrBacklog.
func (o *outbox) push(f protocol.ClientFrame) error {
	if len(o.frames) >= protocol.MaxUnacked {
		return ErrBacklog
	}
	o.frames = append(o.frames, f)
	return nil
}

// next returns the next frame to write with its number, or nil.
func (o *outbox) next() (int64, protocol.ClientFrame) {
	if o.sent == len(o.frames) {
		return 0, nil
	}
	f := o.frames[o.sent]
	o.sent++
	return o.acked + int64(o.sent), f
}

// ack drops what the rendezvous has. An acknowledgement of less than before
// says nothing new; one of what was never written breaks the protocol.
func (o *outbox) ack(received int64) error {
	n := received - o.acked
	switch {
	case n <= 0:
		return nil
	case n > int64(o.sent):
		return errFrame
	}
	clear(o.frames[:n])
	o.frames = o.frames[n:]
	o.sent -= int(n)
	o.acked = received
	return nil
}

// resume prepares for a new WebSocket of the same session, of which the
// rendezvous has received frames.
func (o *outbox) resume(received int64) error {
	if received < o.acked {
		return errFrame // it forgot what it had acknowledged
	}
	if err := o.ack(received); err != nil {
		return err
	}
	o.sent = 0
	return nil
}

// restart prepares for a new session: numbers begin anew, a signal to
// somebody who is no longer there is dropped, and so is presence, which the
// hello carried.
func (o *outbox) restart(here map[identity.PeerID]bool) {
	var kept []protocol.ClientFrame
	for _, f := range o.frames {
		switch f := f.(type) {
		case protocol.SetPresence:
			continue
		case protocol.SendSignal:
			if !here[f.To] {
				continue
			}
		}
		kept = append(kept, f)
	}
	*o = outbox{frames: kept}
}
