package protocol

import (
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
	var v reflect.Value
	err = read(data, func(d *jsontext.Decoder) error {
		if err := open(d, '{', "must be an object"); err != nil {
			return err
		}
		plan, typed, err := u.planFor(d, data)
		if err != nil {
			return err
		}
		v = reflect.New(plan.typ).Elem()
		numbered := false
		return plan.readMembers(d, v, func(name string) (bool, error) {
			switch {
			case name == "type":
				if typed {
					return true, wrong(saysTwice)
				}
				typed = true
				return true, d.SkipValue()
			case name == "seq" && u.sequenced:
				if numbered {
					return true, wrong(saysTwice)
				}
				numbered = true
				return true, seqPlan.readValue(d, reflect.ValueOf(&seq).Elem())
			}
			return false, nil
		})
	})
	if err != nil {
		return 0, none, err
	}
	return seq, v.Interface().(M), nil
}

var seqPlan = newNode(reflect.TypeFor[int64](), "number", "")

// planFor finds the message's type: most often it is the first member, which is
// then read (typed); else it is looked for and left to be read in its turn.
func (u *union[M]) planFor(d *jsontext.Decoder, data []byte) (plan *node, typed bool, err error) {
	const begins = `"type"`
	name, found := "", false
	if rest := data[d.InputOffset():]; len(rest) > len(begins) && string(rest[:len(begins)]) == begins {
		if _, err := d.ReadValue(); err != nil {
			return nil, false, err
		}
		typed = true
		if name, err = typeText(d); err != nil {
			return nil, false, err
		}
		found = true
	} else if name, found, err = findType(data); err != nil {
		return nil, false, err
	}
	if !found {
		return nil, false, &FieldError{"type", "is required"}
	}
	plan, ok := u.plans[name]
	if !ok {
		return nil, false, &FieldError{"type", saysType}
	}
	return plan, typed, nil
}

func typeText(d *jsontext.Decoder) (string, error) {
	raw, err := readScalar(d, '"', saysType)
	if err != nil {
		return "", under("type", err)
	}
	if len(raw) > 64 {
		return "", &FieldError{"type", saysType}
	}
	return unquote(raw), nil
}

// findType looks for an object's member "type" anywhere in it.
func findType(data []byte) (name string, found bool, err error) {
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
				if name, err = typeText(d); err != nil {
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
	return name, found, err
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
