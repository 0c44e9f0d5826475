package protocol

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/parley-mesh/parley/pkg/identity"
	"github.com/parley-mesh/parley/pkg/meeting"
)

// An example is one good message of each sort, and of each form it can have.
// Vectors, fuzz seeds and benchmarks are made of them.
type example struct {
	of    string // a union, or a body's name
	seq   int64
	value any
	also  []mutation // refusals that no bound of a single member explains
}

// A mutation makes a bad message of a good one: it takes the member at a path
// away, or sets it.
type mutation struct {
	Drop  string `json:"drop,omitempty"`
	Set   string `json:"set,omitempty"`
	To    any    `json:"to,omitempty"` // absent: null
	Field string `json:"field"`
	Says  string `json:"says"`
}

// person makes the identity number n, the same in every run.
func person(n byte) *identity.Identity { return identity.FromSeed([32]byte{31: n}) }

var (
	anna, bert, cleo = person(1).PeerID(), person(2).PeerID(), person(3).PeerID()

	at     = time.Date(2026, 11, 30, 18, 0, 0, 0, time.UTC)
	later  = at.Add(90*time.Minute + 250*time.Millisecond)
	token  = strings.Repeat("AbC-_01", 6) + "A"
	digest = strings.Repeat("A", 43)
	linkID = "AAECAwQFBgcICQoLDA0ODw"
	hello  = Presence{Name: "Anna Ätsch 🎉", Mic: true}
	ends   = LinkEnds{Link: linkID, To: 1700000000001}
	annaIn = Participant{ID: anna, N: 1700000000000, Session: 1700000000000, Kind: KindBrowser, Role: RoleHost, Via: ViaInvitation, Presence: hello}
	bertIn = Participant{ID: bert, N: 1700000000001, Session: 1700000000009, Kind: KindNode, Role: RoleCoHost, Via: ViaPassword, Presence: Presence{Name: "Bert", Camera: true, Screen: true, Hand: true, Recording: true}}
	said   = Envelope{Meeting: "482913006", Session: 1700000000000, Seq: 3, Kind: EnvelopeChat, Body: `{"text":"hello"}`}.Sign(person(1))
	begun  = Envelope{Meeting: "482913006", Session: 1700000000000, Seq: 4, Kind: EnvelopeEpoch, Body: `{"number":1,"commit":"` + digest + `","entry":"any"}`}.Sign(person(1))

	annasCard = Card{Key: strings.Repeat("A", 1622), At: 1700000000000, Host: anna, Proof: digest, Sig: strings.Repeat("A", 86)}

	changed = meeting.PolicyPatch{Capacity: new(12), Entry: new(meeting.EntryInvitation), Locked: new(true), Chat: new(meeting.WhoHost)}
)

