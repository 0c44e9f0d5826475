package protocol

import "reflect"

var (
	clientFrames = newUnion[ClientFrame](MaxFrame, true,
		is[Hello]("hello"), is[SendSignal]("signal"), is[SendBroadcast]("broadcast"), is[SetPresence]("presence"),
		is[Admit]("admit"), is[Deny]("deny"), is[Remove]("remove"), is[Lock]("lock"), is[SetRole]("role"),
		is[CallHelper]("call_helper"), is[Help]("help"), is[Leave]("leave"), is[Ping]("ping"), is[Ack]("ack"))

	serverFrames = newUnion[ServerFrame](MaxWelcome, true,
		is[Welcome]("welcome"), is[Joined]("joined"), is[Left]("left"), is[Updated]("updated"),
		is[Waiting]("waiting"), is[Signal]("signal"), is[Broadcast]("broadcast"), is[PolicyChanged]("policy"),
		is[Refusal]("problem"), is[Bye]("bye"), is[Helping]("helping"), is[HelpWanted]("help_wanted"), is[Pong]("pong"), is[Ack]("ack"))

	boxMessages = newUnion[BoxMessage](MaxMessage, false,
		is[Offer]("offer"), is[Answer]("answer"), is[Candidates]("candidates"), is[Restart]("restart"), is[Close]("close"),
		is[Carry]("envelope"), is[Grant]("epoch"))

	controlMessages = newUnion[ControlMessage](MaxFrame, false,
		is[Views]("view"), is[Slots]("slots"), is[Carry]("envelope"),
		is[HistoryRequest]("history_request"), is[History]("history"), is[Heard]("heard"), is[Pass]("pass"))
)

// EncodeClient puts a client's frame on the wire; a seq of 0 is left out.
func EncodeClient(seq int64, f ClientFrame) ([]byte, error) { return clientFrames.Encode(seq, f) }

// DecodeClient reads a client's frame and its sequence number, 0 when it has none.
func DecodeClient(data []byte) (int64, ClientFrame, error) { return clientFrames.Decode(data) }

// EncodeServer puts a rendezvous' frame on the wire; a seq of 0 is left out.
func EncodeServer(seq int64, f ServerFrame) ([]byte, error) { return serverFrames.Encode(seq, f) }

// DecodeServer reads a rendezvous' frame and its sequence number, 0 when it has none.
func DecodeServer(data []byte) (int64, ServerFrame, error) { return serverFrames.Decode(data) }

// EncodeBoxMessage makes a message of a box.
func EncodeBoxMessage(m BoxMessage) ([]byte, error) { return boxMessages.Encode(0, m) }

// DecodeBoxMessage reads a message of a box.
func DecodeBoxMessage(data []byte) (BoxMessage, error) {
	_, m, err := boxMessages.Decode(data)
	return m, err
}

// EncodeControl makes a message for a link's control channel.
func EncodeControl(m ControlMessage) ([]byte, error) { return controlMessages.Encode(0, m) }

// DecodeControl reads a message of a link's control channel.
func DecodeControl(data []byte) (ControlMessage, error) {
	_, m, err := controlMessages.Decode(data)
	return m, err
}

// Body is any message that is no member of a union: an HTTP body, a Beat, an
// envelope, or what an envelope's body holds.
type Body interface {
	CreateRequest | CreateResponse | InvitationResponse | JoinRequest | JoinResponse |
		MyMeetingsResponse | MeetingResponse | ChangeRequest | RenewRequest | RenewResponse |
		WellKnown | Problem | Beat | Chat | Capacity | Directive | Epoch | Envelope
}

// Encode puts a body on the wire.
func Encode[T Body](body T) ([]byte, error) { return encode(body) }

// Decode reads a body of at most its limit: MaxBody bytes; MaxBeat for a Beat,
// MaxAnswer for the rendezvous' answers.
func Decode[T Body](data []byte) (T, error) {
	var body T
	if len(data) > limitOf(body) {
		return body, ErrTooLarge
	}
	if err := readMessage(data, planOf(reflect.TypeFor[T]()), reflect.ValueOf(&body).Elem()); err != nil {
		var none T
		return none, err
	}
	return body, nil
}

func limitOf(body any) int {
	switch body.(type) {
	case Beat:
		return MaxBeat
	case CreateResponse, InvitationResponse, JoinResponse, MyMeetingsResponse, MeetingResponse, RenewResponse, WellKnown, Problem:
		return MaxAnswer
	default:
		return MaxBody
	}
}
