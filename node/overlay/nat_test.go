package overlay

import (
	"context"
	"net"
	"net/netip"
	"testing"

	message "github.com/pion/stun/v3"

	"github.com/parley-mesh/parley/pkg/identity"
)

// stunServer answers binding requests with what a NAT would show it.
func stunServer(t *testing.T, seen func(real netip.AddrPort) netip.AddrPort, other func() netip.AddrPort) netip.AddrPort {
	t.Helper()
	conn, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	go func() {
		buffer := make([]byte, 1500)
		for {
			n, from, err := conn.ReadFromUDPAddrPort(buffer)
			if err != nil {
				return
			}
			request := &message.Message{Raw: buffer[:n]}
			mapped := seen(from)
			if request.Decode() != nil || !mapped.IsValid() {
				continue
			}
			second := other()
			answer := message.MustBuild(request, message.BindingSuccess,
				&message.XORMappedAddress{IP: mapped.Addr().AsSlice(), Port: int(mapped.Port())},
				&message.OtherAddress{IP: second.Addr().AsSlice(), Port: int(second.Port())})
			for _, junk := range [][]byte{{0}, request.Raw, answer.Raw, answer.Raw} { // once too often as well
				_, _ = conn.WriteToUDPAddrPort(junk, from)
			}
		}
	}()
	return conn.LocalAddr().(*net.UDPAddr).AddrPort()
}

// Guards the telling of NATs apart, on which it depends what people are told.
func TestNATKinds(t *testing.T) {
	t.Parallel()
	as := func(text string) func(netip.AddrPort) netip.AddrPort {
		return func(netip.AddrPort) netip.AddrPort { return netip.MustParseAddrPort(text) }
	}
	silent := func(netip.AddrPort) netip.AddrPort { return netip.AddrPort{} }
	self := func(real netip.AddrPort) netip.AddrPort { return real }
	for name, test := range map[string]struct {
		first, second func(netip.AddrPort) netip.AddrPort
		want          NAT
	}{
		"none":         {self, self, NATNone},
		"cone":         {as("5.1.0.2:1000"), as("5.1.0.2:1000"), NATCone},
		"symmetric":    {as("5.1.0.2:1000"), as("5.1.0.2:1001"), NATSymmetric},
		"two ways out": {as("5.1.0.2:1000"), as("5.2.0.2:1000"), NATSymmetric},
		"one answers":  {as("5.1.0.2:1000"), silent, NATUnknown},
		"none answers": {silent, silent, NATUnknown},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o, err := New(Config{Identity: identity.FromSeed([32]byte{1}), Listen: netip.MustParseAddrPort("127.0.0.1:0")})
			if err != nil {
				t.Fatal(err)
			}
			defer o.Close()
			second := stunServer(t, test.second, func() netip.AddrPort { return netip.AddrPortFrom(netip.IPv4Unspecified(), 0) })
			first := stunServer(t, test.first, func() netip.AddrPort { return second })
			got, seen := o.natKind(t.Context(), first)
			if got != test.want || seen != test.first(o.listening()[0]) && test.want != NATNone {
				t.Errorf("%v, seen at %v; want %v", got, seen, test.want)
			}
		})
	}
}

// Guards against waiting for an answer that is not asked for any more.
func TestNATUnknownWhenCancelled(t *testing.T) {
	t.Parallel()
	o, err := New(Config{Identity: identity.FromSeed([32]byte{1}), Listen: netip.MustParseAddrPort("127.0.0.1:0")})
	if err != nil {
		t.Fatal(err)
	}
	defer o.Close()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if got, _ := o.natKind(ctx, netip.MustParseAddrPort("127.0.0.1:9")); got != NATUnknown {
		t.Errorf("got %v", got)
	}
	if got, _ := o.natKind(ctx, netip.MustParseAddrPort("[::1]:9")); got != NATUnknown {
		t.Errorf("of a family that is not spoken: %v", got)
	}
}
