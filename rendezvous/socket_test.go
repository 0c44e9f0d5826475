package rendezvous_test

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/coder/websocket"
	"github.com/parley-mesh/parley/pkg/client"
	"github.com/parley-mesh/parley/pkg/protocol"
)

// raw is a WebSocket driven by hand.
type raw struct {
	t    *testing.T
	conn *websocket.Conn
	seq  int64
}

func (s *stage) dial() *raw {
	s.t.Helper()
	conn, response, err := websocket.Dial(s.t.Context(), "ws"+strings.TrimPrefix(s.url, "http")+"/signal", &websocket.DialOptions{
		Subprotocols: []string{protocol.Version},
	})
	if err != nil {
		s.t.Fatal(err)
	}
	if response.Body != nil {
		_ = response.Body.Close()
	}
	s.t.Cleanup(func() { _ = conn.CloseNow() })
	conn.SetReadLimit(protocol.MaxWelcome)
	return &raw{t: s.t, conn: conn}
}

// ticket joins and returns what hello needs.
func (s *stage) ticket(c *client.Client, made client.Created) protocol.JoinResponse {
	s.t.Helper()
	joined, err := c.Join(s.t.Context(), protocol.JoinRequest{InvitationToken: made.Invitation.Token.Reveal()})
	if err != nil {
		s.t.Fatal(err)
	}
	return joined
}

// sit joins, says hello and returns the welcome.
func (s *stage) sit(seed byte, made client.Created) (*raw, protocol.Welcome) {
	s.t.Helper()
	r := s.dial()
	r.say(helloOf(s.ticket(s.person(seed), made)))
	return r, next[protocol.Welcome](r)
}

func helloOf(joined protocol.JoinResponse) protocol.Hello {
	return protocol.Hello{
		MeetingID: joined.MeetingID.String(), Ticket: joined.Ticket, Kind: protocol.KindNode, Presence: protocol.Presence{Name: "Raw"},
	}
}

func (r *raw) text(data string) {
	r.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if err := r.conn.Write(ctx, websocket.MessageText, []byte(data)); err != nil {
		r.t.Fatal(err)
	}
}

// say sends a frame, numbered if such frames are.
func (r *raw) say(f protocol.ClientFrame) {
	r.t.Helper()
	seq := int64(0)
	switch f.(type) {
	case protocol.Hello, protocol.Help, protocol.Ping, protocol.Ack:
	default:
		r.seq++
		seq = r.seq
	}
	data, err := protocol.EncodeClient(seq, f)
	if err != nil {
		r.t.Fatal(err)
	}
	r.text(string(data))
}

// read returns the next frame, or the close code.
func (r *raw) read() (protocol.ServerFrame, websocket.StatusCode) {
	r.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	_, data, err := r.conn.Read(ctx)
	if err != nil {
		return nil, websocket.CloseStatus(err)
	}
	_, frame, err := protocol.DecodeServer(data)
	if err != nil {
		r.t.Fatal(err)
	}
	return frame, -1
}

// next skips to a frame of a type.
func next[F protocol.ServerFrame](r *raw) F {
	r.t.Helper()
	for {
		frame, code := r.read()
		if wanted, ok := frame.(F); ok {
			return wanted
		}
		if frame == nil {
			r.t.Fatalf("closed with %d before a %T", code, *new(F))
		}
	}
}

