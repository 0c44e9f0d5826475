package web_test

import (
	"io/fs"
	"regexp"
	"strings"
	"testing"

	"github.com/parley-mesh/parley/web"
)

var (
	named    = regexp.MustCompile(`\s(?:src|href)="([^"]+)"`)
	imported = regexp.MustCompile(`["'](?:\.|/assets)/([\w-]+-[\w-]{8}\.(?:js|css))["']`)
)

func read(t *testing.T, name string) string {
	t.Helper()
	content, err := fs.ReadFile(web.Files(), name)
	if err != nil {
		t.Fatalf("the embedded client lacks %s: %v", name, err)
	}
	if len(content) == 0 {
		t.Fatalf("%s is empty", name)
	}
	return string(content)
}

// Guards against a build committed in part: the page would load and stay blank.
func TestEverythingThePageNamesIsEmbedded(t *testing.T) {
	t.Parallel()
	names := named.FindAllStringSubmatch(read(t, "index.html"), -1)
	scripts := 0
	for _, match := range names {
		path, ok := strings.CutPrefix(match[1], "/")
		if !ok {
			t.Errorf("index.html names %q: only this origin's files may be loaded", match[1])
			continue
		}
		read(t, path)
		if strings.HasSuffix(path, ".js") {
			scripts++
		}
	}
	if scripts == 0 {
		t.Error("index.html names no script")
	}
}

// Guards the parts that are loaded later: a chunk that is missing breaks one page only.
func TestEveryChunkThatAScriptImportsIsEmbedded(t *testing.T) {
	t.Parallel()
	files, err := fs.Glob(web.Files(), "assets/*.js")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		for _, match := range imported.FindAllStringSubmatch(read(t, file), -1) {
			read(t, "assets/"+match[1])
		}
	}
}
