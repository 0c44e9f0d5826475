package link

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"net"
	"net/netip"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// localPort is a port on the loopback, and what reads it plainly.
func localPort(t testing.TB) *net.UDPConn {
	t.Helper()
	conn, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return conn
}

func openMux(t testing.TB) *portMux {
	t.Helper()
	m := newPortMux(localPort(t), func(uint16) []net.Addr { return nil })
	t.Cleanup(func() { _ = m.Close() })
	return m
}

func rtpOf(seq uint16, marker bool, size int) []byte {
	b := make([]byte, size)
	b[0], b[1] = 0x80, 96
	if marker {
		b[1] |= 0x80
	}
	binary.BigEndian.PutUint16(b[2:], seq)
	return b
}

// Bursts are an affair of the system call: each packet arrives as it was
// written, in its place.
func TestBurstsKeepTheirOrder(t *testing.T) {
	t.Parallel()
	for _, offloaded := range []bool{true, false} {
		t.Run(fmt.Sprint("offloaded ", offloaded), func(t *testing.T) {
			t.Parallel()
			m := openMux(t)
			if !offloaded {
				m.socket.offload = offload{}
			}
			peer := localPort(t)
			handle, err := m.GetConn("user", m.socket.conn.LocalAddr())
			if err != nil {
				t.Fatal(err)
			}
			var want [][]byte
			write := func(b []byte) {
				want = append(want, b)
				if _, err := handle.WriteTo(b, peer.LocalAddr()); err != nil {
					t.Fatal(err)
				}
			}
			for seq := range uint16(40) { // full bursts
				write(rtpOf(seq, false, 1000))
			}
			write(rtpOf(40, false, 900))              // a shorter one ends a burst
			write(rtpOf(41, false, 1100))             // a longer one begins another
			write([]byte{22, 254, 253, 0, 0, 0, 0})   // DTLS goes at once, after what waits
			write(rtpOf(42, true, 1100))              // the marker ends it
			write(append([]byte{0x80, 201}, "rr"...)) // RTCP
			write(rtpOf(43, false, 1100))             // and this waits for the timer
			buffer := make([]byte, 2048)
			for i, w := range want {
				_ = peer.SetReadDeadline(time.Now().Add(20 * time.Second))
				n, err := peer.Read(buffer)
				if err != nil {
					t.Fatalf("packet %d: %v", i, err)
				}
				if !bytes.Equal(w, buffer[:n]) {
					t.Fatalf("packet %d came as another, of %d bytes", i, n)
				}
			}
		})
	}
}

// What comes together is taken apart again.
func TestReceivedBurstsAreTakenApart(t *testing.T) {
	t.Parallel()
	from, to := openMux(t), openMux(t)
	sending, err := from.GetConn("a", from.socket.conn.LocalAddr())
	if err != nil {
		t.Fatal(err)
	}
	handle, err := to.GetConn("b", to.socket.conn.LocalAddr())
	if err != nil {
		t.Fatal(err)
	}
	receiving := handle.(*pathHandle)
	if _, err := receiving.WriteTo([]byte{22}, from.socket.conn.LocalAddr()); err != nil { // claims the source
		t.Fatal(err)
	}
	var want, got []uint16
	for seq := range uint16(12) {
		want = append(want, seq)
		if _, err := sending.WriteTo(rtpOf(seq, seq%4 == 3, 1000), to.socket.conn.LocalAddr()); err != nil {
			t.Fatal(err)
		}
	}
	buffer := make([]byte, 2048)
	for range want {
		n, _, err := receiving.ReadFromAddrPort(buffer)
		if err != nil || n != 1000 {
			t.Fatal(n, err)
		}
		got = append(got, binary.BigEndian.Uint16(buffer[2:]))
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func stunFor(user string) []byte {
	padded := (len(user) + 3) &^ 3
	b := make([]byte, 24+padded)
	binary.BigEndian.PutUint16(b, 1)
	binary.BigEndian.PutUint16(b[2:], uint16(4+padded))
	binary.BigEndian.PutUint32(b[4:], 0x2112a442)
	binary.BigEndian.PutUint16(b[20:], 6)
	binary.BigEndian.PutUint16(b[22:], uint16(len(user)))
	copy(b[24:], user)
	return b
}

// A participant that names another's address as its own candidate must not get
// the other's traffic, nor keep it from coming.
func TestNobodyTakesAnothersAddress(t *testing.T) {
	t.Parallel()
	m := openMux(t)
	victim := netip.MustParseAddrPort("192.0.2.1:5000")
	path := func(user string) *path {
		h, err := m.GetConn(user, m.socket.conn.LocalAddr())
		if err != nil {
			t.Fatal(err)
		}
		return h.(*pathHandle).path
	}
	thief, honest, late := path("thief"), path("honest"), path("late")
	m.claim(thief, victim, false) // it was written to, as a candidate
	if got := m.pathOf(victim, rtpOf(1, false, 20)); got != thief {
		t.Fatal("the first does not have it")
	}
	if got := m.pathOf(victim, stunFor("honest:peer")); got != honest {
		t.Fatal("a request does not go to whom it names")
	}
	if got := m.pathOf(victim, rtpOf(1, false, 20)); got != honest {
		t.Fatal("who spoke from there does not have it")
	}
	m.claim(thief, victim, false)
	m.claim(late, victim, true)
	if got := m.pathOf(victim, rtpOf(1, false, 20)); got != honest {
		t.Fatal("it was taken away")
	}
	if got := m.pathOf(victim, stunFor("nobody:x")); got != nil {
		t.Fatal("a request for nobody is somebody's")
	}
	m.RemoveConnByUfrag("honest")
	if got := m.pathOf(victim, rtpOf(1, false, 20)); got != nil {
		t.Fatal("a path that is gone still has it")
	}
	for range 2 * maxSources {
		victim = netip.AddrPortFrom(victim.Addr().Next(), 5000)
		m.claim(thief, victim, false)
	}
	if len(thief.sources) > maxSources {
		t.Errorf("it has %d addresses", len(thief.sources))
	}
}

// A peer that sends faster than it is read loses what it sends, and nothing grows.
func TestQueueIsBounded(t *testing.T) {
	t.Parallel()
	m := openMux(t)
	h, err := m.GetConn("user", m.socket.conn.LocalAddr())
	if err != nil {
		t.Fatal(err)
	}
	p := h.(*pathHandle).path
	for range 3 * maxWaiting {
		p.deliver([]byte("x"), netip.AddrPort{})
	}
	p.deliver(make([]byte, maxDatagram+1), netip.AddrPort{})
	if p.checks.count != maxWaiting {
		t.Errorf("%d wait", p.checks.count)
	}
}

func FuzzSTUNUser(f *testing.F) {
	f.Add(stunFor("honest:peer"))
	f.Fuzz(func(t *testing.T, b []byte) {
		if user, ok := stunUser(b); ok && len(user) > len(b) {
			t.Error("there is more in it than came")
		}
	})
}
