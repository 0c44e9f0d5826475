package protocol

import (
	"bytes"
	"errors"
	"reflect"
	"strconv"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/parley-mesh/parley/pkg/meeting"
)

// This file reads JSON into messages by their plans. encoding/json, in either
// version, cannot tell an absent member from its zero value, checks a bound
// only after it has allocated for what exceeds it, and names no member for most
// errors; here each of the three is part of what a message means.

// reading drives a decoder of package json, for its pool and its check that
// nothing follows the message.
type reading func(*jsontext.Decoder) error

// UnmarshalJSONFrom implements [json.UnmarshalerFrom].
func (r *reading) UnmarshalJSONFrom(d *jsontext.Decoder) error { return (*r)(d) }

// read runs r over one JSON text and returns a *FieldError or ErrSyntax.
func read(data []byte, r reading) error {
	// A repeated name is found by the plan, which knows every name allowed.
	err := json.Unmarshal(data, &r, jsontext.AllowDuplicateNames(true))
	if err == nil {
		return nil
	}
	var field *FieldError
	if errors.As(err, &field) {
		return field
	}
	return ErrSyntax
}

// readMessage reads a whole message of the type that plan is for into v.
func readMessage(data []byte, plan *node, v reflect.Value) error {
	return read(data, func(d *jsontext.Decoder) error { return plan.readValue(d, v) })
}

func (n *node) readValue(d *jsontext.Decoder, v reflect.Value) error {
	if n.pointer {
		v.Set(reflect.New(n.typ))
		v = v.Elem()
	}
	switch n.shape {
	case shapeObject:
		return n.readObject(d, v)
	case shapeList:
		return n.readList(d, v)
	case shapeInteger:
		return n.readInteger(d, v)
	case shapeBool:
		return n.readBool(d, v)
	case shapeExpiry:
		if d.PeekKind() == 'n' {
			v.Set(reflect.ValueOf(Expiry{Set: true}))
			return d.SkipValue()
		}
	}
	s, err := n.readText(d)
	if err != nil {
		return err
	}
	switch n.shape {
	case shapeMeeting:
		id, err := meeting.ParseID(s)
		if err != nil {
			return wrong(n.says)
		}
		v.SetString(string(id))
	case shapeTime, shapeExpiry:
		t, ok := parseTime(s)
		if !ok {
			return wrong(n.says)
		}
		if n.shape == shapeExpiry {
			v.Set(reflect.ValueOf(Expiry{Set: true, At: &t}))
		} else {
			v.Set(reflect.ValueOf(t))
		}
	default:
		v.SetString(s)
	}
	return nil
}

func (n *node) readObject(d *jsontext.Decoder, v reflect.Value) error {
	if err := open(d, '{', n.says); err != nil {
		return err
	}
	return n.readMembers(d, v, nil)
}

// open reads the beginning of an object or a list.
func open(d *jsontext.Decoder, kind jsontext.Kind, says string) error {
	switch d.PeekKind() {
	case kind:
		_, err := d.ReadToken()
		return err
	case jsontext.KindInvalid:
		return broken(d)
	default:
		return wrong(says)
	}
}

// broken returns the syntax error that a decoder has stopped at.
func broken(d *jsontext.Decoder) error {
	_, err := d.ReadToken()
	return err
}

// takes reads the value of a member that no plan knows, if it wants to.
type takes func(d *jsontext.Decoder, name string) (bool, error)

// readMembers reads what follows an object's opening brace.
func (n *node) readMembers(d *jsontext.Decoder, v reflect.Value, other takes) error {
	var seen uint64
	for d.PeekKind() == '"' {
		raw, err := d.ReadValue()
		if err != nil {
			return err
		}
		i, ok := n.find(raw)
		if !ok {
			if err := refuseUnless(other, d, unquote(raw)); err != nil {
				return err
			}
			continue
		}
		m := &n.members[i]
		if seen&(1<<i) != 0 {
			return &FieldError{m.name, saysTwice}
		}
		seen |= 1 << i
		if err := m.readValue(d, v.Field(m.index)); err != nil {
			return under(m.name, err)
		}
	}
	if _, err := d.ReadToken(); err != nil { // the closing brace
		return err
	}
	for i := range n.members {
		if m := &n.members[i]; seen&(1<<i) == 0 && !m.optional {
			return &FieldError{m.name, "is required and " + m.says}
		}
	}
	return n.rules(v)
}

