package protocol

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

var update = flag.Bool("update", false, "write the shared vectors anew")

// vector is a good message and what makes a bad one of it.
type vector struct {
	Of      string          `json:"of"`
	Means   json.RawMessage `json:"means"`
	Refused []mutation      `json:"refused,omitempty"`
}

// Guards against Go and TypeScript drifting apart, and against a bound that
// nobody checks: the web client's tests replay the same file.
func TestMessageVectors(t *testing.T) {
	t.Parallel()
	var want []vector
	bounded := make(map[*Kind]bool)
	for _, e := range examples() {
		v := vector{Of: e.name(), Means: e.encode(t), Refused: e.also}
		v.Refused = append(v.Refused, mutations(planOf(reflect.TypeOf(e.value)), v.Means, e, bounded)...)
		want = append(want, v)
	}
	checkFile(t, "messages.json", want)

	for _, v := range want {
		_, value, err := decodeAny(v.Of, v.Means)
		if err != nil {
			t.Errorf("%s %s: %v", v.Of, v.Means, err)
			continue
		}
		if err := Validate(value); err != nil {
			t.Errorf("%s %s: decoded but not valid: %v", v.Of, v.Means, err)
		}
		for _, m := range v.Refused {
			bad := m.apply(t, v.Means)
			_, _, err := decodeAny(v.Of, bad)
			var field *FieldError
			if !errors.As(err, &field) || field.Field != m.Field || field.Says != m.Says {
				t.Errorf("%s %s\n got %v\nwant %s %s", v.Of, bad, err, m.Field, m.Says)
			}
		}
	}
}

// mutations makes every bad message that a plan's own bounds tell of: each
// member absent, null, and once for each kind too small, too large or else.
func mutations(plan *node, good []byte, e example, bounded map[*Kind]bool) []mutation {
	skip := make(map[string]bool)
	for _, m := range e.also {
		skip[m.Drop] = true
	}
	out := []mutation{{Set: "nonsense", To: 1, Field: "nonsense", Says: "is not a field that is known here"}}
	if e.of != "" {
		out = append(out,
			mutation{Drop: "type", Field: "type", Says: "is required"},
			mutation{Set: "type", To: "nonsense", Field: "type", Says: saysType})
	}
	if e.seq != 0 {
		out = append(out, mutation{Set: "seq", To: -1, Field: "seq", Says: kinds["number"].Says})
	}
	var tree any
	if err := json.Unmarshal(good, &tree); err != nil {
		panic(err)
	}
	walk(plan, tree, "", bounded, func(m mutation) {
		if m.Drop == "" || !skip[m.Drop] {
			out = append(out, m)
		}
	})
	return out
}

func walk(plan *node, tree any, at string, bounded map[*Kind]bool, yield func(mutation)) {
	members, ok := tree.(map[string]any)
	if !ok {
		return
	}
	for i := range plan.members {
		m := &plan.members[i]
		value, given := members[m.name]
		if !given {
			continue
		}
		path := strings.TrimPrefix(at+"."+m.name, ".")
		if !m.optional {
			yield(mutation{Drop: path, Field: path, Says: "is required and " + m.says})
		}
		if m.shape != shapeExpiry {
			yield(mutation{Set: path, Field: path, Says: m.says})
		}
		if m.kind != nil && !bounded[m.kind] {
			bounded[m.kind] = true
			for _, bad := range outside(m.kind) {
				yield(mutation{Set: path, To: bad, Field: path, Says: m.says})
			}
		}
		switch m.shape {
		case shapeObject:
			walk(m.node, value, path, bounded, yield)
			yield(mutation{Set: path + ".nonsense", To: 1, Field: path + ".nonsense", Says: "is not a field that is known here"})
		case shapeList:
			if entries := value.([]any); len(entries) > 0 {
				if m.kind.Max <= maxEntries {
					yield(mutation{Set: path, To: slices.Repeat(entries[:1], m.kind.Max+1), Field: path, Says: m.says})
				}
				yield(mutation{Set: path + "[0]", Field: path + "[0]", Says: m.each.says})
				walk(m.each, entries[0], path+"[0]", bounded, yield)
			}
		}
	}
}

// These keep the file readable: what is longer is bounded by the same code.
const (
	maxVector  = 400 // characters
	maxEntries = 20
)

