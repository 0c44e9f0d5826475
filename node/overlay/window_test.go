package overlay

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/libp2p/go-libp2p/core/peer"
	"golang.org/x/time/rate"
	"pgregory.net/rapid"

	"github.com/parley-mesh/parley/pkg/identity"
	"github.com/parley-mesh/parley/pkg/protocol"
)

// Guards against an envelope that is taken twice, whatever the order it comes in;
// and against losing what comes a little late.
func TestWindow(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var w window
		type key struct{ session, seq int64 }
		seen := make(map[key]bool)
		var latest key
		for range rapid.IntRange(1, 300).Draw(t, "envelopes") {
			k := key{rapid.Int64Range(1, 3).Draw(t, "session"), rapid.Int64Range(1, 200).Draw(t, "seq")}
			got := w.first(k.session, k.seq)
			near := k.session > latest.session || k.session == latest.session && k.seq > latest.seq-windowSize
			if want := near && !seen[k]; got != want {
				t.Fatalf("%+v after %+v: taken %v, want %v", k, latest, got, want)
			}
			seen[k] = true
			if k.session > latest.session || k.session == latest.session && k.seq > latest.seq {
				latest = k
			}
		}
	})
}

// Guards the others from a member who floods, and memory from authors without end.
func TestShares(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		topic := &Topic{authors: make(map[identity.PeerID]*window), publishers: make(map[identity.PeerID]*rate.Limiter)}
		var seq int64
		says := func(times int) (taken int) {
			for range times {
				seq++
				if topic.first(protocol.Envelope{From: "a", Session: 1, Seq: seq}) {
					taken++
				}
			}
			return taken
		}
		brings := func(times int) (taken int) {
			for range times {
				if topic.mayPublish("a") {
					taken++
				}
			}
			return taken
		}
		if n := says(1000); n != authorBurst {
			t.Errorf("an author's first %d were taken, want %d", n, authorBurst)
		}
		if n := brings(10_000); n != publisherBurst {
			t.Errorf("a node's first %d were taken, want %d", n, publisherBurst)
		}
		time.Sleep(time.Second)
		if n := says(1000); n != authorRate {
			t.Errorf("%d a second, want %d", n, authorRate)
		}
		if n := brings(10_000); n != publisherRate {
			t.Errorf("%d a second, want %d", n, publisherRate)
		}
		for i := range 2 * maxAuthors {
			topic.first(protocol.Envelope{From: identity.PeerID(fmt.Sprint(i)), Session: 1, Seq: 1})
			topic.mayPublish(identity.PeerID(fmt.Sprint(i)))
		}
		if len(topic.authors) > maxAuthors || len(topic.publishers) > maxAuthors {
			t.Errorf("%d authors and %d nodes are remembered", len(topic.authors), len(topic.publishers))
		}
	})
}

// Guards a node from a member who asks without end: so many streams at once, and so
// many a second.
func TestCallers(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		o := &Overlay{callers: make(map[peer.ID]*caller)}
		opened := 0
		for o.enter("a") {
			opened++
		}
		if opened != maxExchanges || !o.enter("b") {
			t.Errorf("%d streams at once, want %d, and others as well", opened, maxExchanges)
		}
		for range opened {
			o.leave("a")
		}
		time.Sleep(time.Minute)
		served := 0
		for o.enter("a") {
			o.leave("a")
			served++
		}
		if served != 5*perSecond {
			t.Errorf("%d in a moment, want %d", served, 5*perSecond)
		}
	})
}
