package elect

import (
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/parley-mesh/parley/pkg/identity"
)

var update = flag.Bool("update", false, "write the vectors anew")

// vector is one case of testdata/vectors, which web/src/room runs too.
type vector struct {
	Name  string `json:"name"`
	Input Input  `json:"input"`
	Want  Choice `json:"want"`
}

func browsers(n int) []Member {
	members := make([]Member, n)
	for i := range members {
		members[i] = Member{ID: identity.PeerID(rune('a' + i)), N: int64(i + 1), Kind: Browser}
	}
	return members
}

func node(id identity.PeerID, n int64, uplink int64) Member {
	return Member{ID: id, N: n, Kind: Node, Willing: true, Reachable: true, UplinkKbps: uplink, DownlinkKbps: uplink, CoresMilli: 4000, RTTMillis: 30}
}

func but(m Member, change func(*Member)) Member {
	change(&m)
	return m
}

func star(sfu, standby identity.PeerID) Current {
	return Current{Topology: Star, SFU: sfu, Standby: standby}
}

var mesh = Current{Topology: Mesh}

// cases says by hand what is right; the vectors add the figures.
var cases = []struct {
	name         string
	members      []Member
	current      Current
	topology     Topology
	sfu, standby identity.PeerID
	reason       Reason
}{
	{"four browsers are a mesh", browsers(4), mesh, Mesh, "", "", ReasonSmall},
	{"nobody is a mesh", nil, Current{}, Mesh, "", "", ReasonSmall},
	{"five browsers stay a mesh, for a browser never carries", browsers(5), mesh, Mesh, "", "", ReasonNoCandidate},
	{"a browser that claims to be strong is not asked", append(browsers(5), but(node("x", 9, 90_000), func(m *Member) { m.Kind = Browser })), mesh, Mesh, "", "", ReasonNoCandidate},
	{"a node in a small room changes nothing", append(browsers(3), node("x", 9, 90_000)), mesh, Mesh, "", "", ReasonSmall},
	{"a helper is not counted", append(browsers(4), but(node("x", 9, 90_000), func(m *Member) { m.Kind = Helper })), mesh, Mesh, "", "", ReasonSmall},
	{"the fifth makes a star", append(browsers(4), node("x", 9, 90_000)), mesh, Star, "x", "", ReasonLarge},
	{"the stronger carries, the other stands by", append(browsers(4), node("x", 9, 4000), node("y", 10, 8000)), mesh, Star, "y", "x", ReasonLarge},
	{"who cannot carry the room is no candidate", append(browsers(4), node("x", 9, 2399)), mesh, Mesh, "", "", ReasonNoCandidate},
	{"who just can, is", append(browsers(4), node("x", 9, 2400)), mesh, Star, "x", "", ReasonLarge},
	{"a downlink must carry every sender", append(browsers(4), but(node("x", 9, 9000), func(m *Member) { m.DownlinkKbps = 2399 })), mesh, Mesh, "", "", ReasonNoCandidate},
	{"cores too", append(browsers(4), but(node("x", 9, 9000), func(m *Member) { m.CoresMilli = 7 })), mesh, Mesh, "", "", ReasonNoCandidate},
	{"who is not willing is left alone", append(browsers(4), but(node("x", 9, 90_000), func(m *Member) { m.Willing = false })), mesh, Mesh, "", "", ReasonNoCandidate},
	{"a member is preferred to a stronger helper", append(browsers(4), node("x", 9, 3000), but(node("h", 3, 90_000), func(m *Member) { m.Kind = Helper })), mesh, Star, "x", "h", ReasonLarge},
	{"a helper carries when no member can", append(browsers(5), but(node("h", 9, 90_000), func(m *Member) { m.Kind = Helper })), mesh, Star, "h", "", ReasonLarge},
	{"a helper hands over to a member with strength to spare", append(browsers(4), node("x", 9, 3600), but(node("h", 3, 90_000), func(m *Member) { m.Kind = Helper })), star("h", ""), Star, "x", "h", ReasonBetter},
	{"but not to one that just carries", append(browsers(4), node("x", 9, 2500), but(node("h", 3, 90_000), func(m *Member) { m.Kind = Helper })), star("h", "x"), Star, "h", "x", ReasonStays},
	{"a nearer one is better", append(browsers(4), but(node("x", 9, 9000), func(m *Member) { m.RTTMillis = 200 }), node("y", 10, 9000)), mesh, Star, "y", "x", ReasonLarge},
	{"a round trip not measured counts as a long one", append(browsers(4), but(node("x", 9, 9000), func(m *Member) { m.RTTMillis = 0 }), node("y", 10, 9000)), mesh, Star, "y", "x", ReasonLarge},
	{"one who accepts connections is better", append(browsers(4), but(node("x", 9, 9000), func(m *Member) { m.Reachable = false }), node("y", 10, 9000)), mesh, Star, "y", "x", ReasonLarge},
	{"of equals the one who came first", append(browsers(4), node("y", 10, 9000), node("x", 9, 9000)), mesh, Star, "x", "y", ReasonLarge},
	{"a little better does not move anybody", append(browsers(4), node("x", 9, 4000), node("y", 10, 4900)), star("x", "y"), Star, "x", "y", ReasonStays},
	{"clearly better does", append(browsers(4), node("x", 9, 4000), node("y", 10, 5300)), star("x", "y"), Star, "y", "x", ReasonBetter},
	{"one that is overloaded makes way for the standby, whatever it claims", append(browsers(4), but(node("x", 9, 90_000), func(m *Member) { m.Overloaded = true }), node("y", 10, 4000), node("z", 11, 3600)), star("x", "y"), Star, "y", "z", ReasonOverloaded},
	{"and is no standby either", append(browsers(4), but(node("x", 9, 90_000), func(m *Member) { m.Overloaded = true }), node("y", 10, 4000)), star("y", ""), Star, "y", "", ReasonStays},
	{"nor begins a star", append(browsers(5), but(node("x", 9, 90_000), func(m *Member) { m.Overloaded = true })), mesh, Mesh, "", "", ReasonNoCandidate},
	{"it carries on where nobody else can", append(browsers(4), but(node("x", 9, 90_000), func(m *Member) { m.Overloaded = true })), star("x", ""), Star, "x", "", ReasonStays},
	{"but not lost as well", append(browsers(4), but(node("x", 9, 90_000), func(m *Member) { m.Overloaded, m.Lost = true, true })), star("x", ""), Mesh, "", "", ReasonNoCandidate},
	{"some weakness is borne", append(browsers(4), node("x", 9, 2000)), star("x", ""), Star, "x", "", ReasonStays},
	{"too much is not", append(browsers(4), node("x", 9, 2300), node("y", 10, 3000)), star("x", ""), Star, "y", "", ReasonOverloaded},
	{"a weak one goes on where nobody else can carry", append(browsers(5), node("x", 9, 1900)), star("x", ""), Star, "x", "", ReasonStays},
	{"the weakest where a mesh would be far too large", append(browsers(8), node("x", 9, 100)), star("x", ""), Star, "x", "", ReasonStays},
	{"but does not begin a star", append(browsers(8), node("x", 9, 100)), mesh, Mesh, "", "", ReasonNoCandidate},
	{"without anybody else the room is a mesh again", append(browsers(5), node("x", 9, 700)), star("x", ""), Mesh, "", "", ReasonNoCandidate},
	{"a lost SFU's standby serves, though another is a little better", append(browsers(4), but(node("x", 9, 9000), func(m *Member) { m.Lost = true }), node("y", 10, 4000), node("z", 11, 4500)), star("x", "y"), Star, "y", "z", ReasonSFULost},
	{"so when it is gone altogether", append(browsers(5), node("y", 10, 4000), node("z", 11, 4500)), star("x", "y"), Star, "y", "z", ReasonSFULost},
	{"a weak standby does not", append(browsers(5), node("y", 10, 2000), node("z", 11, 9000)), star("x", "y"), Star, "z", "", ReasonSFULost},
	{"only the standby changes", append(browsers(5), node("x", 9, 9000), node("z", 11, 9000)), star("x", "y"), Star, "x", "z", ReasonStandby},
	{"a star of four stays", append(browsers(3), node("x", 9, 9000)), star("x", ""), Star, "x", "", ReasonStays},
	{"a star of three is a mesh again", append(browsers(2), node("x", 9, 9000)), star("x", ""), Mesh, "", "", ReasonSmall},
}