// outside returns values that a kind just does not allow.
func outside(k *Kind) []any {
	var out []any
	switch k.Form {
	case FormInteger:
		return []any{k.Min - 1, k.Max + 1, float64(k.Min) + 0.5, "1", true}
	case FormItems:
		if k.Min > 0 {
			out = append(out, []any{})
		}
		return append(out, map[string]any{})
	case FormWord:
		return []any{"nonsense", "", strings.ToUpper(k.Words[0]), 1}
	case FormTime:
		return []any{
			"2026-11-30", "2026-11-30T18:00:00", "2026-11-30T18:00:00+00:00", "2026-02-30T18:00:00Z", "2026-11-30T24:00:00Z", "2026-11-30T18:60:00Z",
			"2026-11-30T18:00:60Z", "1999-12-31T23:59:59Z", "2026-11-30t18:00:00z", "2026-11-30T18:00:00.Z", "2026-11-30T18:00:00,5Z", "2026-11-30T18:00:00.1234567890Z", 1,
		}
	case FormShaped, FormPeer:
		out = append(out, strings.Repeat("!", k.Min), strings.Repeat("a", k.Max+1), "")
		if k.Min == k.Max { // bits left over in the last character
			out = append(out, strings.Repeat("A", k.Min-1)+"B")
		}
	case FormText, FormPassword:
		out = append(out, " padded", "padded\u00a0", "con\u0000trol", "con\u0085trol", "line\nline")
	}
	if k.Form == FormPeer {
		out = append(out, "12D3KooW"+strings.Repeat("z", 44), "12D3KooW"+strings.Repeat("1", 44), strings.Replace(string(anna), "w", "0", 1))
	}
	if k.Min > 0 && k.Form != FormShaped && k.Form != FormPeer {
		out = append(out, strings.Repeat("é", k.Min-1))
	}
	if k.Max <= maxVector && k.Form != FormShaped && k.Form != FormPeer {
		out = append(out, strings.Repeat("a", k.Max+1), strings.Repeat("🎉", k.Max+1))
	}
	return append(out, 1)
}

// apply returns a message with the mutation made.
func (m mutation) apply(t testing.TB, good []byte) []byte {
	t.Helper()
	path := m.Set + m.Drop
	steps := strings.FieldsFunc(path, func(r rune) bool { return strings.ContainsRune(".[]", r) })
	d := json.NewDecoder(bytes.NewReader(good))
	d.UseNumber()
	var tree any
	if err := d.Decode(&tree); err != nil {
		t.Fatal(err)
	}
	holder := tree
	for i, step := range steps {
		last := i == len(steps)-1
		switch h := holder.(type) {
		case map[string]any:
			switch {
			case last && m.Drop != "":
				delete(h, step)
			case last:
				h[step] = m.To
			}
			holder = h[step]
		case []any:
			n, err := strconv.Atoi(step)
			if err != nil || n >= len(h) {
				t.Fatalf("no %s in %s", path, good)
			}
			if last {
				h[n] = m.To
			}
			holder = h[n]
		}
	}
	out, err := json.Marshal(tree)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// textVector is a text as it may come, and what it means or why it is refused.
type textVector struct {
	Of    string          `json:"of"`
	Wire  string          `json:"wire"`
	Pad   int             `json:"pad,omitempty"` // spaces after it, to this many bytes
	Means json.RawMessage `json:"means,omitempty"`
	Field *string         `json:"field,omitempty"` // of what is refused; "" for the message itself
	Why   string          `json:"why"`
}

// Guards against what parsers of JSON disagree on: whatever one language takes,
// the other takes for the same.
func TestTextVectors(t *testing.T) {
	t.Parallel()
	var vectors []textVector
	readFile(t, "texts.json", &vectors)
	for _, v := range vectors {
		wire := v.Wire + strings.Repeat(" ", max(0, v.Pad-len(v.Wire)))
		seq, got, err := decodeAny(v.Of, []byte(wire))
		if v.Field != nil {
			field := ""
			var wrong *FieldError
			if errors.As(err, &wrong) {
				field = wrong.Field
			}
			if err == nil || field != *v.Field {
				t.Errorf("%s (%s): %v, want field %q", v.Wire, v.Why, err, *v.Field)
			}
			continue
		}
		wantSeq, want, wantErr := decodeAny(v.Of, v.Means)
		if err != nil || wantErr != nil || seq != wantSeq {
			t.Errorf("%s (%s): %d, %v; means %d, %v", v.Wire, v.Why, seq, err, wantSeq, wantErr)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (%s):\n%s", v.Wire, v.Why, diff)
		}
	}
}

// What is decoded, encoded and decoded again is the same.
func TestRoundTrip(t *testing.T) {
	t.Parallel()
	for _, e := range examples() {
		seq, value, err := decodeAny(e.name(), e.encode(t))
		if err != nil || seq != e.seq {
			t.Errorf("%s: seq %d, %v", e.name(), seq, err)
			continue
		}
		if diff := cmp.Diff(e.value, value, cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("%s:\n%s", e.name(), diff)
		}
	}
}

func readFile(t testing.TB, name string, into any) {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", "vectors", name))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(data, into); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
}

// checkFile compares a file of vectors with what the code makes, one a line.
func checkFile[T any](t *testing.T, name string, vectors []T) {
	t.Helper()
	var b bytes.Buffer
	for i, v := range vectors {
		e := bytes.Buffer{}
		enc := json.NewEncoder(&e)
		enc.SetEscapeHTML(false)
		if err := enc.Encode(v); err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&b, "%s%s", map[bool]string{true: "[\n", false: ",\n"}[i == 0], bytes.TrimSpace(e.Bytes()))
	}
	b.WriteString("\n]\n")
	path := filepath.Join("testdata", "vectors", name)
	if *update {
		if err := os.WriteFile(path, b.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	have, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(strings.Split(b.String(), "\n"), strings.Split(string(have), "\n")); diff != "" {
		t.Errorf("%s is not what the code makes; go test -update writes it (-code +file):\n%s", name, diff)
	}
}
