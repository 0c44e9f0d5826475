package roster

import (
	"strconv"
	"time"

	"github.com/parley-mesh/parley/pkg/protocol"
)

// member is one entry: of the roster, or of the waiting room.
type member struct {
	protocol.Participant
	waiting bool
	letIn   bool // from the waiting room, in this session

	conn  Conn      // 0 while it has no socket
	heard time.Time // the last frame on conn
	lost  time.Time // when the socket went, while there is none

	received int64 // the last number taken from the client
	told     int64 // the last one that it was told of

	log log
}

func (m *member) helps() bool { return m.Kind == protocol.KindHelper }

// log keeps the numbered frames that a session has not acknowledged.
type log struct {
	acked  int64 // everything up to here has arrived
	frames [][]byte
	bytes  int
	broken bool // frames are missing: not to be resumed
}

// last is the number of the newest frame.
func (l *log) last() int64 { return l.acked + int64(len(l.frames)) }

// add keeps a frame and returns its number. It reports false, and keeps nothing
// from then on, when the log is full.
func (l *log) add(body []byte) (int64, bool) {
	if l.broken || len(l.frames) >= MaxLog || l.bytes+len(body) > MaxLogBytes {
		*l = log{broken: true}
		return 0, false
	}
	l.frames = append(l.frames, body)
	l.bytes += len(body)
	return l.last(), true
}

// ack lets go of what arrived. It reports false for a number never sent.
func (l *log) ack(received int64) bool {
	if received > l.last() {
		return false
	}
	n := received - l.acked
	if n <= 0 {
		return true
	}
	for i := range n {
		l.bytes -= len(l.frames[i])
	}
	rest := l.frames[n:]
	if len(rest) == 0 && cap(l.frames) > 32 {
		l.frames = nil // an idle session keeps no array of its busiest moment
	} else {
		kept := copy(l.frames, rest)
		clear(l.frames[kept:])
		l.frames = l.frames[:kept]
	}
	l.acked = received
	return true
}

// reaches tells whether everything after received is still here.
func (l *log) reaches(received int64) bool {
	return !l.broken && received >= l.acked && received <= l.last()
}

func appendInt(b []byte, n int64) []byte { return strconv.AppendInt(b, n, 10) }
