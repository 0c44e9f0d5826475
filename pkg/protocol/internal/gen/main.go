// Command gen writes what follows from package protocol's Go types: schema.json,
// openapi.json and the tables of PROTOCOL.md beside them, and the TypeScript
// schemas in web/src/protocol/messages.gen.ts. It runs in the folder of package protocol,
// by go generate; its test fails when a file is not what it would write.
package main

import (
	"fmt"
	"os"
	"path/filepath"
)

func main() {
	files, err := generate(".")
	if err != nil {
		fmt.Fprintln(os.Stderr, "gen:", err)
		os.Exit(1)
	}
	for _, f := range files {
		if err := os.WriteFile(f.path, f.content, 0o644); err != nil {
			fmt.Fprintln(os.Stderr, "gen:", err)
			os.Exit(1)
		}
	}
}

type file struct {
	path    string
	content []byte
}

// generate returns every file, with its path, from the folder of package
// protocol.
func generate(dir string) ([]file, error) {
	m, err := newModel(dir)
	if err != nil {
		return nil, err
	}
	document := filepath.Join(dir, "PROTOCOL.md")
	told, err := reference(m, document)
	if err != nil {
		return nil, err
	}
	return []file{
		{document, told},
		{filepath.Join(dir, "schema.json"), marshal(schema(m))},
		{filepath.Join(dir, "openapi.json"), marshal(openAPI(m))},
		{filepath.Join(dir, "..", "..", "web", "src", "protocol", "messages.gen.ts"), typescript(m)},
	}, nil
}
