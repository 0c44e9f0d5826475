package protocol

import (
	"bytes"
	"fmt"
	"reflect"
	"strconv"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// A union is a closed set of messages told apart by the member "type".
type union[M any] struct {
	limit     int
	sequenced bool // the member "seq" is allowed
	names     map[reflect.Type]string
	plans     map[string]*node
	members   []Message // in order
}

// newUnion makes a union of messages, given by name.
func newUnion[M any](limit int, sequenced bool, members ...Message) *union[M] {
	u := &union[M]{
		limit: limit, sequenced: sequenced, members: members,
		names: make(map[reflect.Type]string), plans: make(map[string]*node),
	}
	for _, m := range members {
		u.names[m.Type] = m.Name
		u.plans[m.Name] = planOf(m.Type)
	}
	return u
}

// is names a member of a union.
func is[T any](name string) Message { return Message{Name: name, Type: reflect.TypeFor[T]()} }

const saysType = "is not one that is known here"

func (u *union[M]) Decode(data []byte) (seq int64, message M, err error) {
	var none M
	if len(data) > u.limit {
		return 0, none, ErrTooLarge
	}
	h := head{sequenced: u.sequenced}
	var v reflect.Value
	err = read(data, func(d *jsontext.Decoder) error {
		if err := open(d, '{', "must be an object"); err != nil {
			return err
		}
		if err := h.read(d, data); err != nil {
			return err
		}
		plan, ok := u.plans[h.name]
		if !ok {
			return &FieldError{"type", saysType}
		}
		v = reflect.New(plan.typ).Elem()
		return plan.readMembers(d, v, h.take)
	})
	if err != nil {
		return 0, none, err
	}
	return h.seq, v.Interface().(M), nil
}

// head is what every message of a union has beside its own members.
type head struct {
	name      string
	seq       int64
	sequenced bool // seq is allowed
	typed     bool // type was read
	numbered  bool // seq was read
}

// read finds the message's type before anything else is read. Most often it is
// the first member, or follows seq; both are then read. Else it is looked for
// in all of data, and left to be taken in its turn.
func (h *head) read(d *jsontext.Decoder, data []byte) error {
	if h.sequenced && follows(d, data, `"seq"`) {
		if err := h.readFirst(d); err != nil {
			return err
		}
	}
	if follows(d, data, `"type"`) {
		return h.readFirst(d)
	}
	found, err := h.find(data)
	if err == nil && !found {
		return &FieldError{"type", "is required"}
	}
	return err
}

// follows tells whether the next member, written plainly, has a name. The
// decoder's offset stands behind the last token, before white space or a comma.
func follows(d *jsontext.Decoder, data []byte, quoted string) bool {
	rest := data[d.InputOffset():]
	if len(rest) > 0 && rest[0] == ',' {
		rest = rest[1:]
	}
	return bytes.HasPrefix(rest, []byte(quoted))
}

func (h *head) readFirst(d *jsontext.Decoder) error {
	raw, err := d.ReadValue()
	if err != nil {
		return err
	}
	name := unquote(raw)
	if name == "type" {
		h.typed = true
		return h.readType(d)
	}
	_, err = h.take(d, name)
	return under(name, err)
}

// take reads a member that is none of the message's own.
func (h *head) take(d *jsontext.Decoder, name string) (bool, error) {
	switch {
	case name == "type":
		if h.typed {
			return true, wrong(saysTwice)
		}
		h.typed = true
		return true, d.SkipValue()
	case name == "seq" && h.sequenced:
		if h.numbered {
			return true, wrong(saysTwice)
		}
		h.numbered = true
		return true, seqPlan.readValue(d, reflect.ValueOf(&h.seq).Elem())
	}
	return false, nil
}

var seqPlan = newNode(reflect.TypeFor[int64](), "number", "")

// maxType is more than any type's name takes, in quotes and with escapes.
const maxType = 256

func (h *head) readType(d *jsontext.Decoder) error {
	raw, err := readScalar(d, '"', saysType)
	if err != nil {
		return under("type", err)
	}
	if len(raw) > maxType {
		return &FieldError{"type", saysType}
	}
	h.name = unquote(raw)
	return nil
}

// find looks for the type anywhere in the message.
func (h *head) find(data []byte) (found bool, err error) {
	err = read(data, func(d *jsontext.Decoder) error {
		if _, err := d.ReadToken(); err != nil { // the brace, seen before
			return err
		}
		for d.PeekKind() == '"' {
			raw, err := d.ReadValue()
			if err != nil {
				return err
			}
			if !found && unquote(raw) == "type" {
				if err := h.readType(d); err != nil {
					return err
				}
				found = true
				continue
			}
			if err := d.SkipValue(); err != nil {
				return err
			}
		}
		_, err := d.ReadToken()
		return err
	})
	return found, err
}

func (u *union[M]) Encode(seq int64, m M) ([]byte, error) {
	name, ok := u.names[reflect.TypeOf(m)]
	if !ok {
		return nil, fmt.Errorf("protocol: %T is no message of this union", m)
	}
	head := append([]byte(`{"type":"`), name...)
	head = append(head, '"')
	if seq != 0 {
		head = append(head, `,"seq":`...)
		head = strconv.AppendInt(head, seq, 10)
	}
	body, err := encode(m)
	if err != nil {
		return nil, err
	}
	if len(body) > len("{}") {
		head = append(head, ',')
	}
	data := append(head, body[1:]...)
	if len(data) > u.limit {
		return nil, ErrTooLarge
	}
	return data, nil
}

// encode writes a message as it stands, and times in UTC.
func encode(m any) ([]byte, error) {
	data, err := json.Marshal(m, marshalOptions)
	if err != nil {
		return nil, fmt.Errorf("protocol: encode %T: %w", m, err)
	}
	return data, nil
}

var marshalOptions = json.WithMarshalers(json.MarshalToFunc(func(e *jsontext.Encoder, t time.Time) error {
	return e.WriteToken(jsontext.String(t.UTC().Format(time.RFC3339Nano)))
}))
