package floors

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// checkPureImports holds what a pure package may import: no shell of the
// standard library, and of this module only pure packages.
func checkPureImports(p listed) (broken []string) {
	for _, imported := range p.Imports {
		if because, banned := impureImports[imported]; banned {
			broken = append(broken, fmt.Sprintf("%s is pure and imports %s: %s", p.path(), imported, because))
		}
		if inside := inModule(imported); inside != "" && !slices.Contains(pure, inside) {
			broken = append(broken, fmt.Sprintf("%s is pure and imports %s, which is not", p.path(), inside))
		}
	}
	return broken
}

// checkPureSource holds what a pure package may do with what it imports.
func checkPureSource(files *token.FileSet, file *ast.File) (broken []string) {
	report := func(at token.Pos, format string, arguments ...any) {
		broken = append(broken, fmt.Sprintf("%s: %s", files.Position(at), fmt.Sprintf(format, arguments...)))
	}
	imported := localNames(file)
	ast.Inspect(file, func(node ast.Node) bool {
		switch node := node.(type) {
		case *ast.GoStmt:
			report(node.Pos(), "a pure package starts no goroutine")
		case *ast.ChanType:
			report(node.Pos(), "a pure package has no channels: nobody runs beside it")
		case *ast.SelectorExpr:
			name, ok := node.X.(*ast.Ident)
			if !ok {
				break
			}
			rule := usages[imported[name.Name]]
			if !rule.allows(node.Sel.Name) {
				report(node.Pos(), "%s.%s in a pure package: %s", name.Name, node.Sel.Name, rule.because)
			}
		}
		return true
	})
	return broken
}

// localNames maps the name under which a file knows each import to its path.
func localNames(file *ast.File) map[string]string {
	names := make(map[string]string)
	for _, spec := range file.Imports {
		path, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			continue
		}
		name := strings.TrimSuffix(path, "/v2")
		name = name[strings.LastIndexByte(name, '/')+1:]
		if spec.Name != nil {
			name = spec.Name.Name
		}
		names[name] = path
	}
	return names
}

// Guards replay: one hidden clock or dice and neither the simulator's traces
// nor the vectors that TypeScript shares mean anything.
func TestPurePackagesArePure(t *testing.T) {
	t.Parallel()
	for _, p := range list(t) {
		if !slices.Contains(pure, p.path()) {
			continue
		}
		broken := checkPureImports(p)
		files := token.NewFileSet()
		for _, name := range p.GoFiles {
			file, err := parser.ParseFile(files, filepath.Join(p.Dir, name), nil, parser.SkipObjectResolution)
			if err != nil {
				t.Fatal(err)
			}
			broken = append(broken, checkPureSource(files, file)...)
		}
		for _, sentence := range broken {
			t.Error(sentence)
		}
	}
}

// Guards the checks themselves: each rule must catch what it is for.
func TestPurityChecksSeeWhatTheyAreFor(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ source, contain string }{
		{`import "time"; var t = time.Now()`, "time is an argument"},
		{`import clock "time"; var now = clock.Now`, "time is an argument"},
		{`import "math/rand/v2"; var n = rand.IntN(3)`, "take a seed"},
		{`import "log/slog"; func f() { slog.Info("x") }`, "the caller logs"},
		{`import "net/http"; var c = http.DefaultClient`, "belong to the edge"},
		{`import "net/http"; var s = http.StatusOK`, ""},
		{`import "fmt"; func f() { fmt.Println() }`, "belong to cmd"},
		{`func f() { go f() }`, "no goroutine"},
		{`type s struct { c chan int }`, "no channels"},
		{`import "time"; import "math/rand/v2"; var d, r = time.Second, rand.New(rand.NewPCG(1, 2))`, ""},
	} {
		files := token.NewFileSet()
		file, err := parser.ParseFile(files, "x.go", "package x\n"+test.source, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		broken := strings.Join(checkPureSource(files, file), "\n")
		if test.contain == "" && broken != "" || !strings.Contains(broken, test.contain) {
			t.Errorf("%s: got %q, want a sentence with %q", test.source, broken, test.contain)
		}
	}

	p := listed{ImportPath: module + "/pkg/room", Imports: []string{"os", "strings", module + "/pkg/client", module + "/pkg/elect"}}
	if broken := checkPureImports(p); len(broken) != 2 {
		t.Errorf("got %q, want os and pkg/client refused and nothing else", broken)
	}
}
