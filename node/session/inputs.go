package session

import (
	"github.com/parley-mesh/parley/pkg/identity"
	"github.com/parley-mesh/parley/pkg/protocol"
)

// What the loop takes in beside the rendezvous' frames and the clock.
type (
	signalled struct { // a link has something for its peer
		tie    *tie
		signal protocol.LinkSignal
	}
	opened     struct{ tie *tie } // a link's control channel is open
	controlled struct {           // a link's peer says something
		tie     *tie
		message protocol.ControlMessage
	}
	measured struct{ tie *tie } // a link's health was looked at
	broke    struct{ tie *tie } // a link is beyond repair
	arrived  struct{ tie *tie } // the first packet of a source came
	departed struct{ tie *tie } // the first packet of a source went out
	flowed   struct{ tie *tie } // the router changed what goes out
	revised  struct{}           // the router wants something else
	dimmed   struct{}           // a picture opens, and lacks a key frame
	ceased   struct {           // a publisher has ended
		publisher Publisher
		err       error
	}
	heardOf struct{ envelope protocol.Envelope } // over the overlay
	handed  struct {                             // a box over the overlay
		from    identity.PeerID
		session int64
		box     string
	}
	command struct { // of the session's owner
		do   func(*loop) error
		done chan error
	}
)

func (in signalled) take(l *loop)  { l.post(in.tie.party, in.signal) }
func (in opened) take(l *loop)     { l.linkOpened(in.tie) }
func (in controlled) take(l *loop) { l.control(in.tie, in.message) }
func (in measured) take(l *loop)   { l.linkMeasured(in.tie) }
func (in broke) take(l *loop)      { l.links.lose(in.tie, true) }
func (in arrived) take(l *loop)    { l.mediaArrived(in.tie) }
func (in departed) take(l *loop)   { l.dirty.heard = true }
func (in flowed) take(l *loop)     { l.tellSlots(in.tie, false) }
func (in revised) take(l *loop)    { l.dirty.asks = true }
func (in dimmed) take(l *loop)     { l.plead(l.millis()) }
func (in ceased) take(l *loop)     { l.publisherEnded(in.publisher, in.err) }
func (in heardOf) take(l *loop)    { l.envelope(in.envelope, nil) }
func (in handed) take(l *loop)     { l.receive(party{in.from, in.session}, in.box, byPeers) }
func (in command) take(l *loop)    { in.done <- in.do(l) }
