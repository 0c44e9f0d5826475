package roomtest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"strings"

	"github.com/parley-mesh/parley/pkg/room"
)

// Recorder is a Tracer that keeps one participant's steps in the form that
// web/src/room replays: every input, what came of it, and a hash of the state.
type Recorder struct {
	Who   string
	Limit int // steps kept
	Self  string
	Steps []Recorded
	plan  string
}

// Recorded is one step of a trace. With Fresh the participant begins anew, as
// after a reload. Digest is the FNV-1a hash of room.Digest;
// Plan is given when it differs from the step before.
type Recorded struct {
	Fresh    bool              `json:"fresh,omitzero"`
	Input    json.RawMessage   `json:"input"`
	Refused  room.Reason       `json:"refused,omitzero"`
	Held     room.Reason       `json:"held,omitzero"`
	Notices  []json.RawMessage `json:"notices,omitempty"`
	Actions  []json.RawMessage `json:"actions,omitempty"`
	Deadline int64             `json:"deadline"`
	Digest   uint32            `json:"digest"`
	Plan     *string           `json:"plan,omitempty"`
}

// Note implements Tracer.
func (*Recorder) Note(int64, string) {}

// Step implements Tracer.
func (r *Recorder) Step(who string, before room.State, in room.Input, after room.State, out room.Outcome) {
	if who != r.Who || len(r.Steps) >= r.Limit {
		return
	}
	r.Self = string(after.Self())
	s := Recorded{
		Fresh:    room.Digest(before) == room.Digest(room.New(before.Self())),
		Input:    json.RawMessage(fmt.Sprintf(`{"at":%d,"event":%s}`, in.At, tagged(in.Event))),
		Refused:  out.Refused,
		Held:     out.Held,
		Deadline: room.Deadline(after),
		Digest:   hashOf(room.Digest(after)),
	}
	for _, n := range out.Notices {
		s.Notices = append(s.Notices, tagged(n))
	}
	for _, a := range out.Actions {
		s.Actions = append(s.Actions, tagged(a))
	}
	if plan := describePlan(room.Plan(after)); plan != r.plan {
		r.plan = plan
		s.Plan = &plan
	}
	r.Steps = append(r.Steps, s)
}

// JSON returns the trace, one step a line.
func (r *Recorder) JSON() []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "{\"self\":%q,\"steps\":[\n", r.Self)
	for i, s := range r.Steps {
		line, err := json.Marshal(s)
		if err != nil {
			panic(err) // plain data that was made here
		}
		b.Write(line)
		if i < len(r.Steps)-1 {
			b.WriteByte(',')
		}
		b.WriteByte('\n')
	}
	b.WriteString("]}\n")
	return b.Bytes()
}

func hashOf(text string) uint32 {
	h := fnv.New32a()
	h.Write([]byte(text))
	return h.Sum32()
}

// describePlan writes a plan as text that both languages write alike.
func describePlan(plan []room.Link) string {
	lines := make([]string, len(plan))
	for i, l := range plan {
		marks := ""
		for _, m := range []struct {
			on   bool
			mark string
		}{{l.Offer, " offer"}, {l.Waits, " waits"}, {l.Draining, " draining"}, {l.Quiet, " quiet"}} {
			if m.on {
				marks += m.mark
			}
		}
		lines[i] = fmt.Sprintf("%s/%d %s %s +%d/%d%s", l.Peer, l.Session, l.Shape, l.Purpose, l.Extra.Audio, l.Extra.Video, marks)
	}
	return strings.Join(lines, "; ")
}

// tagged writes a value of a sum type as TypeScript has it: its members and its
// name.
func tagged(v any) json.RawMessage {
	body, err := json.Marshal(v)
	if err != nil {
		panic(err) // plain data that was made here
	}
	out := fmt.Sprintf(`{"type":%q`, kebab(strings.TrimPrefix(fmt.Sprintf("%T", v), "room.")))
	if len(body) > 2 {
		out += ","
	}
	return json.RawMessage(out + string(body[1:]))
}

func kebab(name string) string {
	if name == "PolicyChanged" {
		return "policy"
	}
	var b strings.Builder
	for i, r := range name {
		if r >= 'A' && r <= 'Z' {
			if i > 0 {
				b.WriteByte('-')
			}
			r += 'a' - 'A'
		}
		b.WriteRune(r)
	}
	return b.String()
}
