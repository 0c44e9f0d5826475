package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/alecthomas/kong"
)

const maxConfig = 1 << 20

// fileValues are flags by name, as the file of --config gives them.
type fileValues map[string]json.RawMessage

// readFlags reads the file of --config for kong.
func readFlags(r io.Reader) (kong.Resolver, error) {
	data, err := io.ReadAll(io.LimitReader(r, maxConfig+1))
	if err != nil {
		return nil, fmt.Errorf("--config: %w", err)
	}
	if len(data) > maxConfig {
		return nil, errors.New("--config: the file is larger than 1 MiB")
	}
	var values fileValues
	if err := json.Unmarshal(data, &values); err != nil {
		return nil, fmt.Errorf("--config: the file is no JSON object: %w", err)
	}
	return values, nil
}

// Validate refuses keys that are no flag, so that a misspelt one is not
// silently without effect.
func (v fileValues) Validate(app *kong.Application) error {
	var known []string
	for _, node := range append(app.Leaves(true), app.Node) {
		for _, flag := range node.Flags {
			known = append(known, flag.Name)
		}
	}
	for name := range v {
		if !slices.Contains(known, name) || name == "config" || name == "help" {
			return fmt.Errorf("--config: %q is not the name of a flag", name)
		}
	}
	return nil
}

// Resolve gives a flag its value: text, a number, true or false, or a list of
// text. The environment comes before the file.
func (v fileValues) Resolve(_ *kong.Context, _ *kong.Path, flag *kong.Flag) (any, error) {
	raw, given := v[flag.Name]
	if !given {
		return nil, nil
	}
	for _, name := range flag.Envs {
		if _, set := os.LookupEnv(name); set {
			return nil, nil
		}
	}
	var list []string
	if json.Unmarshal(raw, &list) == nil {
		return strings.Join(list, ","), nil
	}
	var value any
	if err := json.Unmarshal(raw, &value); err != nil {
		return nil, err
	}
	switch value.(type) {
	case string, bool, float64:
		return value, nil
	}
	return nil, fmt.Errorf("--config: %s must be text, a number, true or false, or a list of text", flag.Name)
}
