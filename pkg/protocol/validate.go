package protocol

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
	"sync"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
)

// ErrSyntax is returned for what is no JSON at all.
var ErrSyntax = errors.New("protocol: not valid JSON")

// FieldError tells which member of a message is wrong, and what it must be. It
// never holds the value.
type FieldError struct {
	Field string // a path, as in policy.mesh_max or roster[3].id
	Says  string // the bound, as the end of a sentence
}

func (e *FieldError) Error() string { return e.Field + " " + e.Says }

// Validate checks every bound of a message, member by member in order, and
// returns the first *FieldError.
func Validate(message any) error {
	return validateStruct("", reflect.ValueOf(message))
}

// A field is the plan for one member of a struct, made once per type.
type field struct {
	index    int
	name     string
	is, each *kind
	optional bool
}

var plans sync.Map // reflect.Type → []field; filled from the types alone, never from input

func planOf(t reflect.Type) []field {
	if p, ok := plans.Load(t); ok {
		return p.([]field)
	}
	var plan []field
	for i := range t.NumField() {
		f := t.Field(i)
		tag := f.Tag.Get("json")
		name, options, _ := strings.Cut(tag, ",")
		if !f.IsExported() || tag == "" {
			continue
		}
		plan = append(plan, field{
			index: i, name: name,
			is: kindOf(f.Tag.Get("is")), each: kindOf(f.Tag.Get("each")),
			optional: strings.Contains(options, "omitzero") || strings.Contains(options, "omitempty"),
		})
	}
	plans.Store(t, plan)
	return plan
}

func kindOf(name string) *kind {
	if name == "" {
		return nil
	}
	k, ok := kinds[name]
	if !ok {
		panic(fmt.Sprintf("protocol: no kind %q", name)) // a broken tag, met by any test of the type
	}
	return &k
}

func validateStruct(at string, v reflect.Value) error {
	for _, f := range planOf(v.Type()) {
		value := v.Field(f.index)
		if f.optional && value.IsZero() {
			continue
		}
		if err := validateValue(join(at, f.name), value, f.is, f.each); err != nil {
			return err
		}
	}
	return nil
}

var timeType = reflect.TypeFor[time.Time]()

func validateValue(at string, v reflect.Value, is, each *kind) error {
	switch v.Kind() {
	case reflect.Pointer:
		if v.IsNil() {
			return nil
		}
		return validateValue(at, v.Elem(), is, each)
	case reflect.Struct:
		if v.Type() == timeType {
			return validateTime(at, v.Interface().(time.Time))
		}
		return validateStruct(at, v)
	case reflect.Slice:
		if is != nil && (v.Len() < is.min || v.Len() > is.max) {
			return &FieldError{at, is.says}
		}
		for i := range v.Len() {
			if err := validateValue(fmt.Sprintf("%s[%d]", at, i), v.Index(i), each, nil); err != nil {
				return err
			}
		}
		return nil
	case reflect.String:
		return is.checkText(at, v.String())
	case reflect.Int, reflect.Int64:
		if is != nil && (v.Int() < int64(is.min) || v.Int() > int64(is.max)) {
			return &FieldError{at, is.says}
		}
		return nil
	default:
		return nil
	}
}

func validateTime(at string, t time.Time) error {
	if y := t.Year(); y < 2000 || y > 9999 {
		return &FieldError{at, "must be a time between the years 2000 and 9999"}
	}
	return nil
}

func (k *kind) checkText(at, s string) error {
	if k == nil {
		return nil
	}
	bad := &FieldError{at, k.says}
	if len(s) > 4*k.max || !utf8.ValidString(s) {
		return bad
	}
	if n := utf8.RuneCountInString(s); n < k.min || n > k.max {
		return bad
	}
	if k.pattern != nil && !k.pattern.MatchString(s) {
		return bad
	}
	if k.text && (strings.TrimSpace(s) != s || strings.ContainsFunc(s, unicode.IsControl)) {
		return bad
	}
	if len(k.enum) > 0 {
		for _, word := range k.enum {
			if s == word {
				return nil
			}
		}
		return bad
	}
	return nil
}

func join(at, name string) string {
	if at == "" {
		return name
	}
	return at + "." + name
}

// path tells a JSON pointer (RFC 6901) the way FieldError does.
func path(p jsontext.Pointer) string {
	out := ""
	for token := range p.Tokens() {
		if isIndex(token) {
			out += "[" + token + "]"
			continue
		}
		if len(token) > 40 {
			token = token[:40]
		}
		out = join(out, token)
	}
	if out == "" {
		return "the message"
	}
	return out
}

func isIndex(token string) bool {
	return token != "" && strings.Trim(token, "0123456789") == ""
}

// wanted names, for a person, what JSON a Go type is read from.
func wanted(t reflect.Type) string {
	switch t.Kind() {
	case reflect.String:
		return "text"
	case reflect.Bool:
		return "true or false"
	case reflect.Int, reflect.Int64:
		return "a whole number"
	case reflect.Slice:
		return "a list"
	case reflect.Struct:
		if t == timeType {
			return "a time as in 2026-11-30T18:00:00Z"
		}
		return "an object"
	default:
		return "of another type"
	}
}
