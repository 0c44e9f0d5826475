package client

import (
	"errors"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/parley-mesh/parley/pkg/identity"
	"github.com/parley-mesh/parley/pkg/protocol"
)

// Guards against frames lost or doubled whatever is written, lost,
// acknowledged and resumed in whichever order: a model of the rendezvous takes
// each number once.
func TestOutboxAgainstItsReader(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var o outbox
		var pushed, received int64
		var taken []int64
		t.Repeat(map[string]func(*rapid.T){
			"push": func(t *rapid.T) {
				err := o.push(protocol.Remove{Ban: pushed%2 == 0})
				if len(o.frames) > protocol.MaxUnacked || (err != nil) != (pushed-o.acked >= protocol.MaxUnacked) {
					t.Fatalf("push = %v with %d unacknowledged", err, pushed-o.acked)
				}
				if err == nil {
					pushed++
				}
			},
			"write": func(t *rapid.T) {
				seq, f := o.next()
				if f == nil {
					if seq != 0 || o.acked+int64(len(o.frames)) != o.acked+int64(o.sent) {
						t.Fatal("nothing to write, although there is")
					}
					return
				}
				if want := (seq-1)%2 == 0; f.(protocol.Remove).Ban != want {
					t.Fatalf("number %d is another frame", seq)
				}
				if rapid.Bool().Draw(t, "arrives") && seq == received+1 {
					received = seq
					taken = append(taken, seq)
				}
			},
			"ack": func(t *rapid.T) {
				if err := o.ack(rapid.Int64Range(0, received).Draw(t, "received")); err != nil {
					t.Fatal(err)
				}
			},
			"resume": func(t *rapid.T) {
				if err := o.resume(received); err != nil || o.acked != received {
					t.Fatalf("resume at %d: %v", received, err)
				}
			},
			"lies": func(t *rapid.T) {
				before := o
				if err := o.ack(o.acked + int64(o.sent) + rapid.Int64Range(1, 1<<52).Draw(t, "too many")); !errors.Is(err, errFrame) {
					t.Fatalf("an acknowledgement of the unwritten: %v", err)
				}
				if o.acked != before.acked || o.sent != before.sent {
					t.Fatal("it changed something")
				}
			},
		})
		// At the end everything arrives.
		if err := o.resume(received); err != nil {
			t.Fatal(err)
		}
		for seq, f := o.next(); f != nil; seq, f = o.next() {
			taken = append(taken, seq)
		}
		for i, seq := range taken {
			if seq != int64(i)+1 {
				t.Fatalf("taken %v", taken)
			}
		}
		if int64(len(taken)) != pushed {
			t.Fatalf("%d of %d arrived", len(taken), pushed)
		}
	})
}

func TestOutboxForgetsBelowItsAcknowledgement(t *testing.T) {
	t.Parallel()
	var o outbox
	for range 3 {
		if err := o.push(protocol.Lock{}); err != nil {
			t.Fatal(err)
		}
		o.next()
	}
	if err := o.ack(2); err != nil {
		t.Fatal(err)
	}
	if err := o.resume(1); !errors.Is(err, errFrame) {
		t.Errorf("resume below the acknowledged = %v, want errFrame", err)
	}
}

func TestOutboxRestart(t *testing.T) {
	t.Parallel()
	here, gone := identity.FromSeed([32]byte{1}).PeerID(), identity.FromSeed([32]byte{2}).PeerID()
	var o outbox
	for _, f := range []protocol.ClientFrame{
		protocol.SendSignal{To: gone, Box: "a"},
		protocol.SendSignal{To: here, Box: "b"},
		protocol.SetPresence{},
		protocol.SendBroadcast{Box: "c"},
	} {
		if err := o.push(f); err != nil {
			t.Fatal(err)
		}
	}
	o.next()
	o.restart(map[identity.PeerID]bool{here: true})
	if seq, f := o.next(); seq != 1 || f != (protocol.SendSignal{To: here, Box: "b"}) {
		t.Errorf("first = %d %v", seq, f)
	}
	if seq, f := o.next(); seq != 2 || f != (protocol.SendBroadcast{Box: "c"}) {
		t.Errorf("second = %d %v", seq, f)
	}
	if _, f := o.next(); f != nil {
		t.Errorf("third = %v", f)
	}
}

// Guards against a busy loop and against a herd that comes back at once.
func TestDelay(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		attempt := rapid.IntRange(0, 1<<40).Draw(t, "attempt")
		jitter := rapid.Float64Range(0, 0.999).Draw(t, "jitter")
		d := delay(attempt, jitter)
		if d < firstDelay/2 || d > lastDelay || delay(attempt+1, 0) < delay(attempt, 0) {
			t.Fatalf("delay(%d, %v) = %v", attempt, jitter, d)
		}
	})
	if early, late := delay(0, 0), delay(0, 0.99); early != 125*time.Millisecond || late < 240*time.Millisecond {
		t.Errorf("the first delays are %v to %v", early, late)
	}
}
