package record

import (
	"path/filepath"
	"testing"
	"time"

	"github.com/parley-mesh/parley/pkg/e2ee"
	"github.com/parley-mesh/parley/pkg/identity"
	"github.com/parley-mesh/parley/pkg/meeting"
	"github.com/parley-mesh/parley/pkg/protocol"
	"github.com/parley-mesh/parley/pkg/sframe"
)

// member is one of a meeting's real sessions, which seals.
type member struct {
	who     *identity.Identity
	session e2ee.Session
	sealer  *e2ee.MediaSealer
}

const (
	epochNow     = int64(1_800_000_000_000)
	epochMeeting = meeting.ID("482913006")
)

func newMember(t *testing.T, seed byte) member {
	t.Helper()
	who := identity.FromSeed([32]byte{seed})
	key, err := e2ee.NewSessionKey([32]byte{seed})
	if err != nil {
		t.Fatal(err)
	}
	session, err := e2ee.CheckCard(epochMeeting, who.PeerID(), key.Card(who, epochMeeting, who.PeerID(), epochNow, nil), nil)
	if err != nil {
		t.Fatal(err)
	}
	return member{who, session, e2ee.NewMediaSealer(session)}
}

func (m member) epoch(key [32]byte) *e2ee.Epoch {
	return e2ee.NewRing(epochMeeting).Begin(epochNow, key, m.who, 1, 1, meeting.EntryAny)
}

// Guards what is written against every key but the meeting's, and against frames
// that come a second time: of a film that a member sealed, everything is recorded
// with the epoch that it was sealed in, and with one byte of it changed, or without
// its member, nothing.
func TestRecordsWithTheEpochAlone(t *testing.T) {
	t.Parallel()
	key := [32]byte{1, 2, 3}
	changed := key
	changed[31] ^= 1
	publisher, stranger := newMember(t, 1), newMember(t, 2)
	const length, frames = 2 * time.Second, 130
	for name, test := range map[string]struct {
		key      [32]byte
		sessions []e2ee.Session
		again    int // how often it all comes
		written  uint64
	}{
		"the epoch":              {key, []e2ee.Session{stranger.session, publisher.session}, 1, frames},
		"one byte of it changed": {changed, []e2ee.Session{stranger.session, publisher.session}, 1, 0},
		"nobody's session":       {key, []e2ee.Session{stranger.session}, 1, 0},
		"everything twice":       {key, []e2ee.Session{publisher.session}, 2, frames},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := newMember(t, 1)
			m.sealer.Use(m.epoch(key))
			opener := e2ee.NewMediaOpener()
			opener.Set([]*e2ee.Epoch{m.epoch(test.key)}, test.sessions)
			dir := t.TempDir()
			// One stream for each source, as a line has.
			streams := map[protocol.Source]*e2ee.Stream{protocol.SourceCamera: opener.Stream(), protocol.SourceMic: opener.Stream()}
			r := startWith(t, dir, annaOptions, func(k Key) Stream { return streams[k.Source] })
			s := newStream(1, true, time.Hour, protocol.SourceCamera, protocol.SourceMic)
			s.seal = func(source protocol.Source, codec sframe.Codec, frame []byte) []byte {
				sealed, err := m.sealer.Seal(nil, source, codec, frame)
				if err != nil {
					t.Fatal(err)
				}
				return sealed
			}
			var sent []func(uint16)
			s.until(m.who.PeerID(), length, func(source protocol.Source, at int64, p *Packet) {
				own := *p
				sent = append(sent, func(later uint16) {
					p := own
					p.Seq += later
					r.Packet(Key{m.who.PeerID(), source}, at+int64(later)*int64(ms), &p)
				})
			})
			for n := range test.again {
				for _, packet := range sent {
					packet(uint16(n) * 1000)
				}
			}
			if err := r.end(); err != nil {
				t.Fatal(err)
			}
			stats := r.Stats()
			if stats.Frames != test.written || stats.Frames+stats.Unopened != uint64(test.again*frames) {
				t.Errorf("%+v, want %d of %d frames", stats, test.written, test.again*frames)
			}
			if files, _ := filepath.Glob(filepath.Join(dir, "*.webm")); (len(files) == 0) != (test.written == 0) {
				t.Errorf("files %v", files)
			}
		})
	}
}
