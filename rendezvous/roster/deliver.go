package roster

import (
	"fmt"
	"time"

	"github.com/parley-mesh/parley/pkg/protocol"
)

// encode puts a frame of our own making on the wire. It fails for none of them
// within the protocol's bounds, which every input was checked against.
func encode(f protocol.ServerFrame) []byte {
	body, err := protocol.EncodeServer(0, f)
	if err != nil {
		panic(fmt.Sprintf("roster: a frame of our own: %v", err))
	}
	return body
}

// post numbers a frame, keeps it for a resume, and sends it if there is a
// socket. Who lets the log run full is cut off.
func (r *Room) post(now time.Time, m *member, body []byte) {
	if m.log.broken {
		return // it will be welcomed anew
	}
	seq, ok := m.log.add(body)
	switch {
	case m.conn == 0:
	case ok:
		r.out = append(r.out, Send{Conn: m.conn, Seq: seq, Body: body})
	default:
		r.bye(m.conn, protocol.Bye{Why: protocol.ByeSlow, Detail: "You did not read what was sent; come back by your resume ticket."})
		r.unplug(m)
		m.lost = now
		r.wake(now.Add(Grace))
	}
}

// postAll posts to everybody in the roster but one.
func (r *Room) postAll(now time.Time, f protocol.ServerFrame, but *member) {
	body := encode(f)
	for _, m := range r.members {
		if m != but {
			r.post(now, m, body)
		}
	}
}

// say sends a frame outside the numbering.
func (r *Room) say(conn Conn, f protocol.ServerFrame) {
	if conn != 0 {
		r.out = append(r.out, Send{Conn: conn, Body: encode(f)})
	}
}

// bye says why and hangs up.
func (r *Room) bye(conn Conn, b protocol.Bye) {
	if conn != 0 {
		r.say(conn, b)
		r.out = append(r.out, Hangup{Conn: conn, Why: b.Why})
	}
}

// refuse refuses one frame; the session goes on.
func (r *Room) refuse(m *member, seq int64, code protocol.Code, field, detail string) {
	r.say(m.conn, protocol.Refusal{Code: code, Detail: detail, Field: field, Seq: seq})
}

// acknowledge tells a client what arrived, if it does not know.
func (r *Room) acknowledge(m *member) {
	if m.conn != 0 && m.received > m.told {
		m.told = m.received
		r.say(m.conn, protocol.Ack{Received: m.received})
	}
}