// Guards signaling against what is not in order: each gets its sentence, and the
// close code that goes with it.
func TestBrokenHellos(t *testing.T) {
	t.Parallel()
	s := start(t, nil)
	made, other := s.create(s.person(1), protocol.CreateRequest{}), s.create(s.person(1), protocol.CreateRequest{Title: "Other"})
	joined := s.ticket(s.person(2), made)
	frame := func(h protocol.Hello) string {
		data, err := protocol.EncodeClient(0, h)
		if err != nil {
			t.Fatal(err)
		}
		return string(data)
	}
	wrong := helloOf(joined)
	wrong.MeetingID = other.MeetingID.String()
	changed := helloOf(joined)
	changed.Ticket = changed.Ticket[:len(changed.Ticket)-6] + "AAAAAA"
	for name, test := range map[string]struct {
		text, says string
		why        protocol.ByeWhy
		code       protocol.Code
		close      websocket.StatusCode
	}{
		"no JSON":              {"hello", "The frame is not valid JSON.", protocol.ByeProtocol, protocol.CodeMalformed, 1002},
		"not a hello":          {`{"type":"ping"}`, "The first frame must be hello, or a helper's help.", protocol.ByeProtocol, protocol.CodeMalformed, 1002},
		"an unknown field":     {strings.Replace(frame(helloOf(joined)), `"kind"`, `"x":1,"kind"`, 1), "x ", protocol.ByeProtocol, protocol.CodeInvalid, 1002},
		"letters in the ID":    {strings.Replace(frame(helloOf(joined)), joined.MeetingID.String(), "abc-def-ghi", 1), "meeting_id must be nine digits", protocol.ByeProtocol, protocol.CodeInvalid, 1002},
		"another meeting's":    {frame(wrong), "The ticket is not good for this meeting", protocol.ByeExpired, protocol.CodeTicket, 1008},
		"a changed ticket":     {frame(changed), "The ticket is not good for this meeting", protocol.ByeExpired, protocol.CodeTicket, 1008},
		"more than 64 KiB":     {`{"type":"hello","ticket":"` + strings.Repeat("x", protocol.MaxFrame) + `"}`, "A frame is at most 65536 bytes.", protocol.ByeProtocol, protocol.CodeTooLarge, 1002},
		"a name with controls": {strings.Replace(frame(helloOf(joined)), "Raw", `\u0007`, 1), "presence.name must be", protocol.ByeProtocol, protocol.CodeInvalid, 1002},
	} {
		t.Run(name, func(t *testing.T) {
			r := s.dial()
			r.text(test.text)
			bye := next[protocol.Bye](r)
			if bye.Why != test.why || bye.Code != test.code || !strings.HasPrefix(bye.Detail, test.says) {
				t.Errorf("told %+v", bye)
			}
			if _, code := r.read(); code != test.close {
				t.Errorf("closed with %d, want %d", code, test.close)
			}
		})
	}
}

func TestBrokenFrames(t *testing.T) {
	t.Parallel()
	s := start(t, nil)
	made := s.create(s.person(1), protocol.CreateRequest{})
	r, _ := s.sit(1, made)
	for _, test := range []struct{ text, field, says string }{
		{`{"type":`, "", "The frame is not valid JSON."},
		{`[]`, "", "the message must be an object"},
		{`{"type":"signal","seq":1,"to":"nobody","box":"x"}`, "to", "to must be the peer ID"},
		{`{"type":"shout","seq":1}`, "type", "type "},
		{`{"type":"presence","seq":1,"presence":{"name":"x","mic":"yes","camera":false,"screen":false,"hand":false}}`, "presence.mic", "presence.mic must be true or false"},
		{`{"type":"broadcast","box":"x"}`, "seq", "seq must be given"},
	} {
		r.text(test.text)
		if got := next[protocol.Refusal](r); got.Field != test.field || !strings.HasPrefix(got.Detail, test.says) {
			t.Errorf("%s: %+v", test.text, got)
		}
	}
	r.say(protocol.SendSignal{To: someone(9).PeerID(), Box: "x"})
	if got := next[protocol.Refusal](r); got.Code != protocol.CodeNotInRoom || got.Seq != 1 {
		t.Errorf("a signal to nobody: %+v", got)
	}
	if err := r.conn.Write(t.Context(), websocket.MessageBinary, []byte("{}")); err != nil {
		t.Fatal(err)
	}
	if bye := next[protocol.Bye](r); bye.Why != protocol.ByeProtocol || !strings.Contains(bye.Detail, "not binary") {
		t.Errorf("binary: %+v", bye)
	}
	again, _ := s.sit(1, made)
	again.say(helloOf(s.ticket(s.person(1), made)))
	if bye := next[protocol.Bye](again); bye.Why != protocol.ByeProtocol || !strings.Contains(bye.Detail, "one hello") {
		t.Errorf("a second hello: %+v", bye)
	}
}