func refuseUnless(taken takes, d *jsontext.Decoder, name string) error {
	if taken == nil {
		return unknown(name)
	}
	ok, err := taken(d, name)
	switch {
	case err != nil:
		return under(name, err)
	case !ok:
		return unknown(name)
	}
	return nil
}

const saysTwice = "is given twice"

// find returns the index of the member that a name in quotes stands for.
func (n *node) find(raw []byte) (int, bool) {
	if bytes.IndexByte(raw, '\\') < 0 {
		i, ok := n.byName[string(raw[1:len(raw)-1])]
		return i, ok
	}
	i, ok := n.byName[unquote(raw)]
	return i, ok
}

func (n *node) readList(d *jsontext.Decoder, v reflect.Value) error {
	if err := open(d, '[', n.says); err != nil {
		return err
	}
	v.Set(reflect.MakeSlice(n.typ, 0, 0))
	for i := 0; ; i++ {
		switch d.PeekKind() {
		case ']':
			if i < n.kind.Min {
				return wrong(n.says)
			}
			_, err := d.ReadToken()
			return err
		case jsontext.KindInvalid:
			return broken(d)
		}
		if i == n.kind.Max {
			return wrong(n.says)
		}
		v.Grow(1)
		v.SetLen(i + 1)
		if err := n.each.readValue(d, v.Index(i)); err != nil {
			return underIndex(i, err)
		}
	}
}

func (n *node) readText(d *jsontext.Decoder) (string, error) {
	raw, err := readScalar(d, '"', n.says)
	if err != nil {
		return "", err
	}
	// An escaped character takes at most twelve bytes, as a pair of surrogates;
	// in longer texts of passwords several become one.
	if len(raw)-2 > 3*n.kind.maxBytes() {
		return "", wrong(n.says)
	}
	s := unquote(raw)
	if n.kind.Form != FormTime && !n.kind.allows(s) {
		return "", wrong(n.says)
	}
	return s, nil
}

func (n *node) readInteger(d *jsontext.Decoder, v reflect.Value) error {
	raw, err := readScalar(d, '0', n.says)
	if err != nil {
		return err
	}
	i, ok := parseInteger(raw)
	if !ok || i < int64(n.kind.Min) || i > int64(n.kind.Max) {
		return wrong(n.says)
	}
	v.SetInt(i)
	return nil
}

func (n *node) readBool(d *jsontext.Decoder, v reflect.Value) error {
	kind := d.PeekKind()
	if kind != 't' && kind != 'f' {
		if kind == jsontext.KindInvalid {
			return broken(d)
		}
		return wrong(n.says)
	}
	v.SetBool(kind == 't')
	return d.SkipValue()
}

// readScalar returns a string or number as it was sent, valid until the next
// read. A value of another kind is not read at all.
func readScalar(d *jsontext.Decoder, kind jsontext.Kind, says string) ([]byte, error) {
	if k := d.PeekKind(); k != kind && k != jsontext.KindInvalid {
		return nil, wrong(says)
	}
	return d.ReadValue()
}

func unquote(raw []byte) string {
	if bytes.IndexByte(raw, '\\') < 0 {
		return string(raw[1 : len(raw)-1])
	}
	text, _ := jsontext.AppendUnquote(nil, raw) // raw came from a decoder that checked it
	return string(text)
}

// parseInteger judges a number by its value as TypeScript does, to whom 1, 1.0
// and 1e0 are the same: as a double, in which whole numbers to MaxInt are exact.
func parseInteger(raw []byte) (int64, bool) {
	if i, err := strconv.ParseInt(string(raw), 10, 64); err == nil {
		return i, i >= -MaxInt && i <= MaxInt
	}
	f, err := strconv.ParseFloat(string(raw), 64)
	if err != nil || f < -MaxInt || f > MaxInt || f != float64(int64(f)) {
		return 0, false
	}
	return int64(f), true
}

// timePattern is RFC 3339 in UTC with at most nanoseconds.
const timePattern = `^[2-9][0-9]{3}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,9})?Z$`

func parseTime(s string) (time.Time, bool) {
	// time.Parse takes a comma for the fraction's dot, and any length of it.
	if len(s) < len("2006-01-02T15:04:05Z") || len(s) > len("2006-01-02T15:04:05.999999999Z") ||
		s[len(s)-1] != 'Z' || len(s) > 20 && (len(s) == 21 || s[19] != '.') {
		return time.Time{}, false
	}
	t, err := time.Parse(time.RFC3339Nano, s)
	return t, err == nil && t.Year() >= 2000
}
