package floors

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/parley-mesh/parley"

// listed is what the checks need of a package, as go list prints it.
type listed struct {
	ImportPath   string
	Dir          string
	GoFiles      []string
	Imports      []string
	TestImports  []string
	XTestImports []string
}

// path is the package's path in the module.
func (p listed) path() string { return inModule(p.ImportPath) }

// inModule returns an import path's place in this module, or "" for foreign ones.
func inModule(importPath string) string {
	path, _ := strings.CutPrefix(importPath, module+"/")
	if path == importPath {
		return ""
	}
	return path
}

// list returns every package of the module, those that do not build as well:
// the order holds for them too, and the build says what else is wrong.
func list(t *testing.T) []listed {
	t.Helper()
	look(t)
	command := exec.CommandContext(t.Context(), "go", "list", "-e", "-json=ImportPath,Dir,GoFiles,Imports,TestImports,XTestImports", module+"/...")
	var stderr bytes.Buffer
	command.Stderr = &stderr
	out, err := command.Output()
	if err != nil {
		t.Fatalf("go list: %v\n%s", err, stderr.Bytes())
	}
	var packages []listed
	for decoder := json.NewDecoder(bytes.NewReader(out)); ; {
		var p listed
		err := decoder.Decode(&p)
		if errors.Is(err, io.EOF) {
			return packages
		}
		if err != nil {
			t.Fatalf("go list printed something else than packages: %v", err)
		}
		packages = append(packages, p)
	}
}

// foreign folders hold no Go.
var foreign = []string{"web/node_modules", "web/src", "web/dist", "bin"}

// look reads the module's folders. The test cache knows only what the test
// itself has looked at, not what go list has, and would answer from an older tree.
func look(t *testing.T) {
	t.Helper()
	tree := os.DirFS(filepath.Join("..", "..", ".."))
	err := fs.WalkDir(tree, ".", func(path string, entry fs.DirEntry, err error) error {
		if entry != nil && entry.IsDir() && path != "." && (slices.Contains(foreign, path) || strings.HasPrefix(entry.Name(), ".")) {
			return fs.SkipDir
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func under(path, folder string) bool {
	return path == folder || strings.HasPrefix(path, folder+"/")
}

func checkFloors(p listed) (broken []string) {
	floor, known := floors[p.path()]
	if !known {
		return []string{fmt.Sprintf("%s has no floor: give it one in table_test.go", p.path())}
	}
	for _, imported := range p.Imports {
		below := inModule(imported)
		if below == "" {
			continue
		}
		if height, known := floors[below]; known && height >= floor {
			broken = append(broken, fmt.Sprintf("%s (floor %d) imports %s (floor %d): imports go strictly down", p.path(), floor, below, height))
		}
	}
	return broken
}

func checkHouses(p listed) (broken []string) {
	for _, imported := range slices.Concat(p.Imports, p.TestImports, p.XTestImports) {
		for _, ban := range houses {
			if under(p.path(), ban.from) && under(inModule(imported), ban.to) {
				broken = append(broken, fmt.Sprintf("%s imports %s: %s", p.path(), inModule(imported), ban.because))
			}
		}
	}
	return broken
}

func checkLibraries(p listed) (broken []string) {
	for _, imported := range p.Imports {
		if inModule(imported) != "" || isStandard(imported) {
			continue
		}
		at := slices.IndexFunc(libraries, func(l library) bool {
			return imported == l.prefix || strings.HasPrefix(imported, strings.TrimSuffix(l.prefix, "/")+"/")
		})
		switch {
		case at < 0:
			broken = append(broken, fmt.Sprintf("%s imports %s, which has no home: give it one, with the reason, in table_test.go", p.path(), imported))
		case !slices.Contains(libraries[at].homes, p.path()):
			broken = append(broken, fmt.Sprintf("%s imports %s, whose home is %s: %s", p.path(), imported, strings.Join(libraries[at].homes, ", "), libraries[at].because))
		}
	}
	return broken
}

// isStandard tells the standard library: its first path element has no dot.
func isStandard(importPath string) bool {
	first, _, _ := strings.Cut(importPath, "/")
	return !strings.Contains(first, ".")
}

// Guards the architecture: a wrong import compiles, works, and ties two parts together for good.
func TestImportsKeepTheOrder(t *testing.T) {
	t.Parallel()
	for _, p := range list(t) {
		broken := slices.Concat(checkFloors(p), checkHouses(p), checkLibraries(p))
		for _, sentence := range broken {
			t.Error(sentence)
		}
	}
}

// Guards the checks themselves: each rule must catch what it is for.
func TestChecksSeeWhatTheyAreFor(t *testing.T) {
	t.Parallel()
	at := func(path string, imports ...string) listed {
		return listed{ImportPath: module + "/" + path, Imports: imports}
	}
	inTest := at("rendezvous/hub")
	inTest.XTestImports = []string{module + "/node/link"}

	for _, test := range []struct {
		name    string
		p       listed
		contain string
	}{
		{"no floor", at("pkg/helpers"), "has no floor"},
		{"same floor", at("pkg/elect", module+"/pkg/protocol"), "strictly down"},
		{"upwards", at("pkg/meeting", module+"/pkg/room"), "strictly down"},
		{"from pkg to a house", at("pkg/client", module+"/rendezvous/kv"), "cannot depend on one of them"},
		{"from house to house", at("node/link", module+"/rendezvous/kv"), "not to this one's insides"},
		{"from house to house in a test", inTest, "no media stack"},
		{"a library away from home", at("rendezvous/store", "github.com/dgraph-io/badger/v4"), "an engine behind kv"},
		{"a library without a home", at("pkg/room", "example.org/x"), "has no home"},
		{"a name that only begins alike", at("pkg/identity", "github.com/mr-tron/base58x"), "has no home"},
	} {
		broken := slices.Concat(checkFloors(test.p), checkHouses(test.p), checkLibraries(test.p))
		if !strings.Contains(strings.Join(broken, "\n"), test.contain) {
			t.Errorf("%s: got %q, want a sentence with %q", test.name, broken, test.contain)
		}
	}

	fine := at("rendezvous/api", "net/http", module+"/rendezvous/hub", "github.com/coder/websocket")
	if broken := slices.Concat(checkFloors(fine), checkHouses(fine), checkLibraries(fine)); broken != nil {
		t.Errorf("refused without cause: %q", broken)
	}
}
