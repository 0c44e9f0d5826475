package main

import (
	"bytes"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/parley-mesh/parley/pkg/protocol"
)

var dir = filepath.Join("..", "..")

// Guards against a Go type that was changed without go generate.
func TestFresh(t *testing.T) {
	t.Parallel()
	files, err := generate(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		have, err := os.ReadFile(f.path)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(have, f.content) {
			t.Errorf("%s is not what its sources make: run go generate ./pkg/protocol", f.path)
		}
	}
}

// Every reference leads somewhere, in both documents.
func TestReferencesResolve(t *testing.T) {
	t.Parallel()
	m, err := newModel(dir)
	if err != nil {
		t.Fatal(err)
	}
	whole := schema(m)
	check(t, whole, "#/$defs/", whole["$defs"].(node))
	api := openAPI(m)
	check(t, api, components, api["components"].(node)["schemas"].(node))
}

func check(t *testing.T, n any, base string, defined node) {
	switch n := n.(type) {
	case node:
		for key, value := range n {
			if to, ok := value.(string); ok && key == "$ref" && defined[strings.TrimPrefix(to, base)] == nil {
				t.Errorf("%s is not defined", to)
			}
			check(t, value, base, defined)
		}
	case []any:
		for _, value := range n {
			check(t, value, base, defined)
		}
	}
}

// Whoever reads the schema sees no Go code: each message says what it is for.
func TestEverythingIsTold(t *testing.T) {
	t.Parallel()
	m, err := newModel(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, o := range m.objects {
		if o.doc == "" {
			t.Errorf("%s has no doc comment", o.name)
		}
	}
}

// A route's bodies are messages that exist.
func TestRoutesNameBodies(t *testing.T) {
	t.Parallel()
	bodies := make(map[string]reflect.Type)
	for _, b := range protocol.Everything().Bodies {
		bodies[b.Name] = b.Type
	}
	for _, r := range routes {
		for _, name := range []string{r.request, r.answer} {
			if name != "" && bodies[name] == nil {
				t.Errorf("%s %s: no body is called %s", r.method, r.path, name)
			}
		}
	}
}
