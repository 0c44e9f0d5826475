package session

import (
	"github.com/parley-mesh/parley/pkg/client"
	"github.com/parley-mesh/parley/pkg/e2ee"
	"github.com/parley-mesh/parley/pkg/identity"
	"github.com/parley-mesh/parley/pkg/protocol"
	"github.com/parley-mesh/parley/pkg/room"
)

// rendezvousSaid takes what the rendezvous, or the way to it, tells.
func (l *loop) rendezvousSaid(e client.Event) {
	switch e := e.(type) {
	case client.Opened:
		l.connected, l.next.seek = true, l.millis()
		l.welcomed(e.Welcome)
	case client.Lost:
		if l.connected && l.phase == PhaseIn {
			l.out.tell(Error{Message: e.Err.Error()})
		}
		l.connected, l.next.seek = false, l.millis()
	case client.Came:
		l.came(e.Frame)
	}
}

func (l *loop) welcomed(w protocol.Welcome) {
	// Nothing is resumed but what self was in: everybody else's roster is judged.
	resumed := w.Resumed && l.phase == PhaseIn && l.core.state.Inside() && w.Self.Session == l.number
	restarted := l.phase == PhaseIn && !resumed
	l.number = w.Self.Session
	l.title, l.expiresAt, l.policy = w.Title, w.ExpiresAt, w.Policy
	if l.hostID == "" { // a helper was called, and told of nobody
		l.hostID = w.HostID
		l.door.keeper = e2ee.NewDoorkeeper(l.cfg.Joined.MeetingID, l.hostID, nil)
	}
	l.door.keeper.Heard(w.HostID)
	l.toldEntry(w.Policy.Entry)
	l.iceServers = w.ICEServers
	if w.Waiting {
		l.phase = PhaseWaiting
		return
	}
	for _, t := range l.links.ties {
		t.link.SetICEServers(l.iceServers)
	}
	l.join()
	roster := l.admitted(w, resumed)
	l.core.happened(room.Welcome{
		Self: l.door.guests[l.self].entry, Roster: roster, Policy: room.Policy{MeshMax: w.Policy.MeshMax},
		Resumed: resumed, Waiting: w.Waiting,
	})
	if restarted {
		l.restartedAt = l.millis()
		l.handAgain()
	}
	l.sweep()
	l.tellAlarms()
	l.dirty.roster, l.dirty.keys = true, true
	if l.phase != PhaseIn {
		l.phase = PhaseIn
		now := l.millis()
		l.inAt = now
		l.next.advert, l.next.stats = now, now+statsEvery
		l.obey()
	}
}

// join enters the room's topic in the overlay, once.
func (l *loop) join() {
	if l.topic != nil || l.cfg.Overlay == nil {
		return
	}
	topic, err := l.cfg.Overlay.Join(l.cfg.Joined.MeetingID, l.hostID, receiver{l.inbox})
	if err != nil {
		l.log.Warn("the overlay could not be joined", "error", err)
		return
	}
	l.topic = topic
}

// receiver brings what comes over the overlay into the loop.
type receiver struct{ inbox *inbox }

func (r receiver) Envelope(e protocol.Envelope) { r.inbox.post(heardOf{e}, nil) }

func (r receiver) Signal(from identity.PeerID, session int64, box string) {
	r.inbox.post(handed{from, session, box}, nil)
}

func (l *loop) came(f protocol.ServerFrame) {
	switch f := f.(type) {
	case protocol.Joined:
		l.hears(f.Participant)
	case protocol.Updated:
		l.hears(f.Participant)
	case protocol.Left:
		l.leaves(f)
	case protocol.Signal:
		l.receive(party{f.From, f.Session}, f.Box, byRendezvous)
	case protocol.Broadcast:
		l.receive(party{f.From, f.Session}, f.Box, byRendezvous)
	case protocol.Waiting:
		l.waiting = l.presentable(f.Waiting)
		l.dirty.roster = true
	case protocol.PolicyChanged:
		l.title, l.policy, l.expiresAt = f.Title, f.Policy, f.ExpiresAt
		l.toldEntry(f.Policy.Entry)
		l.review()
		l.core.happened(room.PolicyChanged{Policy: room.Policy{MeshMax: f.Policy.MeshMax}})
		l.obey()
	case protocol.Refusal:
		// Somebody who has just left is no longer to be reached: nothing that anybody did.
		if f.Code != protocol.CodeNotInRoom {
			l.out.tell(Error{Message: f.Detail})
		}
	}
}

// obey gives up what the meeting's policy does not let this participant do.
func (l *loop) obey() {
	p := l.presence
	if p.Recording && !l.may(l.self, l.policy.Record) {
		p.Recording = false
		l.out.tell(Error{Message: ErrRecord.Error()})
	}
	if p.Screen && !l.may(l.self, l.policy.Share) {
		p.Screen = false
	}
	l.present(p)
}

// present makes a presence self's own and tells the rendezvous, if it is another.
func (l *loop) present(p protocol.Presence) {
	p = l.outlet.possible(p)
	l.outlet.follow(p)
	if p == l.presence {
		return
	}
	l.presence = p
	if err := l.rendezvous.Send(protocol.SetPresence{Presence: p}); err != nil {
		l.log.Warn("presence", "error", err)
	}
	l.dirty.roster = true
}

func (l *loop) publisherEnded(p Publisher, err error) {
	if err != nil {
		l.out.tell(Error{Message: err.Error()})
	}
	for _, s := range l.outlet.sources {
		if s.publisher == p {
			s.ended = true
		}
	}
	l.present(l.presence)
}
