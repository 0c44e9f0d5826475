package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/parley-mesh/parley/node/record"
)

// sealedEnd is how sealed files' names end.
const sealedEnd = ".age"

type unseal struct {
	What       string `arg:"" name:"file|dir" help:"A sealed file, or a folder of them."`
	Passphrase string `name:"passphrase-file" required:"" help:"The file with the passphrase." placeholder:"FILE"`
	Out        string `help:"The file, or for a folder the folder, to write to. Default: beside the sealed one, without .age." placeholder:"PATH"`
}

var (
	errNothingSealed = errors.New("there is no sealed file in this folder")
	errSealedName    = errors.New("the file's name does not end in .age: say with --out where to write to")
)

// Run opens sealed recordings. Nothing that exists is overwritten.
func (cmd *unseal) Run(ctx context.Context, out *printer) error {
	passphrase, err := readPassphrase(cmd.Passphrase)
	if err != nil {
		return err
	}
	info, err := os.Stat(cmd.What)
	if err != nil {
		return fmt.Errorf("unseal: %w", err)
	}
	if !info.IsDir() {
		to := cmd.Out
		if to == "" {
			name, ok := strings.CutSuffix(cmd.What, sealedEnd)
			if !ok {
				return fmt.Errorf("unseal %s: %w", cmd.What, errSealedName)
			}
			to = name
		}
		return unsealTo(ctx, out, cmd.What, to, passphrase)
	}
	return cmd.folder(ctx, out, passphrase)
}

func (cmd *unseal) folder(ctx context.Context, out *printer, passphrase []byte) error {
	entries, err := os.ReadDir(cmd.What)
	if err != nil {
		return fmt.Errorf("unseal: %w", err)
	}
	to := cmd.Out
	if to == "" {
		to = cmd.What
	}
	if err := os.MkdirAll(to, 0o700); err != nil {
		return fmt.Errorf("unseal: %w", err)
	}
	found := false
	for _, entry := range entries {
		name, ok := strings.CutSuffix(entry.Name(), sealedEnd)
		if !ok || !entry.Type().IsRegular() || name == "" {
			continue
		}
		found = true
		if err := unsealTo(ctx, out, filepath.Join(cmd.What, entry.Name()), filepath.Join(to, name), passphrase); err != nil {
			return err
		}
	}
	if !found {
		return fmt.Errorf("unseal %s: %w", cmd.What, errNothingSealed)
	}
	return nil
}

// unsealTo writes a file whole or not at all.
func unsealTo(ctx context.Context, out *printer, from, to string, passphrase []byte) (err error) {
	defer func() {
		if err != nil {
			err = fmt.Errorf("unseal %s: %w", from, err)
		}
	}()
	sealed, err := os.Open(from)
	if err != nil {
		return err
	}
	defer sealed.Close()
	if _, err := os.Lstat(to); !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%s: %w", to, fs.ErrExist)
	}
	f, err := os.CreateTemp(filepath.Dir(to), ".unseal-*") // mode 0600
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	complete, err := record.Unseal(ctx, sealed, f, passphrase)
	if err := errors.Join(err, f.Close()); err != nil {
		return err
	}
	if err := os.Link(f.Name(), to); err != nil { // unlike a rename, never over another file
		return err
	}
	return out.unsealed(from, to, complete)
}

func (p *printer) unsealed(from, to string, complete bool) error {
	if p.json {
		return p.event("unsealed", struct {
			File     string `json:"file"`
			Out      string `json:"out"`
			Complete bool   `json:"complete"`
		}{from, to, complete})
	}
	note := ""
	if !complete {
		note = " (the sealed file ends early; this is all that it holds)"
	}
	_, err := fmt.Fprintf(p.w, "%s  →  %s%s\n", from, to, note)
	return err
}
