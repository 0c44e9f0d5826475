package clienttest

import (
	"context"
	"encoding/base64"
	"net/http"
	"slices"
	"time"

	"github.com/coder/websocket"
	"github.com/go-json-experiment/json"

	"github.com/parley-mesh/parley/pkg/identity"
	"github.com/parley-mesh/parley/pkg/meeting"
	"github.com/parley-mesh/parley/pkg/protocol"
)

// session is one participant's place, with or without a WebSocket.
type session struct {
	protocol.Participant
	of       *Rendezvous
	conn     *websocket.Conn // nil while there is none
	cancel   context.CancelFunc
	wake     chan struct{} // holds one
	out      []outgoing    // not yet written
	log      []outgoing    // numbered and not yet acknowledged
	seq      int64         // the last number given
	received int64         // the last number taken
	came     []protocol.ClientFrame
	bye      bool
}

type outgoing struct {
	seq  int64
	data []byte
}

// ticket is a real rendezvous' sealed ticket, unsealed.
func ticket(id identity.PeerID, role protocol.Role, via protocol.Via) string {
	data, err := json.Marshal(protocol.Participant{ID: id, Role: role, Via: via})
	if err != nil {
		panic(err)
	}
	return base64.RawURLEncoding.EncodeToString(data)
}

func openTicket(s string) (p protocol.Participant, ok bool) {
	data, err := base64.RawURLEncoding.DecodeString(s)
	if err != nil {
		return p, false
	}
	return p, json.Unmarshal(data, &p) == nil
}

func (r *Rendezvous) signal(w http.ResponseWriter, req *http.Request) {
	conn, err := websocket.Accept(w, req, &websocket.AcceptOptions{Subprotocols: []string{protocol.Version}})
	if err != nil {
		return
	}
	defer conn.CloseNow()
	conn.SetReadLimit(protocol.MaxFrame)
	ctx, cancel := context.WithCancel(req.Context())
	defer cancel()

	var hello protocol.Hello
	switch f := r.first(ctx, conn).(type) {
	case protocol.Help:
		r.help(ctx, cancel, conn, f)
		return
	case protocol.Hello:
		hello = f
	default:
		return
	}
	s, why := r.enter(hello, conn, cancel)
	if s == nil {
		r.turnAway(ctx, conn, why)
		return
	}
	writer := make(chan struct{})
	go func() {
		defer close(writer)
		defer cancel()
		r.write(ctx, conn, s)
	}()
	for {
		_, data, err := conn.Read(ctx)
		if err != nil {
			break
		}
		seq, frame, err := protocol.DecodeClient(data)
		if err != nil {
			break
		}
		r.take(s, seq, frame)
	}
	cancel()
	<-writer
	r.mu.Lock()
	defer r.mu.Unlock()
	if s.conn == conn {
		s.conn = nil
	}
}

// first is the first frame of a WebSocket, nil when there is none.
func (r *Rendezvous) first(ctx context.Context, conn *websocket.Conn) protocol.ClientFrame {
	r.mu.Lock()
	mute := r.mute
	r.mu.Unlock()
	_, data, err := conn.Read(ctx)
	if mute {
		for err == nil {
			_, _, err = conn.Read(ctx)
		}
	}
	if err != nil {
		return nil
	}
	_, frame, err := protocol.DecodeClient(data)
	if err != nil {
		return nil
	}
	return frame
}

// enter finds or makes the session of a hello, or says why not.
func (r *Rendezvous) enter(h protocol.Hello, conn *websocket.Conn, cancel context.CancelFunc) (*session, protocol.ServerFrame) {
	r.mu.Lock()
	defer r.mu.Unlock()
	claims, ok := openTicket(h.Ticket)
	if !ok {
		return nil, protocol.Refusal{Code: protocol.CodeTicket, Detail: "The ticket is not from here."}
	}
	id, _ := meeting.ParseID(h.MeetingID)
	m := r.meetings[id]
	if m == nil {
		return nil, protocol.Bye{Why: protocol.ByeEnded, Detail: "The meeting has ended."}
	}
	s := m.sessions[claims.ID]
	resumed := s != nil && h.Session == s.Session && len(s.log) >= int(s.seq-h.Received)
	fresh := s == nil
	switch {
	case resumed:
		s.cutLocked()
		s.ackLocked(h.Received)
	default:
		r.last = max(r.last+1, time.Now().UnixMilli())
		p := protocol.Participant{ID: claims.ID, N: r.last, Session: r.last, Kind: h.Kind, Role: claims.Role, Via: claims.Via}
		if s != nil {
			s.byeLocked(protocol.Bye{Why: protocol.ByeElsewhere, Detail: "You opened this meeting in another place."})
			p.N = s.N
		} else if h.Session != 0 {
			p.Session = h.Session // the same page, after a restart
		}
		s = &session{Participant: p, of: r}
		m.sessions[claims.ID] = s
	}
	recarded := s.Card != h.Card
	s.Presence, s.Card, s.bye = h.Presence, h.Card, false
	s.conn, s.cancel, s.wake, s.out = conn, cancel, make(chan struct{}, 1), nil
	welcome := protocol.Welcome{
		Self: s.Participant, Title: m.Title, HostID: m.HostID, Roster: m.rosterLocked(), Policy: m.Policy,
		ICEServers: []protocol.ICEServer{}, Resume: protocol.Resume{Ticket: h.Ticket, Within: protocol.ResumeWithin},
		Resumed: resumed, Received: s.received,
	}
	for _, f := range r.twistedLocked(s.ID, welcome) {
		s.sayLocked(f)
	}
	if resumed {
		s.out = append(s.out, s.log...)
	}
	for _, other := range m.sessions {
		switch {
		case other == s || resumed && !recarded:
		case fresh:
			other.postLocked(protocol.Joined{Participant: s.Participant})
		default:
			other.postLocked(protocol.Updated{Participant: s.Participant})
		}
	}
	return s, nil
}

