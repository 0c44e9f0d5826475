package main

import (
	"bytes"
	"context"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/coder/websocket"

	"github.com/parley-mesh/parley/pkg/identity"
	"github.com/parley-mesh/parley/pkg/protocol"
)

// enemy is a rendezvous in the hands of somebody who wants to listen: a real
// one, whose every answer and frame passes through here and is changed at will.
// Participants know it by its public URL and no other.
type enemy struct {
	t   *testing.T
	url string

	// down says what a participant is sent in the place of a frame of the real
	// rendezvous. It is set before anybody comes; nil changes nothing.
	down func(to identity.PeerID, f protocol.ServerFrame) []protocol.ServerFrame
	// up is told every frame of a participant.
	up func(from identity.PeerID, f protocol.ClientFrame)
	// answer changes the bodies of HTTP answers.
	answer func(path string, body []byte) []byte

	mu      sync.Mutex
	victims map[identity.PeerID]*victim
}

// victim is one participant's WebSocket, between two.
type victim struct {
	mu    sync.Mutex
	conn  *websocket.Conn
	seq   int64   // the last number given to it
	heard []int64 // by that number − 1, the real one that it acknowledges
}

// conquer starts a real rendezvous and stands before it.
func conquer(t *testing.T) *enemy {
	t.Helper()
	e := &enemy{t: t, victims: make(map[identity.PeerID]*victim)}
	e.url = standBefore(t, func(*http.Request) {}, e.rewrite, e.signal)
	return e
}

func (e *enemy) rewrite(r *http.Response) error {
	if e.answer == nil {
		return nil
	}
	body, err := io.ReadAll(io.LimitReader(r.Body, protocol.MaxAnswer))
	if err != nil {
		return err
	}
	body = e.answer(r.Request.URL.Path, body)
	r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	r.Header.Del("Content-Length")
	return nil
}

// signal stands between one participant and the real rendezvous.
func (e *enemy) signal(ctx context.Context, near, far *websocket.Conn) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	v := &victim{conn: near}
	who := make(chan identity.PeerID, 1)
	var both sync.WaitGroup
	both.Go(func() { defer cancel(); e.upward(ctx, v, far, who) })
	both.Go(func() { defer cancel(); e.downward(ctx, v, far, who) })
	both.Wait()
}

func (e *enemy) downward(ctx context.Context, v *victim, far *websocket.Conn, who chan<- identity.PeerID) {
	var id identity.PeerID
	for {
		_, data, err := far.Read(ctx)
		if err != nil {
			_ = v.conn.Close(websocket.CloseStatus(err), "")
			return
		}
		seq, frame, err := protocol.DecodeServer(data)
		if err != nil {
			e.t.Errorf("the real rendezvous said what nobody understands: %v", err)
			return
		}
		if welcome, is := frame.(protocol.Welcome); is && id == "" {
			id = welcome.Self.ID
			who <- id
			e.mu.Lock()
			e.victims[id] = v
			e.mu.Unlock()
		}
		frames := []protocol.ServerFrame{frame}
		if e.down != nil {
			frames = e.down(id, frame)
		}
		for _, f := range frames {
			v.tell(ctx, seq, f)
		}
	}
}

// tell sends a frame, counted as the participant expects it.
func (v *victim) tell(ctx context.Context, real int64, f protocol.ServerFrame) {
	v.mu.Lock()
	defer v.mu.Unlock()
	seq := int64(0)
	switch f.(type) {
	case protocol.Welcome, protocol.Refusal, protocol.Bye, protocol.Pong, protocol.Ack:
	default:
		v.seq++
		seq = v.seq
		v.heard = append(v.heard, real)
	}
	data, err := protocol.EncodeServer(seq, f)
	if err == nil {
		_ = v.conn.Write(ctx, websocket.MessageText, data)
	}
}

func (e *enemy) upward(ctx context.Context, v *victim, far *websocket.Conn, who <-chan identity.PeerID) {
	var id identity.PeerID
	for {
		_, data, err := v.conn.Read(ctx)
		if err != nil {
			return
		}
		seq, frame, err := protocol.DecodeClient(data)
		if err != nil {
			e.t.Errorf("a participant said what nobody understands: %v", err)
			return
		}
		if ack, is := frame.(protocol.Ack); is {
			frame = protocol.Ack{Received: v.meant(ack.Received)}
		}
		if _, hello := frame.(protocol.Hello); !hello && e.up != nil {
			if id == "" {
				id = <-who
			}
			e.up(id, frame)
		}
		data, err = protocol.EncodeClient(seq, frame)
		if err != nil || far.Write(ctx, websocket.MessageText, data) != nil {
			return
		}
	}
}

// meant is the real number of the last frame that is acknowledged.
func (v *victim) meant(told int64) (real int64) {
	v.mu.Lock()
	defer v.mu.Unlock()
	for _, n := range v.heard[:min(int(told), len(v.heard))] {
		real = max(real, n)
	}
	return real
}

// say sends a participant a frame that the real rendezvous never said.
func (e *enemy) say(to identity.PeerID, f protocol.ServerFrame) {
	e.t.Helper()
	e.mu.Lock()
	v := e.victims[to]
	e.mu.Unlock()
	if v == nil {
		e.t.Fatal("nobody is there to be lied to")
	}
	v.tell(e.t.Context(), 0, f)
}

// Guards the wrapper itself: what it does not change, a meeting does not notice.
func TestAnEnemyWhoDoesNothing(t *testing.T) {
	t.Parallel()
	e := conquer(t)
	l := &live{t: t, url: e.url}
	made := createIn(t, l, nil)
	if host, _, err := net.SplitHostPort(strings.TrimPrefix(made.Invitation.Base, "http://")); err != nil || host == "" {
		t.Fatalf("the invitation leads to %s", made.Invitation.Base)
	}
	first, second := enter(t, new(wire).client(t, l, 1), made.Invitation), enter(t, new(wire).client(t, l, 2), made.Invitation)
	for range 3 {
		if err := first.Send(protocol.SendSignal{To: second.id, Box: "box"}); err != nil {
			t.Fatal(err)
		}
	}
	second.boxes(3)
}
