package protocol

import (
	"errors"
	"fmt"
	"io"
	"reflect"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// ErrTooLarge is returned, before anything is parsed, for a message over its limit.
var ErrTooLarge = errors.New("protocol: message is larger than its limit")

// A union is a closed set of messages told apart by the member "type".
type union[M any] struct {
	limit   int
	decode  map[string]func([]byte) (int64, M, error)
	encode  map[reflect.Type]func(int64, any) ([]byte, error)
	members []member // in order, for the generator
}

type member struct {
	name string
	typ  reflect.Type
}

// wire is how a member of a union stands on the wire.
type wire[T any] struct {
	Type string `json:"type"`
	Seq  int64  `json:"seq,omitzero" is:"number"`
	Body T      `json:",embed"`
}

// add makes T, which must implement M, a member of the union under a name.
func add[T any, M any](u *union[M], name string) {
	typ := reflect.TypeFor[T]()
	u.members = append(u.members, member{name, typ})
	u.decode[name] = func(data []byte) (int64, M, error) {
		var w wire[T]
		var none M
		if err := unmarshal(data, &w); err != nil {
			return 0, none, err
		}
		if w.Seq < 0 || w.Seq > MaxInt {
			return 0, none, &FieldError{Field: "seq", Says: kinds["number"].says}
		}
		if err := Validate(w.Body); err != nil {
			return 0, none, err
		}
		return w.Seq, any(w.Body).(M), nil
	}
	u.encode[typ] = func(seq int64, body any) ([]byte, error) {
		return json.Marshal(wire[T]{Type: name, Seq: seq, Body: body.(T)}, marshalOptions)
	}
}

func newUnion[M any](limit int) *union[M] {
	return &union[M]{
		limit:  limit,
		decode: make(map[string]func([]byte) (int64, M, error)),
		encode: make(map[reflect.Type]func(int64, any) ([]byte, error)),
	}
}

func (u *union[M]) Decode(data []byte) (int64, M, error) {
	var none M
	if len(data) > u.limit {
		return 0, none, ErrTooLarge
	}
	var head struct {
		Type string `json:"type"`
	}
	if err := json.Unmarshal(data, &head); err != nil {
		return 0, none, fieldError(err)
	}
	decode, ok := u.decode[head.Type]
	if !ok {
		return 0, none, &FieldError{Field: "type", Says: "is not one that is known here"}
	}
	return decode(data)
}

func (u *union[M]) Encode(seq int64, m M) ([]byte, error) {
	encode, ok := u.encode[reflect.TypeOf(m)]
	if !ok {
		return nil, fmt.Errorf("protocol: %T is no message of this union", m)
	}
	data, err := encode(seq, m)
	if err != nil {
		return nil, fmt.Errorf("protocol: encode %T: %w", m, err)
	}
	if len(data) > u.limit {
		return nil, ErrTooLarge
	}
	return data, nil
}

var (
	clientFrames    = newUnion[ClientFrame](MaxFrame)
	serverFrames    = newUnion[ServerFrame](MaxWelcome)
	linkSignals     = newUnion[LinkSignal](MaxBox)
	controlMessages = newUnion[ControlMessage](MaxFrame)
)

func init() {
	add[Hello](clientFrames, "hello")
	add[SendSignal](clientFrames, "signal")
	add[SendBroadcast](clientFrames, "broadcast")
	add[SetPresence](clientFrames, "presence")
	add[Admit](clientFrames, "admit")
	add[Deny](clientFrames, "deny")
	add[Remove](clientFrames, "remove")
	add[Lock](clientFrames, "lock")
	add[SetRole](clientFrames, "role")
	add[Leave](clientFrames, "leave")
	add[Ping](clientFrames, "ping")
	add[Ack](clientFrames, "ack")

	add[Welcome](serverFrames, "welcome")
	add[Joined](serverFrames, "joined")
	add[Left](serverFrames, "left")
	add[Updated](serverFrames, "updated")
	add[Waiting](serverFrames, "waiting")
	add[Signal](serverFrames, "signal")
	add[Broadcast](serverFrames, "broadcast")
	add[PolicyChanged](serverFrames, "policy")
	add[Refusal](serverFrames, "problem")
	add[Bye](serverFrames, "bye")
	add[Pong](serverFrames, "pong")
	add[Ack](serverFrames, "ack")

	add[Offer](linkSignals, "offer")
	add[Answer](linkSignals, "answer")
	add[Candidates](linkSignals, "candidates")
	add[Restart](linkSignals, "restart")
	add[Close](linkSignals, "close")

	add[Views](controlMessages, "view")
	add[Slots](controlMessages, "slots")
	add[Carry](controlMessages, "envelope")
	add[HistoryRequest](controlMessages, "history_request")
	add[History](controlMessages, "history")
}

// EncodeClient puts a client's frame on the wire; a seq of 0 is left out.
func EncodeClient(seq int64, f ClientFrame) ([]byte, error) { return clientFrames.Encode(seq, f) }

// DecodeClient reads a client's frame and its sequence number, 0 when it has none.
func DecodeClient(data []byte) (int64, ClientFrame, error) { return clientFrames.Decode(data) }

// EncodeServer puts a rendezvous' frame on the wire; a seq of 0 is left out.
func EncodeServer(seq int64, f ServerFrame) ([]byte, error) { return serverFrames.Encode(seq, f) }

// DecodeServer reads a rendezvous' frame and its sequence number, 0 when it has none.
func DecodeServer(data []byte) (int64, ServerFrame, error) { return serverFrames.Decode(data) }

// EncodeLinkSignal makes the content of a box.
func EncodeLinkSignal(s LinkSignal) ([]byte, error) { return linkSignals.Encode(0, s) }

// DecodeLinkSignal reads the content of a box.
func DecodeLinkSignal(data []byte) (LinkSignal, error) {
	_, s, err := linkSignals.Decode(data)
	return s, err
}

// EncodeControl makes a message for a link's control channel.
func EncodeControl(m ControlMessage) ([]byte, error) { return controlMessages.Encode(0, m) }

// DecodeControl reads a message of a link's control channel.
func DecodeControl(data []byte) (ControlMessage, error) {
	_, m, err := controlMessages.Decode(data)
	return m, err
}

// Body is any message that is no member of a union: an HTTP body, a Beat, an
// envelope's Chat, Capacity or Directive.
type Body interface {
	CreateRequest | CreateResponse | InvitationResponse | JoinRequest | JoinResponse |
		MyMeetingsResponse | MeetingResponse | ChangeRequest | RenewRequest | RenewResponse |
		Problem | Beat | Chat | Capacity | Directive | Envelope
}

// Encode puts a body on the wire.
func Encode[T Body](body T) ([]byte, error) {
	data, err := json.Marshal(body, marshalOptions)
	if err != nil {
		return nil, fmt.Errorf("protocol: encode %T: %w", body, err)
	}
	return data, nil
}

// Decode reads a body of at most MaxBody bytes.
func Decode[T Body](data []byte) (T, error) {
	var body T
	if len(data) > MaxBody {
		return body, ErrTooLarge
	}
	if err := unmarshal(data, &body); err != nil {
		return body, err
	}
	return body, Validate(body)
}

var marshalOptions = json.JoinOptions(json.Deterministic(true), json.FormatNilSliceAsNull(false))

func unmarshal(data []byte, into any) error {
	if err := json.Unmarshal(data, into, json.RejectUnknownMembers(true)); err != nil {
		return fieldError(err)
	}
	return nil
}

// fieldError turns a decoder's error into one that names the member and says
// what is wrong with it, without repeating what was sent.
func fieldError(err error) error {
	var semantic *json.SemanticError
	var syntactic *jsontext.SyntacticError
	switch {
	case errors.As(err, &semantic):
		field := path(semantic.JSONPointer)
		switch {
		case errors.Is(err, json.ErrUnknownName):
			return &FieldError{Field: field, Says: "is not a field that is known here"}
		case semantic.GoType != nil && semantic.Err == nil:
			return &FieldError{Field: field, Says: "must be " + wanted(semantic.GoType)}
		default:
			return &FieldError{Field: field, Says: "cannot be read"}
		}
	case errors.As(err, &syntactic):
		if errors.Is(err, jsontext.ErrDuplicateName) {
			return &FieldError{Field: path(syntactic.JSONPointer), Says: "is given twice"}
		}
		return ErrSyntax
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF):
		return ErrSyntax
	default:
		return ErrSyntax
	}
}
