package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"

	"github.com/parley-mesh/parley/rendezvous"
)

// A natlab is an internet of network namespaces with no way out: a rendezvous at
// a public address, and two nodes at home behind routers that translate
// addresses, as Linux does (nft masquerade).
//
//	node a (192.168.1.2) — router a (5.1.0.2) — internet — router b (5.2.0.2) — node b (192.168.2.2)
//	                                               |
//	                                      rendezvous (5.9.9.9)
//
// libp2p punches holes between public addresses only; these are somebody's, whom
// no packet can reach.
type natlab struct {
	t       *testing.T
	prefix  string
	address string // of the rendezvous
}

// What a router does with the source port. A cone keeps it for all destinations
// while it is free; the other takes a new one for each.
const (
	cone      = "masquerade"
	symmetric = "masquerade random,fully-random"
)

const (
	labPublic = "5.9.9.9"
	labOffice = "192.168.7.9"
	// labRendezvous in the environment makes this test binary a rendezvous at that
	// address.
	labRendezvous = "PARLEY_TEST_RENDEZVOUS_AT"
)

func (l *natlab) url() string { return "http://" + l.address + ":8080" }

func init() {
	address := os.Getenv(labRendezvous)
	if address == "" {
		return
	}
	lab := natlab{address: address}
	ctx, stop := context.WithCancel(context.Background())
	go func() { // until the test lets go, or is gone
		_, _ = io.Copy(io.Discard, os.Stdin)
		stop()
	}()
	server, err := rendezvous.New(ctx, rendezvous.Config{
		Listen: address + ":8080", PublicURLs: []string{lab.url()}, DataDir: filepath.Join(os.Getenv("HOME"), "data"),
	})
	if err == nil {
		fmt.Println("ready")
		err = server.Run(ctx)
	}
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	os.Exit(0)
}

var labs atomic.Int32

// newLab builds the internet, or skips where that cannot be.
func newLab(t *testing.T, routerA, routerB string) *natlab {
	t.Helper()
	l := namespaces(t, "internet", "router1", "router2", "home1", "home2")
	l.address = labPublic
	l.ip("internet", "addr add "+labPublic+"/32 dev lo")
	l.forwards("internet")
	l.home(1, routerA)
	l.home(2, routerB)
	return l
}

// newOffice puts all three into one local network (192.168.7.0/24), in which there
// is nothing else, no router and no name server.
func newOffice(t *testing.T) *natlab {
	t.Helper()
	l := namespaces(t, "internet", "home1", "home2")
	l.address = labOffice
	l.ip("internet", "link add switch type bridge")
	l.ip("internet", "addr add "+labOffice+"/24 dev switch")
	l.ip("internet", "link set switch up")
	for n := 1; n <= 2; n++ {
		l.run("ip", "link", "add", fmt.Sprint("to", n), "netns", l.prefix+"internet", "type", "veth", "peer", "name", "eth0", "netns", fmt.Sprint(l.prefix, "home", n))
		l.ip("internet", fmt.Sprintf("link set to%d master switch", n))
		l.ip("internet", fmt.Sprintf("link set to%d up", n))
		l.ip(fmt.Sprint("home", n), fmt.Sprintf("addr add 192.168.7.%d/24 dev eth0", n))
		l.ip(fmt.Sprint("home", n), "link set eth0 up")
	}
	return l
}

// namespaces makes them, or skips where that cannot be.
func namespaces(t *testing.T, names ...string) *natlab {
	t.Helper()
	if os.Getuid() != 0 {
		t.Skip("network namespaces need root")
	}
	for _, tool := range []string{"ip", "nft"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skipf("%s is not installed (apt-get install iproute2 nftables)", tool)
		}
	}
	l := &natlab{t: t, prefix: fmt.Sprintf("parley-%d-%d-", os.Getpid(), labs.Add(1))}
	for _, name := range names {
		if out, err := exec.Command("ip", "netns", "add", l.prefix+name).CombinedOutput(); err != nil {
			t.Skipf("this machine makes no network namespaces: %s", bytes.TrimSpace(out))
		}
		t.Cleanup(func() { _ = exec.Command("ip", "netns", "del", l.prefix+name).Run() })
		l.ip(name, "link set lo up")
	}
	return l
}

