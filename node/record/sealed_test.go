package record

import (
	"errors"
	"fmt"
	"hash/fnv"
	"path/filepath"
	"testing"
	"time"

	"github.com/parley-mesh/parley/node/media"
	"github.com/parley-mesh/parley/pkg/identity"
	"github.com/parley-mesh/parley/pkg/protocol"
	"github.com/parley-mesh/parley/pkg/sframe"
)

var errSealed = errors.New("no key opens this")

// keyOf is a source's key in these tests, the same at both ends.
func keyOf(of Key) *sframe.Key {
	h := fnv.New64()
	fmt.Fprint(h, of.From, " ", of.Source)
	k, err := sframe.NewKey(sframe.AES128GCM, []byte("the sixteen bytes of an epoch"), h.Sum64())
	if err != nil {
		panic(err)
	}
	return k
}

// sealAs seals the n-th frame of a source.
func sealAs(of Key, codec sframe.Codec, n uint64, frame []byte) []byte {
	open := sframe.Clear(codec, frame)
	return keyOf(of).Seal(append([]byte(nil), frame[:open]...), n, frame[:open], frame[open:])
}

// opening opens what any of some sources sealed, under whatever name it comes.
type opening []Key

func (o opening) stream(Key) Stream { return o }

func (o opening) Open(dst []byte, codec sframe.Codec, frame []byte) ([]byte, identity.PeerID, protocol.Source, error) {
	open := sframe.Clear(codec, frame)
	h, err := sframe.ParseHeader(frame[open:])
	if err != nil {
		return nil, "", "", err
	}
	for _, key := range o {
		k := keyOf(key)
		if k.KID() != h.KID {
			continue
		}
		plain, err := k.Open(append(dst, frame[:open]...), h, frame[:open])
		return plain, key.From, key.Source, err
	}
	return nil, "", "", errSealed
}

// openAll opens what anybody sealed, if it comes as that.
func openAll(of Key) Stream { return opening{of} }

// Guards the recording against who forwards to it: what it lets somebody say that
// they did not, or that nobody has a key for, is not written and is counted. The
// rest is.
func TestRecordsOnlyWhatOpens(t *testing.T) {
	t.Parallel()
	camera, mic := Key{anna, protocol.SourceCamera}, Key{anna, protocol.SourceMic}
	all := opening{camera, mic, {anna, protocol.SourceScreen}, {bert, camera.Source}, {bert, mic.Source}}
	for name, test := range map[string]struct {
		sealedBy func(Key) Key
		keys     opening
		want     map[string]bool // tracks with frames
	}{
		"everything is theirs":        {func(k Key) Key { return k }, all, map[string]bool{"V_VP8": true, "A_OPUS": true}},
		"somebody else's camera":      {func(k Key) Key { return Key{bert, k.Source} }, all, nil},
		"another source of their own": {func(k Key) Key { return Key{k.From, protocol.SourceScreen} }, all, nil},
		"the key of the mic alone":    {func(k Key) Key { return k }, opening{mic}, map[string]bool{"A_OPUS": true}},
		"no key":                      {func(k Key) Key { return k }, nil, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			r := startWith(t, dir, annaOptions, test.keys.stream)
			s := newStream(1, true, time.Hour, camera.Source, mic.Source)
			s.sealedBy = test.sealedBy
			r.feed(anna, s, 2*time.Second)
			if err := r.end(); err != nil {
				t.Fatal(err)
			}
			files, _ := filepath.Glob(filepath.Join(dir, "*.webm"))
			got := map[string]int{}
			for _, file := range files {
				for codec, frames := range readFile(t, file).data {
					got[codec] += len(frames)
				}
			}
			frames := 30 + 100 // of two seconds
			for codec, all := range map[string]int{"V_VP8": 30, "A_OPUS": 100} {
				if want := test.want[codec]; want != (got[codec] > 0) {
					t.Errorf("%d frames of %s are written", got[codec], codec)
				}
				if test.want[codec] {
					frames -= all
				}
			}
			if stats := r.Stats(); stats.Unopened != uint64(frames) || stats.Dropped != 0 {
				t.Errorf("%d frames are counted that did not open, want %d; %+v", stats.Unopened, frames, stats)
			}
			if len(test.want) == 0 && len(files) != 0 {
				t.Errorf("files without a frame: %v", files)
			}
		})
	}
}

// Guards against sound that opens and is none.
func TestRecordsNoSoundThatIsNone(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	r := start(t, dir, annaOptions)
	key := Key{anna, protocol.SourceMic}
	for n := range uint64(50) {
		sealed := sealAs(key, sframe.CodecOpus, n, []byte{3}) // says how many frames it has, and has none
		r.Packet(key, int64(n)*int64(20*ms), &Packet{Codec: media.Opus, Seq: uint16(n), Time: uint32(n) * 960, Payload: sealed})
	}
	if err := r.end(); err != nil {
		t.Fatal(err)
	}
	if stats := r.Stats(); stats.Unopened != 50 || stats.Frames != 0 {
		t.Errorf("%+v", stats)
	}
}
