package store

import (
	"bufio"
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	mathrand "math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/parley-mesh/parley/pkg/meeting"
	"github.com/parley-mesh/parley/rendezvous/kv/badgerkv"
)

const crashDir = "PARLEY_TEST_CRASH_DIR"

func TestMain(m *testing.M) {
	if dir := os.Getenv(crashDir); dir != "" {
		fmt.Fprintln(os.Stderr, createUntilKilled(dir))
		os.Exit(1)
	}
	os.Exit(m.Run())
}

// acknowledged is a meeting that somebody was told to exist.
type acknowledged struct {
	ID       meeting.ID
	Password string
	Token    string
}

// createUntilKilled creates as fast as the cores can hash and prints each meeting when it is acknowledged.
func createUntilKilled(dir string) error {
	keys, err := OpenKeys(filepath.Join(dir, "keys"), filepath.Join(dir, "db"), rand.Reader)
	if err != nil {
		return err
	}
	engine, err := badgerkv.Open(badgerkv.Config{Dir: filepath.Join(dir, "db"), Key: keys.Database})
	if err != nil {
		return err
	}
	s, err := New(Config{KV: engine, Pepper: keys.Pepper, Rand: rand.Reader})
	if err != nil {
		return err
	}
	var mu sync.Mutex
	failed := make(chan error)
	for range 4 * runtime.GOMAXPROCS(0) {
		go func() {
			for {
				record, credentials, err := s.Create(context.Background(), Draft{Title: "crash", Host: peer(1)})
				if err == nil {
					mu.Lock()
					err = json.NewEncoder(os.Stdout).Encode(acknowledged{record.ID, credentials.Password, credentials.Token.Reveal()})
					mu.Unlock()
				}
				if err != nil {
					failed <- err
					return
				}
			}
		}()
	}
	return <-failed
}

// Whatever moment a process is killed in while it creates, five times over on one folder: every meeting that was
// acknowledged can be joined after, by password and by invitation, and is among its host's.
func TestKilledWhileCreating(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "data")
	var all []acknowledged
	for range 5 { // what one kill lost, no later start could bring back: looking once is enough
		all = append(all, killAfter(t, dir, 5+mathrand.IntN(20))...)
	}
	keys, err := OpenKeys(filepath.Join(dir, "keys"), filepath.Join(dir, "db"), nil)
	if err != nil {
		t.Fatal(err)
	}
	engine, err := badgerkv.Open(badgerkv.Config{Dir: filepath.Join(dir, "db"), Key: keys.Database})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := engine.Close(); err != nil {
			t.Error(err)
		}
	})
	wantAll(t, newStore(t, engine, func(c *Config) { c.Pepper = keys.Pepper }), all)
	t.Logf("%d acknowledged meetings after five kills", len(all))
}

// killAfter kills a creating process when it has acknowledged enough, and returns all that it has.
func killAfter(t *testing.T, dir string, enough int) (seen []acknowledged) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	child := exec.CommandContext(ctx, os.Args[0])
	child.Env = append(os.Environ(), crashDir+"="+dir)
	var stderr strings.Builder
	child.Stderr = &stderr
	stdout, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	for lines := bufio.NewScanner(stdout); lines.Scan(); {
		var one acknowledged
		if json.Unmarshal(lines.Bytes(), &one) != nil {
			continue // cut in half by the kill: nobody read it
		}
		if seen = append(seen, one); len(seen) == enough {
			if err := child.Process.Kill(); err != nil {
				t.Fatal(err)
			}
		}
	}
	_ = child.Wait()
	if len(seen) < enough {
		t.Fatalf("the process ended by itself: %s", stderr.String())
	}
	return seen
}

func wantAll(t *testing.T, s *Store, all []acknowledged) {
	t.Helper()
	listed := map[meeting.ID]bool{}
	for cursor := ""; ; {
		page, next, err := s.ListByHost(t.Context(), peer(1), cursor, MaxPage)
		if err != nil {
			t.Fatal(err)
		}
		for _, record := range page {
			listed[record.ID] = true
		}
		if cursor = next; cursor == "" {
			break
		}
	}
	var wg sync.WaitGroup
	for _, one := range all {
		if !listed[one.ID] {
			t.Errorf("%v is not among its host's", one.ID)
		}
		wg.Go(func() {
			if _, err := s.AuthoriseByPassword(t.Context(), one.ID, one.Password); err != nil {
				t.Errorf("%v by password: %v", one.ID, err)
			}
			token, err := meeting.ParseToken(one.Token)
			if err != nil {
				t.Error(err)
				return
			}
			if _, password, err := s.Preview(t.Context(), token); err != nil || password != one.Password {
				t.Errorf("%v by invitation: %v", one.ID, err)
			}
		})
	}
	wg.Wait()
}