func (l *natlab) home(n int, translate string) {
	l.t.Helper()
	router, home := fmt.Sprint("router", n), fmt.Sprint("home", n)
	l.run("ip", "link", "add", fmt.Sprint("to", n), "netns", l.prefix+"internet", "type", "veth", "peer", "name", "wan", "netns", l.prefix+router)
	l.run("ip", "link", "add", "lan", "netns", l.prefix+router, "type", "veth", "peer", "name", "eth0", "netns", l.prefix+home)
	l.ip("internet", fmt.Sprintf("addr add 5.%d.0.1/24 dev to%d", n, n))
	l.ip("internet", fmt.Sprintf("link set to%d up", n))
	l.ip(router, fmt.Sprintf("addr add 5.%d.0.2/24 dev wan", n))
	l.ip(router, "link set wan up")
	l.ip(router, fmt.Sprintf("route add default via 5.%d.0.1", n))
	l.ip(router, fmt.Sprintf("addr add 192.168.%d.1/24 dev lan", n))
	l.ip(router, "link set lan up")
	l.ip(home, fmt.Sprintf("addr add 192.168.%d.2/24 dev eth0", n))
	l.ip(home, "link set eth0 up")
	l.ip(home, fmt.Sprintf("route add default via 192.168.%d.1", n))
	l.forwards(router)
	rules := exec.Command("ip", "netns", "exec", l.prefix+router, "nft", "-f", "-")
	rules.Stdin = strings.NewReader(`
table ip nat {
	chain out { type nat hook postrouting priority srcnat; oifname "wan" ` + translate + `; }
}
table ip filter {
	chain in { type filter hook input priority filter; iifname "wan" ct state new drop; }
	chain through { type filter hook forward priority filter; iifname "wan" ct state new drop; }
}
`)
	if out, err := rules.CombinedOutput(); err != nil {
		l.t.Skipf("this machine translates no addresses: %s", bytes.TrimSpace(out))
	}
}

func (l *natlab) ip(namespace, command string) {
	l.t.Helper()
	l.run("ip", append([]string{"-n", l.prefix + namespace}, strings.Fields(command)...)...)
}

func (l *natlab) forwards(namespace string) {
	l.t.Helper()
	l.run("ip", "netns", "exec", l.prefix+namespace, "sysctl", "-qw", "net.ipv4.ip_forward=1")
}

func (l *natlab) run(name string, args ...string) {
	l.t.Helper()
	if out, err := exec.Command(name, args...).CombinedOutput(); err != nil {
		l.t.Fatalf("%s %s: %v: %s", name, strings.Join(args, " "), err, out)
	}
}

// in is this test binary as a program in a namespace.
func (l *natlab) in(namespace, program string, args ...string) *exec.Cmd {
	l.t.Helper()
	self, err := os.Executable()
	if err != nil {
		l.t.Fatal(err)
	}
	folder := l.t.TempDir()
	path := filepath.Join(folder, program) // testscript.Main knows its programs by name
	if err := os.Symlink(self, path); err != nil {
		l.t.Fatal(err)
	}
	cmd := exec.CommandContext(l.t.Context(), "ip", append([]string{"netns", "exec", l.prefix + namespace, path}, args...)...)
	cmd.Env = append(os.Environ(), "HOME="+folder, "XDG_CONFIG_HOME=", "XDG_DATA_HOME=")
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	return cmd
}

// rendezvous runs one at its public address.
func (l *natlab) rendezvous() {
	l.t.Helper()
	cmd := l.in("internet", "rendezvous")
	cmd.Env = append(cmd.Env, labRendezvous+"="+l.address)
	l.lines(cmd, func(line string) bool { return line == "ready" })
}

// lines starts a program, which ends with the test, and waits for a line.
func (l *natlab) lines(cmd *exec.Cmd, found func(string) bool) {
	l.t.Helper()
	stdin, err := cmd.StdinPipe() // kept open: the rendezvous ends with it
	if err != nil {
		l.t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		l.t.Fatal(err)
	}
	var errs bytes.Buffer
	cmd.Stderr = &errs
	if err := cmd.Start(); err != nil {
		l.t.Fatal(err)
	}
	l.t.Cleanup(func() {
		_ = stdin.Close()
		_ = cmd.Process.Signal(syscall.SIGTERM)
		_ = cmd.Wait()
	})
	scanner := bufio.NewScanner(out)
	scanner.Buffer(nil, 1<<20)
	for scanner.Scan() {
		if found(scanner.Text()) {
			go func() { _, _ = io.Copy(io.Discard, out) }()
			return
		}
	}
	l.t.Fatalf("%s said nothing of it: %s", cmd.Path, errs.Bytes())
}

// event runs a program to its end and reads one of the events that it prints.
func (l *natlab) event(cmd *exec.Cmd, name string, into any) {
	l.t.Helper()
	var errs bytes.Buffer
	cmd.Stderr = &errs
	out, err := cmd.Output()
	if err != nil {
		l.t.Fatalf("%v: %s", err, errs.Bytes())
	}
	for line := range bytes.Lines(out) {
		var head struct{ Event string }
		if json.Unmarshal(line, &head) == nil && head.Event == name {
			if err := json.Unmarshal(line, into); err != nil {
				l.t.Fatal(err)
			}
			return
		}
	}
	l.t.Fatalf("no %s in %s", name, out)
}
