package guard

import (
	"fmt"
	"net/netip"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/parley-mesh/parley/pkg/identity"
	"github.com/parley-mesh/parley/pkg/meeting"
)

var epoch = time.Date(2026, 11, 1, 9, 0, 0, 0, time.UTC)

func client(prefix, person int) Client {
	return Client{
		Prefix:   netip.PrefixFrom(netip.AddrFrom4([4]byte{10, 0, byte(prefix), 0}), PrefixBits4),
		Identity: identity.PeerID(fmt.Sprintf("person-%d", person)),
	}
}

func room(n int) meeting.ID { return meeting.ID(fmt.Sprintf("%09d", n)) }

// tryWrong fails once if that is allowed.
func tryWrong(b *book, now time.Time, c Client, id meeting.ID) verdict {
	v := b.reserve(now, c, id)
	if v.granted {
		b.fail(now, c, id, WrongPassword)
		b.close(c, id)
	}
	return v
}

func TestFiveInARowWait(t *testing.T) {
	t.Parallel()
	b := newBook(DefaultLimits().Guess)
	now := epoch
	c := client(1, 1)
	for range 5 {
		if v := tryWrong(b, now, c, room(1)); !v.granted {
			t.Fatalf("%+v", v)
		}
	}
	for i, minutes := range []int{1, 2, 4, 8, 16, 32, 64, 64, 64} {
		v := tryWrong(b, now, c, room(1))
		if v.refusal == nil || v.refusal.Why != WhyRow || v.refusal.RetryAfter != time.Duration(minutes)*time.Minute {
			t.Fatalf("wait %d: %+v, %+v", i, v, v.refusal)
		}
		if v := b.reserve(now, c, room(2)); !v.granted {
			t.Fatalf("another meeting waits too: %+v", v.refusal)
		}
		b.close(c, room(2))
		if v := b.reserve(now, client(2, 1), room(1)); !v.granted {
			t.Fatalf("another prefix waits too: %+v", v.refusal)
		}
		b.close(client(2, 1), room(1))
		now = now.Add(v.refusal.RetryAfter)
		if v := tryWrong(b, now, c, room(1)); !v.granted {
			t.Fatalf("after the wait: %+v", v.refusal)
		}
	}
}

func TestSuccessEndsTheRowOnly(t *testing.T) {
	t.Parallel()
	b := newBook(DefaultLimits().Guess)
	failed := 0
	// 25 prefixes, each with four wrong and one right: no row, but the meeting sees it all.
	for prefix := range 25 {
		c := client(prefix, prefix)
		for range 4 {
			if v := tryWrong(b, epoch, c, room(1)); !v.granted {
				t.Fatalf("after %d failures: %+v", failed, v.refusal)
			}
			failed++
		}
		if failed < 100 {
			if v := b.reserve(epoch, c, room(1)); !v.granted {
				t.Fatal("the right password is not looked at")
			}
			b.succeed(c, room(1))
			b.close(c, room(1))
			if run := b.pairs.peek(pair{room(1), c.Prefix}); run != nil {
				t.Fatalf("the row goes on: %+v", run)
			}
		}
	}
	v := b.reserve(epoch, client(99, 99), room(1))
	if v.refusal == nil || v.refusal.Why != WhySuspended || v.refusal.RetryAfter != time.Hour {
		t.Fatalf("after %d failures: %+v", failed, v.refusal)
	}
	if v := b.reserve(epoch.Add(time.Hour), client(99, 99), room(1)); !v.granted {
		t.Fatalf("an hour later: %+v", v.refusal)
	}
}

// A reservation is a try: whoever reserves many at once gets no more of them.
func TestOpenTriesCount(t *testing.T) {
	t.Parallel()
	b := newBook(DefaultLimits().Guess)
	granted := 0
	for i := range 100 {
		if b.reserve(epoch, client(1, i), room(1)).granted {
			granted++
		}
	}
	if granted != rowLimit {
		t.Errorf("one pair got %d at once", granted)
	}
	granted = 0
	for i := range 100 {
		if b.reserve(epoch, client(2, i), room(100+i)).granted {
			granted++
		}
	}
	if granted != 30 {
		t.Errorf("one prefix got %d at once", granted)
	}
	granted = 0
	for i := range 100 {
		if b.reserve(epoch, client(10+i, 7777), room(1000+i)).granted {
			granted++
		}
	}
	if granted != 30 {
		t.Errorf("one identity got %d at once", granted)
	}
	granted = 0
	for i := range 200 {
		if b.reserve(epoch, client(i, 10_000+i), room(2)).granted {
			granted++
		}
	}
	if granted > suspendAt {
		t.Errorf("one meeting got %d at once", granted)
	}
}