func examples() []example {
	const client, server, link, control = "ClientFrame", "ServerFrame", "BoxMessage", "ControlMessage"
	return []example{
		{of: client, value: Hello{MeetingID: "482-913-006", Ticket: "T", Kind: KindBrowser, Presence: hello}},
		{of: client, value: Hello{MeetingID: "482913006", Ticket: "T", Kind: KindNode, Presence: hello, Session: 1700000000000, Received: 7}},
		{of: client, value: Hello{MeetingID: "482913006", Ticket: "T", Kind: KindBrowser, Presence: hello, Card: annasCard}},
		{of: client, seq: 1, value: SendSignal{To: bert, Box: `{"type":"restart"}`}},
		{of: client, seq: 2, value: SendBroadcast{Box: "box"}},
		{of: client, seq: MaxInt, value: SetPresence{Presence: hello}},
		{of: client, seq: 4, value: Admit{ID: bert}},
		{of: client, seq: 5, value: Deny{ID: bert}},
		{of: client, seq: 6, value: Remove{ID: bert, Ban: true}},
		{of: client, seq: 7, value: Remove{ID: bert}},
		{of: client, seq: 8, value: Lock{Locked: true}},
		{of: client, seq: 9, value: SetRole{ID: bert, Role: RoleCoHost}},
		{of: client, seq: 10, value: CallHelper{}},
		{of: client, value: Help{Token: "T"}},
		{of: client, seq: 11, value: Leave{}},
		{of: client, value: Ping{}},
		{of: client, value: Ack{Received: 12}},

		{of: server, value: Welcome{
			Self: annaIn, Title: "Planning", HostID: anna, Roster: []Participant{annaIn, bertIn}, Policy: meeting.DefaultPolicy(), ExpiresAt: &later,
			ICEServers: []ICEServer{{URLs: []string{"stun:meet.example.org:3478"}}, {URLs: []string{"turn:meet.example.org:3478"}, Username: "u", Credential: "c"}},
			Resume:     Resume{Ticket: "R", Within: ResumeWithin}, Resumed: true, Received: 3,
		}},
		{of: server, value: Welcome{Self: annaIn, Title: "Planning", HostID: anna, Roster: []Participant{}, Policy: meeting.DefaultPolicy(), ICEServers: []ICEServer{}, Resume: Resume{Ticket: "R", Within: 30}, Waiting: true}},
		{of: server, seq: 1, value: Joined{Participant: bertIn}},
		{of: server, seq: 1, value: Joined{Participant: Participant{ID: anna, N: 1, Session: 2, Kind: KindBrowser, Role: RoleHost, Via: ViaPassword, Presence: hello, Card: annasCard}}},
		{of: server, seq: 2, value: Left{ID: bert, Why: LeftLost}},
		{of: server, seq: 3, value: Updated{Participant: bertIn}},
		{of: server, seq: 4, value: Waiting{Waiting: []Participant{bertIn}}},
		{of: server, seq: 5, value: Signal{From: bert, Session: 1700000000009, Box: "box"}},
		{of: server, seq: 6, value: Broadcast{From: bert, Session: 1700000000009, Box: "box"}},
		{of: server, seq: 7, value: PolicyChanged{Title: "Planning", Policy: meeting.DefaultPolicy(), ExpiresAt: &at, SuspendedUntil: &later}},
		{of: server, value: Refusal{Code: CodeNotInRoom, Detail: "Nobody else with that peer ID is in the room.", Field: "to", Seq: 7, RetryAfter: 1}},
		{of: server, value: Bye{Why: ByeDenied, Code: CodeFull, Detail: "The meeting is full.", RetryAfter: 30}},
		{of: server, value: Helping{}},
		{of: server, value: HelpWanted{MeetingID: "482913006", Ticket: "T"}},
		{of: server, value: Pong{}},
		{of: server, value: Ack{Received: 0}},

		{of: link, value: Offer{Ends: ends, Generation: 0, SDP: "v=0\r\n"}},
		{of: link, value: Answer{Ends: ends, Generation: 1, SDP: "v=0\r\n"}},
		{of: link, value: Candidates{Ends: ends, Generation: 1, Candidates: []Candidate{{Candidate: "candidate:1 1 udp 1 192.0.2.1 9 typ host", Mid: "0", Line: 3, Ufrag: "abcd"}, {}}}},
		{of: link, value: Restart{Ends: ends}},
		{of: link, value: Close{Ends: ends}},
		{of: link, value: Carry{Envelope: said}},
		{of: link, value: Grant{Envelope: begun, Key: digest}},
		{of: link, value: Grant{Envelope: begun, Key: digest, Membership: digest}},

		{of: control, value: Views{Views: []View{{From: bert, Source: SourceCamera, Width: 640, Height: 360}, {From: bert, Source: SourceMic}}}, also: []mutation{
			{Set: "views[1]", To: View{From: bert, Source: SourceCamera}, Field: "views[1]", Says: "must not name the source of another view"},
		}},
		{of: control, value: Views{Views: []View{}}},
		{of: control, value: Slots{Slots: []Slot{{Mid: "0", From: bert, Source: SourceMic}, {Mid: "1", From: bert, Source: SourceScreenAudio}}}, also: []mutation{
			{Set: "slots[1].mid", To: "0", Field: "slots[1].mid", Says: "must not be the mid of another slot"},
		}},
		{of: control, value: Carry{Envelope: said}},
		{of: control, value: HistoryRequest{}},
		{of: control, value: History{Envelopes: []Envelope{said}}},
		{of: control, value: Heard{Peers: []identity.PeerID{anna, bert}}},
		{of: control, value: Heard{Peers: []identity.PeerID{}}},
		{of: control, value: Pass{From: anna, Session: 1700000000000, To: bert, Box: `{"type":"restart"}`}},

		{value: CreateRequest{Title: "Planning"}},
		{value: CreateRequest{Title: "x", Password: "secret 1", ExpiresAt: &at, Policy: &changed}},
		{value: CreateResponse{MeetingID: "482913006", Title: "Planning", Password: "482913", InvitationToken: token, InvitationLink: "https://meet.example.org/join/" + token, HostID: anna, CreatedAt: at, ExpiresAt: &later}},
		{value: InvitationResponse{MeetingID: "482913006", Title: "Planning", Password: "482913", HostID: anna, CreatedAt: at, Inside: 2, Names: []string{"Anna", "Bert"}}},
		{value: JoinRequest{MeetingID: "482-913-006", Password: "482913"}, also: []mutation{
			{Drop: "meeting_id", Field: "meeting_id", Says: "must be given with password"},
			{Drop: "password", Field: "password", Says: "must be given with meeting_id"},
			{Set: "invitation_token", To: token, Field: "invitation_token", Says: "must stand alone, without meeting_id and password"},
		}},
		{value: JoinRequest{InvitationToken: token}, also: []mutation{
			{Drop: "invitation_token", Field: "meeting_id", Says: "must be given with password, or else an invitation_token"},
		}},
		{value: JoinResponse{MeetingID: "482913006", Title: "Planning", HostID: anna, Role: RoleParticipant, Via: ViaPassword, Ticket: "T", SignalingURL: "wss://meet.example.org/signal", ExpiresAt: &later}},
		{value: MyMeetingsResponse{Meetings: []MeetingSummary{{MeetingID: "482913006", Title: "Planning", CreatedAt: at, ExpiresAt: &later, Participants: 3}}, Next: "c"}},
		{value: MeetingResponse{MeetingID: "482913006", Title: "Planning", HostID: anna, CreatedAt: at, Policy: meeting.DefaultPolicy(), SuspendedUntil: &later}},
		{value: ChangeRequest{Title: "Other", Password: "654321", ExpiresAt: Expiry{Set: true, At: &later}, Policy: &changed}},
		{value: ChangeRequest{ExpiresAt: Expiry{Set: true}}},
		{value: RenewRequest{Password: "654321"}},
		{value: RenewRequest{}},
		{value: RenewResponse{MeetingID: "482913006", Password: "654321", InvitationToken: token, InvitationLink: "https://meet.example.org/join/" + token}},
		{value: WellKnown{Version: "1.2.3 (abc)", Protocols: []string{Version}, Origins: []string{"https://meet.example.org"}, Features: []string{}, Relay: []string{"/ip4/192.0.2.1/udp/8081/quic-v1/p2p/" + string(anna)}}},
		{value: Problem{Type: "https://meet.example.org/problems/full", Title: "Full", Status: 409, Detail: "The meeting is full.", Field: "policy.capacity", RetryAfter: 30}},
		{value: Beat{N: 1, At: 1700000000000}},
		{value: Beat{N: 2, At: 1700000000250, Echo: 5, Held: 6, Level: 127}},
		{value: Chat{ID: linkID, Text: "line one\nline two", At: 1700000000000, Name: "Anna", To: bert}},
		{value: Capacity{UplinkKbps: 20_000, DownlinkKbps: 100_000, CoresMilli: 3500, Reachable: true, Willing: true, RTTs: []RTT{{To: bert, Millis: 20}}, LossMille: 1000}},
		{value: Directive{Term: 1, Seq: 2, Topology: TopologyStar, SFU: bert, Standby: cleo, Manual: true, Reason: "chosen"}, also: []mutation{
			{Drop: "sfu", Field: "sfu", Says: "must be given for a star or a tree"},
			{Set: "standby", To: bert, Field: "standby", Says: "must be another than sfu"},
			{Set: "topology", To: "mesh", Field: "sfu", Says: "must not be given for a mesh"},
		}},
		{value: Epoch{Number: 1700000000000, Commit: digest, Entry: meeting.EntryInvitation}},
		{value: Directive{Topology: TopologyMesh, Reason: "small"}, also: []mutation{
			{Set: "topology", To: "star", Field: "sfu", Says: "must be given for a star or a tree"},
			{Set: "standby", To: bert, Field: "standby", Says: "must not be given for a mesh"},
		}},
		{value: said},
	}
}

