package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"
)

// inChromium runs a script of web/bench, which drives Chromium, and decodes what
// it prints into measured.
func inChromium(ctx context.Context, measured any, name string, args ...string) error {
	script := filepath.Join("web", "bench", name)
	if _, err := os.Stat(script); err != nil {
		return errors.New("what Chromium measures runs in the module's root, after npm ci in web/")
	}
	var out, complaints bytes.Buffer
	command := exec.CommandContext(ctx, "node", append([]string{script}, args...)...)
	command.Stdout, command.Stderr = &out, &complaints
	command.Cancel = func() error { return command.Process.Signal(syscall.SIGTERM) } // so that it ends the browser
	command.WaitDelay = 10 * time.Second
	if err := command.Run(); err != nil {
		return fmt.Errorf("%s: %w: %s", script, errors.Join(ctx.Err(), err), complaints.Bytes())
	}
	if err := json.Unmarshal(out.Bytes(), measured); err != nil {
		return fmt.Errorf("%s: %w", script, err)
	}
	return nil
}