func TestChoose(t *testing.T) {
	t.Parallel()
	var vectors []vector
	for _, c := range cases {
		in := Input{Members: c.members, Current: c.current, Thresholds: Defaults(4)}
		got := Choose(in)
		want := Choice{Topology: c.topology, SFU: c.sfu, Standby: c.standby, Reason: c.reason, Figures: got.Figures}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: (-want +got)\n%s", c.name, diff)
		}
		vectors = append(vectors, vector{c.name, in, got})
	}
	file := filepath.Join("testdata", "vectors", "choose.json")
	data, err := json.MarshalIndent(vectors, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	data = append(data, '\n')
	if *update {
		if err := os.WriteFile(file, data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	kept, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(kept), string(data)); diff != "" {
		t.Errorf("%s is stale: go test ./pkg/elect -update (-kept +now)\n%s", file, diff)
	}
}

func anyMember(t *rapid.T) Member {
	id := rapid.SampledFrom([]identity.PeerID{"a", "b", "c", "d", "e", "f", "g", "h", "i", "j"}).Draw(t, "id")
	number := rapid.OneOf(rapid.Int64Range(0, 20_000), rapid.Int64())
	return Member{
		ID: id, N: rapid.Int64Range(1, 5).Draw(t, "n"),
		Kind:    rapid.SampledFrom([]Kind{Browser, Node, Helper, "toaster"}).Draw(t, "kind"),
		Willing: rapid.Bool().Draw(t, "willing"), Reachable: rapid.Bool().Draw(t, "reachable"), Lost: rapid.Bool().Draw(t, "lost"), Overloaded: rapid.Bool().Draw(t, "overloaded"),
		UplinkKbps: number.Draw(t, "up"), DownlinkKbps: number.Draw(t, "down"), CoresMilli: number.Draw(t, "cores"), RTTMillis: number.Draw(t, "rtt"),
	}
}

func anyInput(t *rapid.T) Input {
	ids := rapid.SampledFrom([]identity.PeerID{"", "a", "b", "c", "z"})
	return Input{
		Members:    rapid.SliceOfN(rapid.Custom(anyMember), 0, 12).Draw(t, "members"),
		Current:    Current{rapid.SampledFrom([]Topology{"", Mesh, Star, Tree}).Draw(t, "topology"), ids.Draw(t, "sfu"), ids.Draw(t, "standby")},
		Thresholds: Defaults(rapid.IntRange(-1, 9).Draw(t, "mesh_max")),
	}
}

// TestChooseIsSane guards what must hold of every choice whatever is put in,
// and that a choice once made is kept: else rooms would waver for ever.
func TestChooseIsSane(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		in := anyInput(t)
		c := Choose(in)
		kinds := map[identity.PeerID]Kind{}
		for _, m := range in.Members {
			if _, ok := kinds[m.ID]; !ok {
				kinds[m.ID] = m.Kind
			}
		}
		switch {
		case c.Topology == Mesh && (c.SFU != "" || c.Standby != ""):
			t.Fatalf("a mesh with an SFU: %+v", c)
		case c.Topology == Star && (kinds[c.SFU] == Browser || kinds[c.Standby] == Browser || c.SFU == "" || c.SFU == c.Standby):
			t.Fatalf("%+v of %v", c, kinds)
		case c.Topology != Mesh && c.Topology != Star:
			t.Fatalf("%+v", c)
		}
		in.Current = Current{c.Topology, c.SFU, c.Standby}
		if again := Choose(in); again.Topology == Star && again.Differs(in.Current) {
			t.Fatalf("chose %+v, then %+v", c, again)
		}
	})
}
