package guard

import (
	"errors"
	"net/netip"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func proxies(t interface{ Fatal(...any) }, s ...string) (all []netip.Prefix) {
	for _, one := range s {
		prefix, err := ParseProxy(one)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, prefix)
	}
	return all
}

func TestClientPrefix(t *testing.T) {
	t.Parallel()
	trusted := proxies(t, "10.0.0.0/8", "127.0.0.1", "fd00::/8")
	for name, test := range map[string]struct {
		remote    string
		forwarded []string
		want      string
	}{
		"no proxy":                             {"203.0.113.9", nil, "203.0.113.0/24"},
		"no proxy, IPv6":                       {"2001:db8:1:2ff::9", nil, "2001:db8:1:200::/56"},
		"IPv4 written as IPv6":                 {"::ffff:203.0.113.9", nil, "203.0.113.0/24"},
		"a zone":                               {"fe80::1%eth0", nil, "fe80::/56"},
		"header from who is not trusted":       {"203.0.113.9", []string{"198.51.100.1"}, "203.0.113.0/24"},
		"header from a proxy":                  {"10.1.2.3", []string{"198.51.100.1"}, "198.51.100.0/24"},
		"proxy written as IPv6":                {"::ffff:10.1.2.3", []string{"198.51.100.1"}, "198.51.100.0/24"},
		"hop written as IPv6":                  {"10.1.2.3", []string{"::ffff:198.51.100.1"}, "198.51.100.0/24"},
		"proxy without header":                 {"10.1.2.3", nil, "10.1.2.0/24"},
		"empty header":                         {"10.1.2.3", []string{""}, "10.1.2.0/24"},
		"what the client wrote is passed over": {"10.1.2.3", []string{"1.1.1.1, 198.51.100.1"}, "198.51.100.0/24"},
		"two proxies":                          {"10.1.2.3", []string{"1.1.1.1, 198.51.100.1, 10.9.9.9"}, "198.51.100.0/24"},
		"headers in order":                     {"10.1.2.3", []string{"1.1.1.1", "198.51.100.1", "fd00::1"}, "198.51.100.0/24"},
		"only proxies":                         {"10.1.2.3", []string{"10.4.5.6,127.0.0.1"}, "10.4.5.0/24"},
		"no address":                           {"10.1.2.3", []string{"198.51.100.1, unknown"}, "10.1.2.0/24"},
		"no address behind a proxy":            {"10.1.2.3", []string{"garbage, 10.7.7.7"}, "10.7.7.0/24"},
		"ports":                                {"10.1.2.3", []string{"198.51.100.1:4711"}, "198.51.100.0/24"},
		"brackets":                             {"10.1.2.3", []string{"[2001:db8::1]"}, "2001:db8::/56"},
		"brackets and port":                    {"10.1.2.3", []string{"[2001:db8::1]:443"}, "2001:db8::/56"},
		"IPv4 in brackets":                     {"10.1.2.3", []string{"[198.51.100.1]"}, "10.1.2.0/24"},
		"leading zeros":                        {"10.1.2.3", []string{"198.051.100.001"}, "10.1.2.0/24"},
		"very long":                            {"10.1.2.3", []string{strings.Repeat("1", 1<<16)}, "10.1.2.0/24"},
	} {
		got := ClientPrefix(netip.MustParseAddr(test.remote), test.forwarded, trusted)
		if got.String() != test.want {
			t.Errorf("%s: got %v, want %s", name, got, test.want)
		}
	}
	if got := ClientPrefix(netip.Addr{}, []string{"1.1.1.1"}, trusted); got != (netip.Prefix{}) {
		t.Errorf("a peer without address: %v", got)
	}
}

// Endless hops must not be endless work.
func TestClientAddrIsBounded(t *testing.T) {
	t.Parallel()
	header := "198.51.100.1" + strings.Repeat(", 10.0.0.1", 10_000)
	if got := ClientAddr(netip.MustParseAddr("10.1.2.3"), []string{header}, proxies(t, "10.0.0.0/8")); got.String() != "10.0.0.1" {
		t.Error(got)
	}
}

// Whatever a client writes left of its own address changes nothing; and from who is no proxy nothing is believed at all.
func TestClientPrefixCannotBeForged(t *testing.T) {
	t.Parallel()
	trusted := proxies(t, "10.0.0.0/8")
	client := netip.MustParseAddr("198.51.100.1")
	anything := rapid.OneOf(rapid.StringMatching(`[0-9a-f:., \[\]]{0,40}`), rapid.String())
	rapid.Check(t, func(t *rapid.T) {
		forged := rapid.SliceOfN(anything, 0, 4).Draw(t, "forged")
		behind := append(append([]string(nil), forged...), "198.51.100.1")
		if got := ClientAddr(netip.MustParseAddr("10.0.0.1"), behind, trusted); got != client {
			t.Fatalf("%q makes it %v", forged, got)
		}
		if got := ClientAddr(client, forged, trusted); got != client {
			t.Fatalf("%q from nobody makes it %v", forged, got)
		}
	})
}

func TestParseProxy(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"10.0.0.0/8": "10.0.0.0/8", "10.1.2.3/8": "10.0.0.0/8", "::1": "::1/128", "192.0.2.1": "192.0.2.1/32",
		"::ffff:10.0.0.0/104": "10.0.0.0/8", "::ffff:10.0.0.1": "10.0.0.1/32", "0.0.0.0/0": "0.0.0.0/0",
	} {
		if got, err := ParseProxy(in); err != nil || got.String() != want {
			t.Errorf("%s: %v, %v", in, got, err)
		}
	}
	for _, in := range []string{"", "10.0.0.0/33", "localhost", "fe80::1%eth0", "10.0.0.0/8/8", "::ffff:0:0/64"} {
		if got, err := ParseProxy(in); !errors.Is(err, ErrProxy) {
			t.Errorf("%s: %v, %v", in, got, err)
		}
	}
}

func FuzzClientAddr(f *testing.F) {
	f.Add("1.1.1.1, 198.51.100.1")
	f.Add("[2001:db8::1]:443,,")
	f.Add("::ffff:1.2.3.4%x")
	trusted := []netip.Prefix{netip.MustParsePrefix("0.0.0.0/0"), netip.MustParsePrefix("::/0")}
	f.Fuzz(func(t *testing.T, header string) {
		addr := ClientAddr(netip.MustParseAddr("10.0.0.1"), []string{header}, trusted)
		if !addr.IsValid() || addr.Zone() != "" || addr.Is4In6() || !Prefix(addr).IsValid() {
			t.Errorf("%q makes it %v", header, addr)
		}
	})
}