// What nobody failed at must not stay in memory.
func TestNothingIsKeptOfSuccess(t *testing.T) {
	t.Parallel()
	b := newBook(DefaultLimits().Guess)
	for i := range 10 {
		c := client(i, i)
		b.reserve(epoch, c, room(i))
		b.succeed(c, room(i))
		b.close(c, room(i))
	}
	if len(b.pairs.index) != 0 || len(b.meetings.index) != 0 {
		t.Errorf("%d pairs and %d meetings are kept", len(b.pairs.index), len(b.meetings.index))
	}
}

// The bounds of the book hold against more clients than it can count.
func TestBookIsBounded(t *testing.T) {
	t.Parallel()
	b := newBook(DefaultLimits().Guess)
	for i := range maxClients + 100 {
		c := Client{Prefix: netip.PrefixFrom(netip.AddrFrom4([4]byte{byte(i >> 16), byte(i >> 8), byte(i)}), 24), Identity: identity.PeerID(fmt.Sprint(i))}
		tryWrong(b, epoch, c, room(i))
	}
	if len(b.pairs.index) > maxPairs || len(b.prefixes.index) > maxClients || len(b.identities.index) > maxClients || len(b.meetings.index) > maxMeetings {
		t.Errorf("%d pairs, %d prefixes, %d identities, %d meetings", len(b.pairs.index), len(b.prefixes.index), len(b.identities.index), len(b.meetings.index))
	}
}

// failed is one failure that was allowed, as the property looks at it.
type failed struct {
	at     time.Time
	client Client
	room   meeting.ID
}

// Whatever is tried, in whatever order, by whoever, with restarts between: nobody gets more failures than the rules allow.
func TestNoSequenceGetsMore(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		rate := DefaultLimits().Guess
		b := newBook(rate)
		now := epoch
		var journal []entry
		var failures []failed
		type openTry struct {
			client Client
			room   meeting.ID
		}
		var open []openTry
		note := func(what string, c Client, id meeting.ID) {
			journal = append(journal, entry{What: what, At: now.UnixNano(), Prefix: c.Prefix, Identity: c.Identity, Meeting: id})
		}
		people := rapid.IntRange(1, 8).Draw(t, "identities")
		prefixes := rapid.IntRange(1, 8).Draw(t, "prefixes")
		rooms := rapid.IntRange(1, 3).Draw(t, "meetings")
		for range rapid.IntRange(1, 500).Draw(t, "steps") {
			switch rapid.SampledFrom([]string{"reserve", "reserve", "reserve", "fail", "fail", "fail", "fail", "succeed", "release", "token", "pass", "restart"}).Draw(t, "step") {
			case "reserve":
				c := client(rapid.IntRange(1, prefixes).Draw(t, "prefix"), rapid.IntRange(1, people).Draw(t, "person"))
				id := room(rapid.IntRange(1, rooms).Draw(t, "meeting"))
				v := b.reserve(now, c, id)
				if v.granted {
					open = append(open, openTry{c, id})
				} else if v.refusal == nil && len(open) == 0 {
					t.Fatal("waits, but for nobody")
				}
			case "fail":
				if len(open) > 0 {
					one := open[0]
					open = open[1:]
					b.fail(now, one.client, one.room, WrongPassword)
					b.close(one.client, one.room)
					note(entryWrongPassword, one.client, one.room)
					failures = append(failures, failed{now, one.client, one.room})
				}
			case "succeed":
				if len(open) > 0 && rapid.IntRange(0, 3).Draw(t, "knows") == 0 {
					one := open[0]
					open = open[1:]
					if b.succeed(one.client, one.room) {
						note(entrySuccess, one.client, one.room)
					}
					b.close(one.client, one.room)
				}
			case "release":
				if len(open) > 0 {
					b.close(open[0].client, open[0].room)
					open = open[1:]
				}
			case "token":
				c := client(rapid.IntRange(1, prefixes).Draw(t, "prefix"), rapid.IntRange(1, people).Draw(t, "person"))
				if b.clientRefusal(now, c, true) == nil {
					b.fail(now, c, "", unknownToken)
					note(entryUnknownToken, c, "")
					failures = append(failures, failed{now, c, ""})
				}
			case "pass":
				now = now.Add(time.Duration(rapid.Int64Range(0, int64(20*time.Minute)).Draw(t, "time")))
			case "restart":
				open = nil // nobody was answered
				b = newBook(rate)
				for _, e := range journal {
					e.tell(b, now)
				}
			}
		}
		check := func(what string, limit int, same func(a, b failed) bool) {
			for i, last := range failures {
				n := 0
				for _, other := range failures[:i+1] {
					if same(last, other) && last.at.Sub(other.at) < time.Hour {
						n++
					}
				}
				if n > limit {
					t.Fatalf("%d failures in an hour %s", n, what)
				}
			}
		}
		check("from one prefix", 30, func(a, b failed) bool { return a.client.Prefix == b.client.Prefix })
		check("by one identity", 30, func(a, b failed) bool { return a.client.Identity == b.client.Identity })
		check("on one meeting", 100, func(a, b failed) bool { return a.room != "" && a.room == b.room })
	})
}
