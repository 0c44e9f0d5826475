package protocol

import (
	"fmt"
	"reflect"
	"strings"
	"sync"
	"time"

	"github.com/parley-mesh/parley/pkg/meeting"
)

// shape is what JSON a Go type is read from.
type shape uint8

const (
	shapeUnknown shape = iota
	shapeText
	shapeInteger
	shapeBool
	shapeList
	shapeObject
	shapeTime
	shapeExpiry  // a time, or null
	shapeMeeting // a meeting ID, with or without dashes
)

// A node is the plan for values of one type under one bound.
type node struct {
	shape   shape
	typ     reflect.Type // without the pointer
	pointer bool
	kind    *Kind
	says    string
	each    *node          // of a list
	members []member       // of an object, in order
	byName  map[string]int // their indexes
}

// A member is the plan for one member of an object.
type member struct {
	*node
	name     string
	index    int // of the struct's field
	optional bool
}

// maxMembers is how many members an object can have, for presence is kept in
// the bits of one word.
const maxMembers = 64

var plans sync.Map // reflect.Type → *node; follows from the types alone, never from input

// planOf returns the plan for a message's type, which is a struct. It panics
// when the type or a tag in it is broken, which every test of it meets.
func planOf(t reflect.Type) *node {
	if p, ok := plans.Load(t); ok {
		return p.(*node)
	}
	p := newNode(t, "", "")
	plans.Store(t, p)
	return p
}

var (
	timeType    = reflect.TypeFor[time.Time]()
	expiryType  = reflect.TypeFor[Expiry]()
	meetingType = reflect.TypeFor[meeting.ID]()
)

func newNode(t reflect.Type, is, each string) *node {
	n := &node{typ: t, kind: kindOf(is)}
	if t.Kind() == reflect.Pointer {
		n.pointer, n.typ = true, t.Elem()
	}
	switch {
	case n.typ == timeType:
		n.shape, n.kind = shapeTime, kindOf("time")
	case n.typ == expiryType:
		n.shape, n.kind = shapeExpiry, kindOf("time")
	case n.typ == meetingType:
		n.shape = shapeMeeting
	case n.typ.Kind() == reflect.Struct:
		n.shape, n.says = shapeObject, "must be an object"
		n.addMembers()
	case n.typ.Kind() == reflect.Slice:
		n.shape, n.each = shapeList, newNode(n.typ.Elem(), each, "")
	case n.typ.Kind() == reflect.Bool:
		n.shape, n.says = shapeBool, "must be true or false"
	case n.typ.Kind() == reflect.String:
		n.shape = shapeText
	case n.typ.Kind() == reflect.Int, n.typ.Kind() == reflect.Int64:
		n.shape = shapeInteger
	default:
		panic(fmt.Sprintf("protocol: no message can hold a %v", t))
	}
	switch {
	case n.kind != nil:
		n.says = n.kind.Says
	case n.says == "":
		panic(fmt.Sprintf("protocol: a %v without its bound", t))
	}
	return n
}

func (n *node) addMembers() {
	n.byName = make(map[string]int)
	for i := range n.typ.NumField() {
		f := n.typ.Field(i)
		name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		if name == "" {
			panic(fmt.Sprintf("protocol: %v.%s has no name on the wire", n.typ, f.Name))
		}
		n.byName[name] = len(n.members)
		n.members = append(n.members, member{
			node: newNode(f.Type, f.Tag.Get("is"), f.Tag.Get("each")),
			name: name, index: i, optional: strings.HasPrefix(options, "omit"),
		})
	}
	if len(n.members) > maxMembers {
		panic(fmt.Sprintf("protocol: %v has too many members", n.typ))
	}
}

func kindOf(name string) *Kind {
	if name == "" {
		return nil
	}
	k, ok := kinds[name]
	if !ok {
		panic(fmt.Sprintf("protocol: no kind %q", name))
	}
	return k
}
