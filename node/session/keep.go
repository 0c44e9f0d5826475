package session

import (
	"slices"
	"time"

	"github.com/parley-mesh/parley/pkg/e2ee"
	"github.com/parley-mesh/parley/pkg/identity"
	"github.com/parley-mesh/parley/pkg/meeting"
)

// Kept is what an identity remembers of one meeting from one stay to the next, on
// its own machine. The zero Kept is that of a meeting never seen.
type Kept struct {
	// CardAt is the moment of its newest card, in milliseconds since 1970.
	CardAt int64
	// Entry is, to the host, who may come in by its own hand; to anybody else, by
	// the host's word, or stricter. "" while nobody has said.
	Entry meeting.Entry
	// Invitation is the newest, with its secret; nil for a meeting of another's.
	Invitation *meeting.Invitation
	// Membership is what the host of another's meeting gave in the place of its
	// invitation's secret; nil for nothing.
	Membership *e2ee.MembershipKey
	// Former is what invitations of one's own were before, the newest first: at
	// most FormerMost.
	Former []Former
}

// Former is an invitation that was renewed.
type Former struct {
	Secret meeting.Secret
	// Members are who was inside by an invitation then, at most MembersMost: they
	// are invited, whatever proof they have. To others its proof is worth nothing.
	Members []identity.PeerID
}

// The bounds of what is kept of former invitations.
const (
	FormerMost  = 4
	MembersMost = 200
)

// Keep remembers one meeting.
type Keep interface {
	// Change has what is kept changed, and returns it as it is then. No other
	// process's change comes between. The session's loop calls it, a few times in a
	// stay, and waits. When it fails, it returns what it knows all the same, changed,
	// and the session has the next Change make up for it.
	Change(func(*Kept)) (Kept, error)
}

// forgetful remembers for one stay.
type forgetful struct{ kept Kept }

func (f *forgetful) Change(change func(*Kept)) (Kept, error) {
	change(&f.kept)
	return f.kept, nil
}

// stamp gives a card that is made now a moment after that of every card before,
// even where the clock was set back: others take none older than one they saw.
func (k *Kept) stamp(now time.Time) { k.CardAt = max(now.UnixMilli(), k.CardAt+1) }

// retire makes a secret a former one, for who was inside by it.
func (k *Kept) retire(secret meeting.Secret, members []identity.PeerID) {
	members = members[:min(len(members), MembersMost)]
	k.Former = slices.Insert(slices.Clone(k.Former), 0, Former{secret, members})
	k.Former = k.Former[:min(len(k.Former), FormerMost)]
}

// strike has somebody be invited by no former invitation any more.
func (k *Kept) strike(id identity.PeerID) {
	k.Former = slices.Clone(k.Former)
	for i := range k.Former {
		k.Former[i].Members = without(k.Former[i].Members, id)
	}
}

func without(ids []identity.PeerID, id identity.PeerID) []identity.PeerID {
	return slices.DeleteFunc(slices.Clone(ids), func(other identity.PeerID) bool { return other == id })
}

// formerKey is what proofs by a former invitation are checked with.
type formerKey struct {
	member  e2ee.MembershipKey
	members []identity.PeerID
}

func formerKeys(former []Former, m meeting.ID) []formerKey {
	keys := make([]formerKey, len(former))
	for i, f := range former {
		keys[i] = formerKey{e2ee.NewMembershipKey(f.Secret, m), f.Members}
	}
	return keys
}

// unkeptMost bounds the changes that could not be written yet: past them the
// oldest are forgotten with the stay.
const unkeptMost = 100

// keep changes what is remembered. What cannot be written holds for this stay, is
// told in the log, and is tried again with the next change.
func (l *loop) keep(change func(*Kept)) {
	changes := append(slices.Clone(l.unkept), change)
	kept, err := l.cfg.Keep.Change(func(k *Kept) {
		for _, change := range changes {
			change(k)
		}
	})
	if err != nil {
		l.log.Warn(unkept, "error", err)
		change(&l.kept)
		l.unkept = changes[max(0, len(changes)-unkeptMost):]
		return
	}
	l.kept, l.unkept = kept, nil
}

const unkept = "what is new of this meeting could not be written, and is known to this stay alone"
