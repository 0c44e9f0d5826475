package relay

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	ma "github.com/multiformats/go-multiaddr"
)

// Guards nodes from addresses that lead nowhere, and the operator from telling
// everybody about the machine's other networks.
func TestAnnounce(t *testing.T) {
	t.Parallel()
	own := []string{
		"/ip4/127.0.0.1/udp/8081/quic-v1", "/ip4/10.0.0.7/udp/8081/quic-v1", "/ip4/10.0.0.7/tcp/8081", "/ip4/172.17.0.1/tcp/8081", "/ip6/::1/tcp/8081",
	}
	for name, test := range map[string]struct{ names, own, want []string }{
		"by name": {[]string{"meet.example.com"}, own, []string{"/dns/meet.example.com/udp/8081/quic-v1", "/dns/meet.example.com/tcp/8081"}},
		"by IP":   {[]string{"192.0.2.1", "2001:db8::1"}, own[2:3], []string{"/ip4/192.0.2.1/tcp/8081", "/ip6/2001:db8::1/tcp/8081"}},
		"no name": {nil, own, own[1:4]},
		"itself":  {[]string{"meet.example.com"}, own[:1], own[:1]},
		"circuit": {nil, []string{"/ip4/10.0.0.7/tcp/8081/p2p/12D3KooWD3eckifWpRn9wQpMG9R9hX3sD158z7EqHWmweQAJU5SA/p2p-circuit"}, nil},
	} {
		var addresses []ma.Multiaddr
		for _, text := range test.own {
			addresses = append(addresses, ma.StringCast(text))
		}
		var got []string
		for _, address := range announce(test.names)(addresses) {
			got = append(got, address.String())
		}
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	for name, want := range map[string]bool{"": false, "localhost": false, "127.0.0.1": false, "::1": false, "0.0.0.0": false, "10.0.0.7": true, "meet.example.com": true} {
		if Elsewhere(name) != want {
			t.Errorf("Elsewhere(%q) = %v", name, !want)
		}
	}
}