func (m *room) rosterLocked() []protocol.Participant {
	roster := []protocol.Participant{}
	for _, s := range m.sessions {
		roster = append(roster, s.Participant)
	}
	slices.SortFunc(roster, func(a, b protocol.Participant) int { return int(a.N - b.N) })
	return roster
}

// take handles a frame, whose number tells whether it came before.
func (r *Rendezvous) take(s *session, seq int64, frame protocol.ClientFrame) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.mute {
		return
	}
	switch f := frame.(type) {
	case protocol.Ping:
		s.sayLocked(protocol.Pong{})
		return
	case protocol.Ack:
		s.ackLocked(f.Received)
		return
	}
	if seq <= s.received {
		return
	}
	s.received = seq
	s.came = append(s.came, frame)
	m := r.roomOfLocked(s.ID)
	switch f := frame.(type) {
	case protocol.SendSignal:
		if to := m.sessions[f.To]; to != nil {
			to.postLocked(protocol.Signal{From: s.ID, Session: s.Session, Box: f.Box})
		} else {
			s.sayLocked(protocol.Refusal{Code: protocol.CodeNotInRoom, Detail: "Nobody with that peer ID is in the room.", Seq: seq})
		}
	case protocol.SendBroadcast:
		for _, other := range m.sessions {
			if other != s {
				other.postLocked(protocol.Broadcast{From: s.ID, Session: s.Session, Box: f.Box})
			}
		}
	case protocol.Leave:
		delete(m.sessions, s.ID)
		s.cutLocked()
		for _, other := range m.sessions {
			other.postLocked(protocol.Left{ID: s.ID, Why: protocol.LeftLeft})
		}
	}
	if !r.lossy {
		s.sayLocked(protocol.Ack{Received: s.received})
	}
}

func (r *Rendezvous) roomOfLocked(id identity.PeerID) *room {
	for _, m := range r.meetings {
		if m.sessions[id] != nil {
			return m
		}
	}
	return &room{}
}

func (r *Rendezvous) write(ctx context.Context, conn *websocket.Conn, s *session) {
	r.mu.Lock()
	wake := s.wake
	r.mu.Unlock()
	for {
		r.mu.Lock()
		if s.conn != conn { // cut, or taken up by another WebSocket
			r.mu.Unlock()
			return
		}
		out, bye := s.out, s.bye
		s.out = nil
		r.mu.Unlock()
		for _, o := range out {
			if conn.Write(ctx, websocket.MessageText, o.data) != nil {
				return
			}
		}
		if bye {
			_ = conn.Close(websocket.StatusNormalClosure, "bye")
			return
		}
		select {
		case <-wake:
		case <-ctx.Done():
			return
		}
	}
}

func (s *session) postLocked(f protocol.ServerFrame) {
	for _, f := range s.of.twistedLocked(s.ID, f) {
		s.numberLocked(f)
	}
}

func (s *session) numberLocked(f protocol.ServerFrame) {
	s.seq++
	data, err := protocol.EncodeServer(s.seq, f)
	if err != nil {
		panic(err)
	}
	s.log = append(s.log, outgoing{s.seq, data})
	s.queueLocked(outgoing{s.seq, data})
}

func (s *session) sayLocked(f protocol.ServerFrame) {
	data, err := protocol.EncodeServer(0, f)
	if err != nil {
		panic(err)
	}
	s.queueLocked(outgoing{0, data})
}

func (s *session) queueLocked(o ...outgoing) {
	if s.conn == nil {
		return
	}
	s.out = append(s.out, o...)
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

func (s *session) ackLocked(received int64) {
	s.log = slices.DeleteFunc(s.log, func(o outgoing) bool { return o.seq <= received })
}

func (s *session) byeLocked(bye protocol.Bye) {
	if s.conn == nil {
		return
	}
	s.sayLocked(bye)
	s.bye = true
}

func (s *session) cutLocked() {
	if s.conn != nil {
		s.cancel()
		s.conn = nil
	}
}