// Guards the door of the WebSocket: its version, and pages of strange origins.
func TestSignalHandshake(t *testing.T) {
	t.Parallel()
	s := start(t, nil)
	upgrade := []string{"Connection", "Upgrade", "Upgrade", "websocket", "Sec-WebSocket-Version", "13", "Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="}
	for name, test := range map[string]struct {
		headers []string
		status  int
	}{
		"plain HTTP":        {nil, http.StatusBadRequest},
		"no version":        {upgrade, http.StatusBadRequest},
		"another version":   {append([]string{"Sec-WebSocket-Protocol", "parley.v0"}, upgrade...), http.StatusBadRequest},
		"a strange page":    {append([]string{"Sec-WebSocket-Protocol", protocol.Version, "Origin", "https://evil.example.com"}, upgrade...), http.StatusUnauthorized},
		"a page of nowhere": {append([]string{"Sec-WebSocket-Protocol", protocol.Version, "Origin", "null"}, upgrade...), http.StatusUnauthorized},
		"our own page":      {append([]string{"Sec-WebSocket-Protocol", protocol.Version, "Origin", s.url}, upgrade...), http.StatusSwitchingProtocols},
	} {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.url+"/signal", nil)
		if err != nil {
			t.Fatal(err)
		}
		for i := 0; i < len(test.headers); i += 2 {
			r.Header.Set(test.headers[i], test.headers[i+1])
		}
		response, err := http.DefaultTransport.RoundTrip(r)
		if err != nil {
			t.Fatal(err)
		}
		_ = response.Body.Close()
		if response.StatusCode != test.status {
			t.Errorf("%s: %d, want %d", name, response.StatusCode, test.status)
		}
	}
}

// Guards authority over the WebSocket: every role with every frame.
func TestRolesAndFrames(t *testing.T) {
	t.Parallel()
	s := start(t, helpers(actorSeed))
	frames := map[string]func(at *table) protocol.ClientFrame{
		"signal":    func(at *table) protocol.ClientFrame { return protocol.SendSignal{To: at.other, Box: "x"} },
		"broadcast": func(*table) protocol.ClientFrame { return protocol.SendBroadcast{Box: "x"} },
		"presence": func(*table) protocol.ClientFrame {
			return protocol.SetPresence{Presence: protocol.Presence{Name: "Raw", Hand: true}}
		},
		"admit":  func(at *table) protocol.ClientFrame { return protocol.Admit{ID: at.knocking} },
		"deny":   func(at *table) protocol.ClientFrame { return protocol.Deny{ID: at.knocking} },
		"remove": func(at *table) protocol.ClientFrame { return protocol.Remove{ID: at.other} },
		"ban":    func(at *table) protocol.ClientFrame { return protocol.Remove{ID: at.other, Ban: true} },
		"lock":   func(*table) protocol.ClientFrame { return protocol.Lock{Locked: true} },
		"role":   func(at *table) protocol.ClientFrame { return protocol.SetRole{ID: at.other, Role: protocol.RoleCoHost} },
		"call":   func(*table) protocol.ClientFrame { return protocol.CallHelper{} },
	}
	anybody := []string{"signal", "broadcast", "presence"}
	chair := append([]string{"admit", "deny", "remove", "ban", "lock", "call"}, anybody...)
	may := map[string][]string{
		"host":                chair, // and role
		"co-host, host here":  anybody,
		"co-host, host away":  chair,
		"participant":         anybody,
		"participant, alone":  chair,
		"by password, others": anybody,
		"helper":              anybody,
		"waiting":             {"presence"},
	}
	may["host"] = append(may["host"], "role")
	for role, allowed := range may {
		t.Run(role, func(t *testing.T) {
			t.Parallel()
			var at *table
			for name, frame := range frames {
				if at == nil {
					at = s.lay(role)
				}
				actor := at.actor
				actor.say(frame(at))
				actor.say(protocol.Ping{})
				refused := protocol.Code("")
				for {
					got, code := actor.read()
					if got == nil {
						t.Fatalf("%s: closed with %d", name, code)
					}
					if r, ok := got.(protocol.Refusal); ok {
						refused = r.Code
					}
					if _, ok := got.(protocol.Pong); ok {
						break
					}
				}
				want := protocol.CodeHostOnly
				switch {
				case slices.Contains(allowed, name):
					want = ""
				case role == "waiting":
					want = protocol.CodeNotInRoom
				}
				if refused != want {
					t.Errorf("%s: refused with %q, want %q", name, refused, want)
				}
				if refused == "" && !slices.Contains(anybody, name) {
					at = nil // it changed something
				}
			}
		})
	}
}
