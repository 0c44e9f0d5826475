package node

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/parley-mesh/parley/node/record"
	"github.com/parley-mesh/parley/node/router"
	"github.com/parley-mesh/parley/node/session"
	"github.com/parley-mesh/parley/pkg/identity"
	"github.com/parley-mesh/parley/pkg/meeting"
	"github.com/parley-mesh/parley/pkg/protocol"
	"github.com/parley-mesh/parley/pkg/sframe"
)

// stay is a session as a recording sees it.
type stay struct {
	state session.State
	asked []bool
	fails error
}

func (s *stay) State() session.State { return s.state }

func (s *stay) SetRecording(on bool) error {
	s.asked = append(s.asked, on)
	return s.fails
}

// NewStream opens what was never sealed.
func (s *stay) NewStream(of router.Key) session.Stream { return opened(of) }

type opened router.Key

func (o opened) Open(dst []byte, _ sframe.Codec, frame []byte) ([]byte, identity.PeerID, protocol.Source, error) {
	return append(dst, frame...), o.From, o.Source, nil
}

func someone(n byte) identity.PeerID { return identity.FromSeed([32]byte{n}).PeerID() }

func beginRecording(t *testing.T) (*recording, *stay, *[]string) {
	t.Helper()
	var told []string
	folder := filepath.Join(t.TempDir(), "recording")
	r, err := newRecording(folder, record.Options{Meeting: "482-913-006", Title: "Planning", Recorder: someone(1)}, func(e session.Event) {
		told = append(told, e.(session.Error).Message)
	})
	if err != nil {
		t.Fatal(err)
	}
	s := &stay{state: session.State{Phase: session.PhaseIn, Self: someone(1), Chair: someone(2), Policy: meeting.DefaultPolicy()}}
	for n := range byte(2) {
		p := session.Person{Participant: protocol.Participant{ID: someone(n + 1), Role: protocol.RoleParticipant}}
		p.Presence.Name = fmt.Sprintf("Person %d", n+1)
		s.state.People = append(s.state.People, p)
	}
	t.Cleanup(func() { r.end(s) })
	return r, s, &told
}

// Guards against a recording that goes on when the host takes the leave back,
// and one that does not begin again.
func TestRecordingFollowsThePolicy(t *testing.T) {
	t.Parallel()
	r, s, told := beginRecording(t)
	s.state.Phase = session.PhaseWaiting
	r.heed(s, session.Stats{})
	if len(s.asked) != 0 {
		t.Fatal("records before it is in")
	}
	s.state.Phase = session.PhaseIn
	steps := []struct {
		name   string
		change func()
		asked  []bool
	}{
		{"allowed", func() {}, []bool{true}},
		{"still allowed", func() {}, nil},
		{"only the host", func() { s.state.Policy.Record = meeting.WhoHost }, []bool{false}},
		{"still only the host", func() {}, nil},
		{"the chair is here", func() { s.state.Chair = someone(1) }, []bool{true}},
		{"the chair is away", func() { s.state.Chair = someone(2) }, []bool{false}},
		{"a co-host", func() { s.state.People[0].Role = protocol.RoleCoHost }, []bool{true}},
	}
	for _, step := range steps {
		s.asked = nil
		step.change()
		r.heed(s, session.Roster{Participants: []protocol.Participant{s.state.People[0].Participant}})
		if diff := cmp.Diff(step.asked, s.asked); diff != "" {
			t.Errorf("%s: %s", step.name, diff)
		}
		if (r.current.Load() != nil) != mayRecord(s.state) {
			t.Errorf("%s: records %v", step.name, r.current.Load() != nil)
		}
	}
	if len(*told) != 0 {
		t.Errorf("told %q", *told)
	}
	r.end(s)
	if data, err := os.ReadFile(filepath.Join(r.folder, "meeting.json")); err != nil || !strings.Contains(string(data), "Person 1") {
		t.Errorf("meeting.json: %v", err)
	}
}

// Guards against silence where only the host may record.
func TestRecordingThatIsNotAllowed(t *testing.T) {
	t.Parallel()
	r, s, told := beginRecording(t)
	s.state.Policy.Record = meeting.WhoHost
	for range 3 {
		r.heed(s, session.Stats{})
	}
	want := []string{"Only the host may record in this meeting: nothing is recorded."}
	if diff := cmp.Diff(want, *told); diff != "" || len(s.asked) != 0 {
		t.Errorf("asked %v, told %s", s.asked, diff)
	}
}

// Guards against a full disk that ends the meeting, or that is told with every
// event.
func TestRecordingOnAFullDisk(t *testing.T) {
	t.Parallel()
	r, s, told := beginRecording(t)
	r.heed(s, session.Stats{})
	r.stopped(s, &record.StoppedError{File: "camera.webm", Err: fmt.Errorf("write: %w", syscall.ENOSPC)})
	for range 3 {
		r.heed(s, session.Stats{})
	}
	if diff := cmp.Diff([]bool{true, false}, s.asked); diff != "" {
		t.Error(diff)
	}
	want := []string{"The recording stopped, the disk is full. The meeting goes on, and what was recorded until now is kept."}
	if diff := cmp.Diff(want, *told); diff != "" {
		t.Error(diff)
	}
}

// Guards against a folder of another meeting that is found out too late.
func TestRecordingRefusesAFolder(t *testing.T) {
	t.Parallel()
	r, s, _ := beginRecording(t)
	r.heed(s, session.Stats{})
	r.end(s)
	_, err := newRecording(r.folder, record.Options{Meeting: "111-111-111", Title: "Another", Recorder: someone(1)}, nil)
	if !errors.Is(err, ErrRecord) || !errors.Is(err, record.ErrOtherMeeting) {
		t.Errorf("err = %v", err)
	}
	_, err = newRecording(r.folder, record.Options{Meeting: "482-913-006", Title: "Planning", Recorder: someone(1), Passphrase: []byte("x")}, nil)
	if !errors.Is(err, record.ErrSealedFolder) {
		t.Errorf("err = %v", err)
	}
}
