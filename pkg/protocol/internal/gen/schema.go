package main

import (
	"bytes"
	"encoding/json"

	"github.com/parley-mesh/parley/pkg/protocol"
)

// node is a JSON object; encoding/json writes its members in order of name.
type node = map[string]any

func marshal(v any) []byte {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(v); err != nil {
		panic(err) // made of maps, lists, text and numbers alone
	}
	return b.Bytes()
}

// schema is the JSON Schema (2020-12) of every message.
func schema(m *model) node {
	return node{
		"$schema":     "https://json-schema.org/draft/2020-12/schema",
		"$id":         "urn:parley:protocol:1",
		"title":       "Parley protocol 1",
		"description": "Every message on every wire. Lengths are in characters (Unicode code points). What a schema cannot say stands in PROTOCOL.md.",
		"$defs":       definitions(m, "#/$defs/"),
	}
}

// definitions returns the schema of each kind, object and union by its name;
// they refer to each other with base before the name.
func definitions(m *model, base string) node {
	out := make(node)
	for _, k := range m.kinds {
		out["is-"+k.name] = kindSchema(k.Kind)
	}
	for _, o := range m.objects {
		out[o.name] = objectSchema(o, base)
	}
	for _, u := range m.unions {
		var members []any
		for _, o := range u.members {
			members = append(members, ref(base, o.name))
		}
		out[u.Name] = described(node{"oneOf": members}, u.doc)
	}
	return out
}

func ref(base, name string) node { return node{"$ref": base + name} }

func described(n node, doc string) node {
	if doc != "" {
		n["description"] = doc
	}
	return n
}

func kindSchema(k protocol.Kind) node {
	n := node{"description": k.Says}
	switch k.Form {
	case protocol.FormInteger:
		n["type"], n["minimum"], n["maximum"] = "integer", k.Min, k.Max
		return n
	case protocol.FormItems:
		n["type"], n["minItems"], n["maxItems"] = "array", k.Min, k.Max
		return n
	case protocol.FormWord:
		n["type"], n["enum"] = "string", k.Words
		return n
	case protocol.FormTime:
		n["format"] = "date-time"
	}
	n["type"], n["minLength"], n["maxLength"] = "string", k.Min, k.Max
	switch {
	case k.Pattern != "":
		n["pattern"] = k.Pattern
	case k.Form == protocol.FormText:
		n["pattern"] = `^[^\s\p{Cc}](?:[^\p{Cc}]*[^\s\p{Cc}])?$`
	case k.Form == protocol.FormPassword:
		n["maxLength"] = 4 * k.Max // before it is normalized
		n["pattern"] = `^[^\s\p{Cc}](?:[^\p{Cc}]*[^\s\p{Cc}])?$`
	}
	return n
}

func objectSchema(o *object, base string) node {
	properties, required := make(node), []string{}
	if o.tag != "" {
		properties["type"] = node{"const": o.tag}
		required = append(required, "type")
	}
	if o.sequenced {
		properties["seq"] = ref(base, "is-number")
	}
	for _, p := range o.props {
		properties[p.name] = described(typSchema(p.typ, base), p.doc)
		if !p.optional {
			required = append(required, p.name)
		}
	}
	return described(node{
		"type": "object", "properties": properties, "required": required, "additionalProperties": false,
	}, o.doc)
}

func typSchema(t typ, base string) node {
	switch {
	case t.list != nil:
		n := ref(base, "is-"+t.kind)
		n["items"] = typSchema(*t.list, base)
		return n
	case t.object != nil:
		return ref(base, t.object.name)
	case t.truth:
		return node{"type": "boolean"}
	case t.null:
		return node{"anyOf": []any{ref(base, "is-"+t.kind), node{"type": "null"}}}
	default:
		return ref(base, "is-"+t.kind)
	}
}
