package room

import (
	"strconv"

	"github.com/parley-mesh/parley/pkg/elect"
	"github.com/parley-mesh/parley/pkg/protocol"
)

// Digest returns a state as JSON text: nested arrays in a fixed order, in which
// two states are equal exactly when they are. web/src/room/digest.ts writes the
// same, so a trace of one can be replayed by the other.
func Digest(s State) string {
	var w digest
	w.list(func() {
		w.text(string(s.phase)).number(s.now).text(string(s.self)).number(s.session)
		w.number(int64(s.meshMax)).number(s.enteredAt).truth(s.untold)
		w.list(func() {
			for _, m := range s.members {
				w.member(m)
			}
		})
		w.list(func() {
			for _, r := range s.removed {
				w.list(func() { w.text(string(r.id)).number(r.n) })
			}
		})
		w.list(func() {
			for _, h := range s.heard {
				w.list(func() {
					w.text(string(h.via)).number(h.at)
					for _, id := range h.peers {
						w.text(string(id))
					}
				})
			}
		})
		w.text(string(s.chair))
		w.list(func() {
			w.number(s.tenure.term).number(s.tenure.seq).number(s.tenure.repeatAt).number(s.tenure.repeats)
		})
		w.force(s.force).number(s.top)
		w.list(func() {
			for _, f := range s.held {
				w.force(f)
			}
		})
		w.wish(s.wish)
		w.text(string(s.arranged.Topology)).text(string(s.arranged.SFU)).text(string(s.arranged.Standby))
		w.number(s.sfuAt).truth(s.takenOver).number(int64(s.drains)).number(s.showAt).number(s.shows)
		w.number(s.lossSince).number(s.call.since).number(s.call.at).number(s.call.count)
	})
	return string(w.out)
}

type digest struct{ out []byte }

func (w *digest) member(m *member) {
	w.list(func() {
		w.text(string(m.ID)).number(m.N).number(m.Session)
		w.text(string(m.Kind)).text(string(m.Role)).text(string(m.Via))
		w.list(func() {
			p := m.Presence
			w.text(p.Name).truth(p.Mic).truth(p.Camera).truth(p.Screen).truth(p.Hand).truth(p.Recording)
		})
		w.number(m.doubted).truth(m.missing).capacity(m.capacity).number(m.advertAt).number(m.rtt).number(m.lostAt).number(m.unmet)
		w.number(m.overAt).number(m.overs)
		for _, l := range m.links {
			w.list(func() {
				w.number(l.session).text(string(l.shape)).text(string(l.purpose))
				w.truth(l.up).truth(l.ever).truth(l.carrying).truth(l.asked).truth(l.quiet)
				w.number(l.since).number(l.drain).number(l.ease).number(l.rtt)
			})
		}
	})
}

func (w *digest) capacity(c protocol.Capacity) *digest {
	return w.list(func() {
		w.number(int64(c.UplinkKbps)).number(int64(c.DownlinkKbps)).number(int64(c.CoresMilli))
		w.truth(c.Reachable).truth(c.Willing).number(int64(c.LossMille))
	})
}

func (w *digest) force(f Force) *digest {
	return w.list(func() {
		x := f.Directive
		w.text(string(f.By)).number(f.at).number(x.Term).number(x.Seq).text(string(x.Topology))
		w.text(string(x.SFU)).text(string(x.Standby)).truth(x.Manual).text(string(x.Reason))
	})
}

func (w *digest) wish(x wish) {
	w.list(func() {
		c := x.choice
		w.number(x.since).text(string(c.Topology)).text(string(c.SFU)).text(string(c.Standby)).text(string(c.Reason))
		w.figures(c.Figures)
	})
}

func (w *digest) figures(f elect.Figures) {
	w.list(func() {
		w.number(f.Members).number(f.MeshMax).number(f.Receivers).number(f.NeedKbps)
		w.number(f.HaveKbps).number(f.RTTMillis).number(f.Score).number(f.Against)
	})
}

func (w *digest) list(inner func()) *digest {
	w.separate()
	w.out = append(w.out, '[')
	inner()
	w.out = append(w.out, ']')
	return w
}

func (w *digest) number(x int64) *digest {
	w.separate()
	w.out = strconv.AppendInt(w.out, x, 10)
	return w
}

func (w *digest) truth(x bool) *digest {
	w.separate()
	w.out = strconv.AppendBool(w.out, x)
	return w
}

// text escapes what JSON.stringify escapes, and nothing else.
func (w *digest) text(s string) *digest {
	w.separate()
	w.out = append(w.out, '"')
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			w.out = append(w.out, '\\', byte(r))
		case r == '\b':
			w.out = append(w.out, `\b`...)
		case r == '\f':
			w.out = append(w.out, `\f`...)
		case r == '\n':
			w.out = append(w.out, `\n`...)
		case r == '\r':
			w.out = append(w.out, `\r`...)
		case r == '\t':
			w.out = append(w.out, `\t`...)
		case r < 0x20:
			w.out = append(w.out, '\\', 'u', '0', '0', hex[r>>4], hex[r&15])
		default:
			w.out = append(w.out, string(r)...)
		}
	}
	w.out = append(w.out, '"')
	return w
}

const hex = "0123456789abcdef"

func (w *digest) separate() {
	if n := len(w.out); n > 0 && w.out[n-1] != '[' {
		w.out = append(w.out, ',')
	}
}
