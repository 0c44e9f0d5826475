package main

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/charmbracelet/x/vt"
	"github.com/google/go-cmp/cmp"
	"golang.org/x/sys/unix"

	"github.com/parley-mesh/parley/node/session"
)

// terminal is a parley-node in a terminal of its own, seen from the terminal's
// other end.
type terminal struct {
	t      *testing.T
	master *os.File
	cmd    *exec.Cmd
	before unix.Termios
	screen *vt.SafeEmulator
}

func inTerminal(t *testing.T, columns, rows int, args ...string) *terminal {
	t.Helper()
	master, err := os.OpenFile("/dev/ptmx", os.O_RDWR, 0)
	if err != nil {
		t.Skipf("no pseudo-terminals here: %v", err)
	}
	t.Cleanup(func() { _ = master.Close() })
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	n, err := unix.IoctlGetInt(int(master.Fd()), unix.TIOCGPTN)
	must(err)
	must(unix.IoctlSetPointerInt(int(master.Fd()), unix.TIOCSPTLCK, 0))
	slave, err := os.OpenFile(fmt.Sprintf("/dev/pts/%d", n), os.O_RDWR|syscall.O_NOCTTY, 0)
	must(err)
	defer slave.Close()
	self, err := os.Executable()
	must(err)
	home := t.TempDir()
	path := filepath.Join(home, "parley-node") // testscript.Main knows it by this name
	must(os.Symlink(self, path))
	cmd := exec.CommandContext(t.Context(), path, args...)
	cmd.Env = append(os.Environ(), "HOME="+home, "XDG_CONFIG_HOME=", "TERM=xterm-256color")
	cmd.Stdin, cmd.Stdout, cmd.Stderr = slave, slave, slave
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	tty := &terminal{t: t, master: master, cmd: cmd, screen: vt.NewSafeEmulator(columns, rows)}
	answers := make(chan struct{})
	go func() { // what the program asks its terminal
		defer close(answers)
		_, _ = io.Copy(master, tty.screen)
	}()
	t.Cleanup(func() {
		if asked, ok := tty.screen.InputPipe().(io.Closer); ok {
			_ = asked.Close()
		}
		<-answers
	})
	tty.resize(columns, rows)
	tty.before = tty.mode()
	must(cmd.Start())
	return tty
}

func (tty *terminal) resize(columns, rows int) {
	tty.t.Helper()
	tty.screen.Resize(columns, rows)
	size := unix.Winsize{Col: uint16(columns), Row: uint16(rows)}
	if err := unix.IoctlSetWinsize(int(tty.master.Fd()), unix.TIOCSWINSZ, &size); err != nil {
		tty.t.Fatal(err)
	}
}

func (tty *terminal) press(keys string) {
	tty.t.Helper()
	if _, err := tty.master.WriteString(keys); err != nil {
		tty.t.Fatal(err)
	}
}

// shows waits until something is on the screen.
func (tty *terminal) shows(text string) {
	tty.t.Helper()
	for !strings.Contains(tty.screen.String(), text) {
		if !tty.read() {
			tty.t.Fatalf("the terminal ended without %q:\n%s", text, tty.screen)
		}
	}
}

func (tty *terminal) read() bool {
	buf := make([]byte, 4096)
	n, err := tty.master.Read(buf) // an error when the last one has left the terminal
	if _, wrong := tty.screen.Write(buf[:n]); wrong != nil {
		tty.t.Fatal(wrong)
	}
	return err == nil
}

func (tty *terminal) mode() unix.Termios {
	tty.t.Helper()
	mode, err := unix.IoctlGetTermios(int(tty.master.Fd()), unix.TCGETS)
	if err != nil {
		tty.t.Fatal(err)
	}
	return *mode
}

// Guards against an interface that works in pictures only: keys that do not reach
// it, a window whose new size it does not hear of, and a terminal that is left
// raw, on the other screen or without its cursor.
func TestTerminal(t *testing.T) {
	t.Parallel()
	l := start(t)
	made := createIn(t, l, nil)
	bo := takePart(t, made.Invitation, 7, nil)
	next(bo, func(r session.Roster) bool { return len(r.Participants) == 1 })

	tty := inTerminal(t, 80, 24, "join", made.Invitation.String(), "--name", "Ada")
	joined := next(bo, func(j session.Joined) bool { return j.Participant.Presence.Name == "Ada" })
	if err := bo.Chat("Good day!"); err != nil {
		t.Fatal(err)
	}
	tty.shows("Good day!")
	if tty.mode() == tty.before {
		t.Error("keys are not read one by one")
	}

	tty.press("cHello there")
	tty.shows("Hello there")
	tty.press("\r")
	said := next(bo, func(c session.Chat) bool { return c.From == joined.Participant.ID })
	if said.Text != "Hello there" || said.Name != "Ada" {
		t.Errorf("said %+v", said)
	}

	tty.resize(40, 12)
	tty.shows("This window has 40 × 12 characters")
	tty.resize(200, 50)
	tty.shows("What happened")
	tty.shows("Good day!")
	tty.shows("Hello there")

	tty.press("\x1b")
	tty.shows("press c to write to everybody")
	tty.press("q")
	tty.shows("The meeting goes on without you.")
	tty.press("\r")
	if left := next[session.Left](bo, nil); left.ID != joined.Participant.ID {
		t.Errorf("left %+v", left)
	}
	for tty.read() {
	}
	if err := tty.cmd.Wait(); err != nil {
		t.Error(err)
	}
	if tty.screen.IsAltScreen() || tty.screen.CursorHidden() || !strings.Contains(tty.screen.String(), "You left “Live”.") {
		t.Errorf("the terminal is left with\n%s", tty.screen)
	}
	if diff := cmp.Diff(tty.before, tty.mode()); diff != "" {
		t.Errorf("the terminal's mode changed: %s", diff)
	}
	bo.leave()
}
