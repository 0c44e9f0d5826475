package main

import (
	"maps"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/parley-mesh/parley/pkg/protocol"
)

// model is the protocol as the writers of files see it.
type model struct {
	limits  []limit
	kinds   []kind
	objects []*object // a nested object stands before what holds it
	unions  []union
	bodies  []*object
}

type kind struct {
	name string
	protocol.Kind
}

type object struct {
	name, doc string
	props     []prop
	limit     int    // bytes on the wire; 0 for what is no message of its own
	tag       string // its member "type", when it is a member of a union
	sequenced bool
}

type prop struct {
	name, doc string
	optional  bool
	typ       typ
}

// typ is the type of a property: exactly one of kind alone, object, list (with
// kind) and truth; a moment that may be null is kind "time" with null.
type typ struct {
	kind   string
	object *object
	list   *typ
	truth  bool
	null   bool
}

type union struct {
	protocol.Union
	doc     string
	members []*object
}

type builder struct {
	*model
	docs docs
	made map[reflect.Type]*object
}

func newModel(dir string) (*model, error) {
	b := builder{model: new(model), docs: make(docs), made: make(map[reflect.Type]*object)}
	for _, folder := range []string{filepath.Join(dir, "..", "meeting"), dir} {
		if err := b.docs.read(folder); err != nil {
			return nil, err
		}
	}
	limits, err := readLimits(filepath.Join(dir, "limits.go"))
	if err != nil {
		return nil, err
	}
	b.limits = limits

	all := protocol.Everything()
	for _, name := range slices.Sorted(maps.Keys(all.Kinds)) {
		b.kinds = append(b.kinds, kind{name, all.Kinds[name]})
	}
	for _, u := range all.Unions {
		made := union{Union: u, doc: b.docs[u.Name]}
		for _, m := range u.Messages {
			o := b.object(m.Type)
			o.tag, o.sequenced, o.limit = m.Name, u.Sequenced, u.Limit
			made.members = append(made.members, o)
		}
		b.unions = append(b.unions, made)
	}
	for _, m := range all.Bodies {
		o := b.object(m.Type)
		o.limit = m.Limit
		b.bodies = append(b.bodies, o)
	}
	return b.model, nil
}

func (b *builder) object(t reflect.Type) *object {
	if o, ok := b.made[t]; ok {
		return o
	}
	o := &object{name: t.Name(), doc: b.docs[t.Name()]}
	b.made[t] = o
	for i := range t.NumField() {
		f := t.Field(i)
		name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		o.props = append(o.props, prop{
			name: name, doc: b.docs[t.Name()+"."+f.Name],
			optional: strings.HasPrefix(options, "omit"),
			typ:      b.typ(f.Type, f.Tag.Get("is"), f.Tag.Get("each")),
		})
	}
	b.objects = append(b.objects, o)
	return o
}

func (b *builder) typ(t reflect.Type, is, each string) typ {
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	switch {
	case t == reflect.TypeFor[time.Time]():
		return typ{kind: "time"}
	case t == reflect.TypeFor[protocol.Expiry]():
		return typ{kind: "time", null: true}
	case t.Kind() == reflect.Struct:
		return typ{object: b.object(t)}
	case t.Kind() == reflect.Slice:
		inner := b.typ(t.Elem(), each, "")
		return typ{kind: is, list: &inner}
	case t.Kind() == reflect.Bool:
		return typ{truth: true}
	default:
		return typ{kind: is}
	}
}
