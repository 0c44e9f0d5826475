package main

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/hex"
	"net/http"
	"net/http/httputil"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/coder/websocket"

	"github.com/parley-mesh/parley/node/session"
	"github.com/parley-mesh/parley/pkg/meeting"
	"github.com/parley-mesh/parley/pkg/protocol"
)

// ears hear everything that goes to a rendezvous and comes from it.
type ears struct {
	url string

	mu    sync.Mutex
	heard bytes.Buffer
}

func (e *ears) hear(data []byte) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.heard.Write(data)
	e.heard.WriteByte('\n')
}

func (e *ears) String() string {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.heard.String()
}

// overhear runs a rendezvous whose public URL leads past ears.
func overhear(t *testing.T) *ears {
	t.Helper()
	e := new(ears)
	e.url = standBefore(t, func(r *http.Request) {
		dump, err := httputil.DumpRequest(r, true)
		if err != nil {
			t.Error(err)
		}
		e.hear(dump)
	}, func(r *http.Response) error {
		dump, err := httputil.DumpResponse(r, true)
		e.hear(dump)
		return err
	}, e.signal)
	return e
}

// signal hands messages on, unmasked and whole, both ways.
func (e *ears) signal(ctx context.Context, near, far *websocket.Conn) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var both sync.WaitGroup
	for from, to := range map[*websocket.Conn]*websocket.Conn{near: far, far: near} {
		both.Go(func() {
			defer cancel()
			for {
				kind, data, err := from.Read(ctx)
				if err != nil {
					return
				}
				e.hear(data)
				if to.Write(ctx, kind, data) != nil {
					return
				}
			}
		})
	}
	both.Wait()
}

// Guards the secret: whatever a stay says to the server, to its log and to who
// reads its output, the invitation's secret is not in it, in no form that it could
// slip out in. The output of create alone has it, once.
func TestSecretIsNowhere(t *testing.T) {
	t.Parallel()
	e := overhear(t)
	var out, errs bytes.Buffer
	key := filepath.Join(t.TempDir(), "key")
	if code := run(t.Context(), []string{"create", "Quiet", "--json", "--rendezvous", e.url, "--identity", key}, new(bytes.Buffer), &out, &errs); code != exitDone {
		t.Fatalf("exit code %d: %s", code, errs.String())
	}
	_, link, _ := strings.Cut(out.String(), `"invitation_link":"`)
	link, _, _ = strings.Cut(link, `"`)
	inv, err := meeting.ParseInvitation(link)
	if err != nil || inv.Secret == nil {
		t.Fatalf("%q: %v", link, err)
	}
	host := begin(t, "join", link, "--json", "--name", "Host", "--identity", key)
	var printed []string
	host.event("roster", func(e map[string]any) bool {
		printed = append(printed, host.lines.Text())
		return e["safety"] != nil
	})
	guest := takePart(t, inv, 7, nil)
	next(guest, func(e session.Roster) bool { return len(e.Participants) == 2 && e.Safety.Digits != "" })
	host.event("roster", func(e map[string]any) bool {
		printed = append(printed, host.lines.Text())
		people := e["participants"].([]any)
		for _, p := range people {
			if p := p.(map[string]any); p["via"] != "invitation" {
				t.Errorf("%s came by %v", p["id"], p["via"])
			}
		}
		safety := e["safety"].(map[string]any)
		return len(people) == 2 && len(safety["words"].([]any)) == 6 && len(safety["digits"].(string)) == 6
	})
	if err := guest.Chat("Nobody else reads this."); err != nil {
		t.Fatal(err)
	}
	host.event("chat", nil)
	guest.leave()
	if code := host.end(); code != exitDone {
		t.Errorf("exit code %d: %s", code, host.errs)
	}
	// A secret that is broken is not repeated either.
	var broken bytes.Buffer
	if code := run(t.Context(), []string{"join", link + "x", "--json", "--identity", key}, new(bytes.Buffer), &broken, &broken); code == exitDone {
		t.Error("a broken secret opens the door")
	}
	secret := inv.Secret.Bytes()
	for form, text := range map[string]string{
		"as in the link": inv.Secret.Reveal(), "plain": string(secret[:]), "in hexadecimal": hex.EncodeToString(secret[:]),
		"in base64": base64.StdEncoding.EncodeToString(secret[:]),
	} {
		for where, said := range map[string]string{
			"what the server hears": e.String(), "the events": strings.Join(printed, "\n"), "the log": host.errs.String(),
			"the log of create": errs.String(), "an error": broken.String(),
		} {
			if strings.Contains(said, text) {
				t.Errorf("the secret is in %s, %s", where, form)
			}
		}
	}
	if strings.Contains(e.String(), "Nobody else reads this.") {
		t.Error("the server reads the chat")
	}
	if !strings.Contains(e.String(), `"proof"`) {
		t.Error("the ears heard no card: they hear nothing")
	}
	if n := strings.Count(out.String(), inv.Secret.Reveal()); n != 1 {
		t.Errorf("create prints the secret %d times", n)
	}
}

// Guards against a participant who is taken for invited without the secret, with
// another one, or because the rendezvous said so.
func TestWhoIsByPassword(t *testing.T) {
	t.Parallel()
	l := start(t)
	made := createIn(t, l, nil)
	host := takePart(t, made.Invitation, 1, nil)
	bare, wrong := made.Invitation, made.Invitation
	bare.Secret = nil
	other := made.Invitation.Secret.Bytes()
	other[31] ^= 1
	secret, err := meeting.ParseSecret(base64.RawURLEncoding.EncodeToString(other[:]))
	if err != nil {
		t.Fatal(err)
	}
	wrong.Secret = &secret
	without := takePart(t, bare, 2, nil)
	another := takePart(t, wrong, 3, nil)
	byPassword := begin(t, "join", made.MeetingID.String(), "--password", made.Password, "--rendezvous", l.url, "--json")
	invited := takePart(t, made.Invitation, 4, nil)
	want := map[any]protocol.Via{
		host.ID(): protocol.ViaInvitation, invited.ID(): protocol.ViaInvitation, without.ID(): protocol.ViaPassword, another.ID(): protocol.ViaPassword,
	}
	next(host, func(e session.Roster) bool {
		for _, p := range e.Participants {
			via, known := want[p.ID]
			if !known {
				via = protocol.ViaPassword
			}
			if p.Via != via {
				t.Errorf("%s came by %s", p.Presence.Name, p.Via)
			}
		}
		return len(e.Participants) == 5
	})
	for _, m := range []*member{invited, another, without, host} {
		m.leave()
	}
	if code := byPassword.end(); code != exitDone {
		t.Errorf("exit code %d: %s", code, byPassword.errs)
	}
}
