package protocol

import (
	"reflect"
	"time"
)

// Validate checks every bound of a message, member by member in order, and
// returns the first *FieldError. A member that is left out on the wire when it
// is zero may be zero.
func Validate(message any) error {
	v := reflect.ValueOf(message)
	if v.Kind() == reflect.Pointer {
		v = v.Elem()
	}
	return planOf(v.Type()).validate(v)
}

func (n *node) validate(v reflect.Value) error {
	if n.pointer {
		if v.IsNil() {
			return wrong("is required and " + n.says)
		}
		v = v.Elem()
	}
	switch n.shape {
	case shapeObject:
		return n.validateMembers(v)
	case shapeList:
		if v.Len() < n.kind.Min || v.Len() > n.kind.Max {
			return wrong(n.says)
		}
		for i := range v.Len() {
			if err := n.each.validate(v.Index(i)); err != nil {
				return underIndex(i, err)
			}
		}
	case shapeText, shapeMeeting:
		if !n.kind.allows(v.String()) {
			return wrong(n.says)
		}
	case shapeInteger:
		if v.Int() < int64(n.kind.Min) || v.Int() > int64(n.kind.Max) {
			return wrong(n.says)
		}
	case shapeTime:
		if !validTime(v.Interface().(time.Time)) {
			return wrong(n.says)
		}
	case shapeExpiry:
		if at := v.Interface().(Expiry).At; at != nil && !validTime(*at) {
			return wrong(n.says)
		}
	}
	return nil
}

func (n *node) validateMembers(v reflect.Value) error {
	for i := range n.members {
		m := &n.members[i]
		value := v.Field(m.index)
		if m.optional && value.IsZero() {
			continue
		}
		if err := m.validate(value); err != nil {
			return under(m.name, err)
		}
	}
	return n.rules(v)
}

func validTime(t time.Time) bool {
	y := t.UTC().Year()
	return y >= 2000 && y <= 9999
}

// A ruled message has bounds that concern several of its members. What its
// rules return is a *FieldError with a path from the message, or nil.
type ruled interface{ rules() error }

var ruledType = reflect.TypeFor[ruled]()

func (n *node) rules(v reflect.Value) error {
	if !n.typ.Implements(ruledType) {
		return nil
	}
	return v.Interface().(ruled).rules()
}