// name is what the example's decoder is called.
func (e example) name() string {
	if e.of != "" {
		return e.of
	}
	return reflect.TypeOf(e.value).Name()
}

func (e example) encode(t testing.TB) []byte {
	t.Helper()
	data, err := encodeAny(e.name(), e.seq, e.value)
	if err != nil {
		t.Fatalf("%s: %v", e.name(), err)
	}
	return data
}

func encodeAny(name string, seq int64, value any) ([]byte, error) {
	switch name {
	case "ClientFrame":
		return EncodeClient(seq, value.(ClientFrame))
	case "ServerFrame":
		return EncodeServer(seq, value.(ServerFrame))
	case "BoxMessage":
		return EncodeBoxMessage(value.(BoxMessage))
	case "ControlMessage":
		return EncodeControl(value.(ControlMessage))
	default:
		return encode(value)
	}
}

// decodeAny decodes by the name of a union or a body.
func decodeAny(name string, data []byte) (seq int64, value any, err error) {
	switch name {
	case "ClientFrame":
		return hide(DecodeClient(data))
	case "ServerFrame":
		return hide(DecodeServer(data))
	case "BoxMessage":
		value, err = DecodeBoxMessage(data)
	case "ControlMessage":
		value, err = DecodeControl(data)
	default:
		decode, ok := bodies[name]
		if !ok {
			return 0, nil, fmt.Errorf("no message is called %s", name)
		}
		value, err = decode(data)
	}
	return 0, value, err
}

func hide[M any](seq int64, m M, err error) (int64, any, error) { return seq, m, err }

var bodies = map[string]func([]byte) (any, error){
	"CreateRequest":      anyBody[CreateRequest],
	"CreateResponse":     anyBody[CreateResponse],
	"InvitationResponse": anyBody[InvitationResponse],
	"JoinRequest":        anyBody[JoinRequest],
	"JoinResponse":       anyBody[JoinResponse],
	"MyMeetingsResponse": anyBody[MyMeetingsResponse],
	"MeetingResponse":    anyBody[MeetingResponse],
	"ChangeRequest":      anyBody[ChangeRequest],
	"RenewRequest":       anyBody[RenewRequest],
	"RenewResponse":      anyBody[RenewResponse],
	"WellKnown":          anyBody[WellKnown],
	"Problem":            anyBody[Problem],
	"Beat":               anyBody[Beat],
	"Chat":               anyBody[Chat],
	"Capacity":           anyBody[Capacity],
	"Directive":          anyBody[Directive],
	"Envelope":           anyBody[Envelope],
	"Epoch":              anyBody[Epoch],
}

func anyBody[T Body](data []byte) (any, error) { return Decode[T](data) }
