package e2ee

import (
	"bytes"
	"sync"
	"testing"

	"github.com/parley-mesh/parley/pkg/meeting"
	"github.com/parley-mesh/parley/pkg/protocol"
	"github.com/parley-mesh/parley/pkg/sframe"
)

// Guards a key that comes after its frames, one that goes, and one that comes
// back: what was seen stays seen.
func TestKeysComeAndGo(t *testing.T) {
	t.Parallel()
	ada, ben, _ := room(t)
	ring, one := ringOf(ada, 50)
	sealer := sealerIn(ben, one)
	first, second := mustFrame(t, sealer), mustFrame(t, sealer)
	opener := NewMediaOpener()
	stream := opener.Stream()
	open := func(says string, frame []byte, want error) {
		t.Helper()
		if _, _, _, err := stream.Open(nil, sframe.CodecVP8, frame); err != want {
			t.Errorf("%s: %v, want %v", says, err, want)
		}
	}
	open("before anything is known", first, ErrNoKey)
	opener.Set(ring.Held(), []Session{ada.session})
	open("before Ben is", first, ErrNoKey)
	opener.Set(ring.Held(), []Session{ada.session, ben.session})
	open("now", first, nil)
	opener.Set(ring.Held(), []Session{ada.session})
	open("when Ben is gone", second, ErrNoKey)
	opener.Set(ring.Held(), []Session{ada.session, ben.session})
	open("what was seen before Ben went", first, ErrReplayed)
	open("what was not", second, nil)
	opener.Set(nil, []Session{ben.session})
	open("when the epoch is gone", mustFrame(t, sealer), ErrNoKey)
	if len(stream.seen.windows) != 0 || len(opener.epochs) != 0 {
		t.Error("what was erased is still kept")
	}
}

// Guards two sessions that share a tag, which is all that a key ID says of them.
func TestTagsMayCollide(t *testing.T) {
	t.Parallel()
	ada, ben, _ := room(t)
	ring, epoch := ringOf(ada, 50)
	ben.session.Fingerprint = ada.session.Fingerprint
	ben.session.Fingerprint[31] ^= 1
	opener := NewMediaOpener()
	opener.Set(ring.Held(), []Session{ada.session, ben.session})
	stream := opener.Stream()
	for _, p := range []person{ben, ada} {
		_, from, _, err := stream.Open(nil, sframe.CodecVP8, mustFrame(t, sealerIn(p, epoch)))
		if err != nil || from != p.id() {
			t.Errorf("%s: from %s, %v", p.name, from, err)
		}
	}
}

// Guards one counter for all layers, and keys that change while frames flow; the
// race detector sees the rest.
func TestMediaFromManyGoroutines(t *testing.T) {
	t.Parallel()
	ada, ben, _ := room(t)
	ring, one := ringOf(ada, 50)
	two := ring.Begin(start, seed(51), ada.who, start, 2, meeting.EntryAny)
	sealer, opener := sealerIn(ben, one), NewMediaOpener()
	opener.Set(ring.Held(), []Session{ben.session})
	var all sync.WaitGroup
	streams := []*Stream{opener.Stream(), opener.Stream(), opener.Stream(), opener.Stream()}
	for _, epoch := range []*Epoch{two, one} {
		sealer.Use(epoch)
		for _, stream := range streams {
			if _, _, _, err := stream.Open(nil, sframe.CodecVP8, mustFrame(t, sealer)); err != nil {
				t.Fatal(err) // each is in step with the others: a first frame may not come as late
			}
		}
	}
	for _, stream := range streams {
		all.Go(func() {
			for range 200 {
				sealed, err := sealer.Seal(nil, protocol.SourceCamera, sframe.CodecVP8, frame)
				if err != nil {
					t.Error(err)
					return
				}
				plain, _, _, err := stream.Open(nil, sframe.CodecVP8, sealed)
				if err != nil || !bytes.Equal(plain, frame) {
					t.Errorf("%d bytes, %v", len(plain), err)
				}
			}
		})
	}
	for i := range 50 {
		sealer.Use([]*Epoch{one, two}[i%2])
		opener.Set(ring.Held(), []Session{ben.session, ada.session})
	}
	all.Wait()
	if n := sealer.next[1].Load(); n != 808 {
		t.Errorf("%d frames have %d counters", 808, n)
	}
}

// Guards frames that leave unsealed.
func TestMediaSealerRefuses(t *testing.T) {
	t.Parallel()
	ada, _, _ := room(t)
	_, epoch := ringOf(ada, 50)
	s := NewMediaSealer(ada.session)
	if _, err := s.Seal(nil, protocol.SourceMic, sframe.CodecOpus, frame); err != ErrNoEpoch {
		t.Errorf("without an epoch: %v", err)
	}
	s.Use(epoch)
	if _, err := s.Seal(nil, "file", sframe.CodecOther, frame); err != ErrSource {
		t.Errorf("no source: %v", err)
	}
	epoch.erase()
	s.Use(epoch)
	if _, err := s.Seal(nil, protocol.SourceMic, sframe.CodecOpus, frame); err != ErrNoEpoch {
		t.Errorf("in an erased epoch: %v", err)
	}
}
