package api

import (
	"net/http"
	"strings"
	"time"

	"github.com/coder/websocket"
	"github.com/parley-mesh/parley/pkg/meeting"
	"github.com/parley-mesh/parley/pkg/protocol"
	"github.com/parley-mesh/parley/rendezvous/guard"
	"github.com/parley-mesh/parley/rendezvous/hub"
)

const (
	helloWithin = protocol.HelloWithin * time.Second
	// floodPause is how long a flood's next frame waits to be read.
	floodPause = 50 * time.Millisecond
)

// signal is the door of GET /signal: it turns the request into a WebSocket,
// whose session then lives on its own.
func (a *API) signal(w http.ResponseWriter, r *http.Request, c caller) error {
	switch {
	case !a.allowedOrigin(r):
		return errOrigin
	case !strings.EqualFold(r.Header.Get("Upgrade"), "websocket"), !offers(r, protocol.Version):
		return errNoSocket
	}
	if err := a.config.Guard.Allow(guard.Connect, guard.Prefix(c.addr)); err != nil {
		return err
	}
	conn, err := websocket.Accept(w, r, &websocket.AcceptOptions{
		Subprotocols:       []string{protocol.Version},
		CompressionMode:    websocket.CompressionDisabled, // its state costs more memory than a whole session
		InsecureSkipVerify: true,                          // the origin was checked above, more strictly
	})
	if err != nil {
		return errAnswered // by Accept
	}
	conn.SetReadLimit(-1) // next has the limit, and says so in a frame
	if !a.begin() {
		_ = conn.CloseNow()
		return errAnswered
	}
	go a.session(conn) // not in this goroutine, which holds the request and all its buffers
	return nil
}

func offers(r *http.Request, version string) bool {
	for _, header := range r.Header.Values("Sec-WebSocket-Protocol") {
		for one := range strings.SplitSeq(header, ",") {
			if strings.TrimSpace(one) == version {
				return true
			}
		}
	}
	return false
}

// session is the life of a WebSocket.
func (a *API) session(conn *websocket.Conn) {
	defer a.running.Done()
	defer conn.CloseNow()
	first, err := a.first(conn)
	if err != nil {
		a.farewell(conn, err)
		return
	}
	switch first := first.(type) {
	case protocol.Hello:
		a.farewell(conn, a.participate(conn, first))
	case protocol.Help:
		a.farewell(conn, a.help(conn, first))
	default:
		a.farewell(conn, errNotHello)
	}
}

// first waits for the first frame, but not for long.
func (a *API) first(conn *websocket.Conn) (protocol.ClientFrame, error) {
	late := time.AfterFunc(helloWithin, func() { a.farewell(conn, errLate) })
	var first protocol.ClientFrame
	err := a.next(conn, func(data []byte) error {
		_, frame, err := protocol.DecodeClient(data)
		first = frame
		return err
	})
	if !late.Stop() {
		return nil, errAnswered
	}
	return first, err
}

// participate is a participant's session.
func (a *API) participate(conn *websocket.Conn, hello protocol.Hello) error {
	seat, err := a.hello(conn, hello)
	if err != nil {
		return err
	}
	a.part(conn, a.listen(conn, seat), seat.Gone)
	return nil
}

// hello checks a hello's ticket and enters the room.
func (a *API) hello(conn *websocket.Conn, hello protocol.Hello) (*hub.Seat, error) {
	id, err := meeting.ParseID(hello.MeetingID)
	if err != nil {
		return nil, err
	}
	claims, err := a.openTicket(hello.Ticket, id)
	if err != nil {
		return nil, err
	}
	return a.config.Hub.Enter(id, claims, hello, socket{conn})
}

// listen hands on what comes, and returns why nothing more does.
func (a *API) listen(conn *websocket.Conn, seat *hub.Seat) error {
	meter := a.config.Guard.NewMeter()
	for {
		err := a.next(conn, func(data []byte) error {
			seq, frame, err := protocol.DecodeClient(data)
			if err != nil {
				return a.refuse(conn, err)
			}
			seat.Receive(seq, frame)
			return nil
		})
		if err != nil {
			return err
		}
		if !meter.Allow(time.Now()) {
			if err := a.throttle(conn, meter); err != nil {
				return err
			}
		}
	}
}

// throttle lets a session that sends too much wait, which it is told. Nothing
// that it sent is lost, and nobody else notices.
func (a *API) throttle(conn *websocket.Conn, meter *guard.Meter) error {
	if err := a.refuse(conn, errFlood); err != nil {
		return err
	}
	pause := time.NewTicker(floodPause)
	defer pause.Stop()
	for !meter.Allow(time.Now()) {
		select {
		case <-pause.C:
		case <-a.life.Done():
			return errClosing
		}
	}
	return nil
}
