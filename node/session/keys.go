package session

import (
	"crypto/rand"
	"errors"
	"slices"

	"github.com/parley-mesh/parley/pkg/e2ee"
	"github.com/parley-mesh/parley/pkg/identity"
	"github.com/parley-mesh/parley/pkg/meeting"
	"github.com/parley-mesh/parley/pkg/protocol"
)

// keys is what a stay seals and opens with, and who else has which epoch. It
// belongs to the loop. A helper's holds no epoch, ever.
type keys struct {
	mailbox *e2ee.Mailbox
	ring    *e2ee.Ring
	media   *media

	inUse  *e2ee.Epoch            // as of the last look
	held   int                    // how many, as of then
	obeyed *e2ee.Epoch            // the last whose word of who may be here was taken
	taken  map[epochID]int64      // when each epoch came, in the loop's milliseconds
	have   map[fingerprint]having // what other sessions have
	due    []identity.PeerID      // whom the epochs are to be handed to

	begunAt  int64 // when self, in the chair, last began one; 0 for not in this tenure
	begunIn  int64 // self's session then: newcomers take nothing that another stated
	entry    meeting.Entry
	contests int  // epochs in a row that were begun because of another's
	spoiled  bool // somebody who must not may have the newest

	bySignal, byPass bucket // boxes with an epoch, in a row
}

type (
	fingerprint = [32]byte
	epochID     = [8]byte
)

// having is what another session has: true for what it has shown to have, false
// for what was sent to it.
type having map[epochID]bool

const (
	contestFor   = 5_000 // between two because of another's, and twice that for each one before
	epochLeast   = 250   // between two, however many are sent away at once
	contestsMost = 7
	grantsMost   = 8  // handed on before the loop looks at anything else
	grantsSoon   = 50 // milliseconds after which more can be, where a rate is in the way

	// Well below what the rendezvous lets a session send (100 frames a second),
	// and a participant have passed on (passRate).
	signalBurst, signalRate = 50, 40
	handBurst, handRate     = 40, 4
)

func newKeys(s secrecy, cfg *Config, m *media) *keys {
	return &keys{
		mailbox: e2ee.NewMailbox(cfg.Joined.MeetingID, cfg.Client.Identity(), s.key, s.self),
		ring:    e2ee.NewRing(cfg.Joined.MeetingID), media: m,
		taken: make(map[epochID]int64), have: make(map[fingerprint]having),
		bySignal: bucket{size: signalBurst, rate: signalRate}, byPass: bucket{size: handBurst, rate: handRate},
	}
}

// owe notes that somebody may not have the epochs.
func (k *keys) owe(id identity.PeerID) {
	if !slices.Contains(k.due, id) {
		k.due = append(k.due, id)
	}
}

func (k *keys) note(of fingerprint, id epochID, shown bool) {
	h := k.have[of]
	if h == nil {
		h = make(having)
		k.have[of] = h
	}
	h[id] = h[id] || shown
}

// forget lets go of a session that cannot come back.
func (k *keys) forget(of fingerprint) {
	delete(k.have, of)
	k.mailbox.Forget(of)
}

// grants are what somebody may have of the epochs and was not sent yet. Whoever
// has shown to have one needs none.
func (l *loop) grants(to guest, again bool) []protocol.BoxMessage {
	k := l.keys
	if to.entry.Kind == protocol.KindHelper || l.cfg.Kind == protocol.KindHelper {
		return nil
	}
	var grants []protocol.BoxMessage
	current, membership := k.ring.Current(l.unix()), ""
	if l.hosts() && l.door.lacks(to) {
		membership = l.door.member.Reveal()
	}
	for i, e := range current {
		shown, sent := k.have[to.session.Fingerprint][e.ID]
		// A membership needs an epoch to go with, and no card shows yet that it came.
		carries := membership != "" && len(grants) == 0 && i == len(current)-1
		if !sent || (again && !shown) || carries {
			g := e.Grant()
			g.Membership = membership
			grants = append(grants, g)
			k.note(to.session.Fingerprint, e.ID, false)
		}
	}
	return grants
}

// reads tells whether somebody can be taken to have the epoch in use: it was sent
// to them, or they were here when it began and had it by the same way as self.
func (l *loop) reads(p guest) bool {
	k := l.keys
	if k.inUse == nil || p.entry.Kind == protocol.KindHelper {
		return false
	}
	if _, sent := k.have[p.session.Fingerprint][k.inUse.ID]; sent {
		return true
	}
	return p.since < k.taken[k.inUse.ID]
}

// preside begins an epoch when that is for self to do, and returns when it will
// be next; 0 for not.
func (l *loop) preside(now int64) int64 {
	k := l.keys
	if l.cfg.Kind == protocol.KindHelper || !l.core.state.Inside() || l.core.state.ActingHost() != l.self {
		k.begunAt, k.spoiled, k.contests = 0, false, 0
		return 0
	}
	entry := l.door.keeper.Entry()
	at := k.begunAt + e2ee.EpochFor
	switch {
	case k.begunAt == 0:
		at = now
	case k.spoiled || entry != k.entry || k.begunIn != l.number:
		at = k.begunAt + epochLeast
	case l.contested():
		at = k.begunAt + contestFor<<min(k.contests, contestsMost)
	}
	if now < at {
		return at
	}
	if l.contested() {
		k.contests++
	} else {
		k.contests = 0
	}
	var key [32]byte
	_, _ = rand.Read(key[:]) // never fails
	e := k.ring.Begin(l.unix(), key, l.cfg.Client.Identity(), l.number, l.envelopes.next(), entry)
	k.begunAt, k.begunIn, k.spoiled, k.entry, k.taken[e.ID] = now, l.number, false, entry, now
	l.oweAll()
	l.dirty.keys = true
	return now + e2ee.EpochFor
}

// contested tells whether another holds that it has the chair, and its epoch came
// since self last began one: after a partition nobody may be left behind in it.
func (l *loop) contested() bool {
	k := l.keys
	newest := k.ring.Newest()
	return slices.ContainsFunc(k.ring.Held(), func(e *e2ee.Epoch) bool {
		return e.By != l.self && newest != nil && e.Number > newest.Number && k.taken[e.ID] >= k.begunAt
	})
}

// handOn hands the epochs to whom they are due, a few at once and no faster than
// they may be sent, and returns when to go on; 0 when nothing is left.
func (l *loop) handOn(now int64) int64 {
	k := l.keys
	for range grantsMost {
		if len(k.due) == 0 {
			return 0
		}
		to, here := l.door.guests[k.due[0]]
		if here && !l.hand(to, false) {
			return now + grantsSoon
		}
		k.due = k.due[1:]
	}
	return now
}

// hand sends somebody the epochs that they lack: by a link with them alone where
// there is one, which is the quickest, else through the rendezvous or an SFU,
// whichever can take more. It reports whether it is done.
func (l *loop) hand(to guest, again bool) bool {
	k, now, id := l.keys, l.millis(), to.entry.ID
	direct := l.links.to(id)
	if direct != nil && direct.party.session != to.entry.Session {
		direct = nil // to the one before
	}
	signal := direct == nil && l.connected && k.bySignal.take(now)
	if direct == nil && !signal && !k.byPass.take(now) {
		return false
	}
	grants := l.grants(to, again)
	if len(grants) == 0 {
		return true
	}
	box, err := k.mailbox.Seal(to.session, grants...)
	if err != nil {
		l.log.Warn("an epoch could not be sealed", "error", err)
		return true
	}
	if !signal && l.pass(id, box) {
		return true
	}
	l.dispatch(id, box)
	return true
}

// handAgain takes what was only sent for lost: the rendezvous forgot what it had.
func (l *loop) handAgain() {
	for _, h := range l.keys.have {
		for id, shown := range h {
			if !shown {
				delete(h, id)
			}
		}
	}
	if l.core.state.ActingHost() == l.self {
		l.oweAll()
	}
}

// oweAll notes that nobody may have the epochs.
func (l *loop) oweAll() {
	l.keys.due = l.keys.due[:0]
	for p := range l.core.state.All() {
		if p.ID != l.self && p.Kind != protocol.KindHelper {
			l.keys.owe(p.ID)
		}
	}
}

// granted takes an epoch that another member hands on.
func (l *loop) granted(from guest, g protocol.Grant) {
	if l.cfg.Kind == protocol.KindHelper || from.entry.Kind == protocol.KindHelper {
		return
	}
	k := l.keys
	e, err := k.ring.Take(l.unix(), g, l.door.wasMember)
	if err != nil {
		if errors.Is(err, e2ee.ErrEpoch) {
			l.suspect(e2ee.AlarmForged, from.entry.ID, false)
		}
		return
	}
	l.belong(from, g.Membership)
	k.note(from.session.Fingerprint, e.ID, true)
	if _, known := k.taken[e.ID]; !known {
		k.taken[e.ID] = l.millis()
	}
	l.obeyEpoch() // before anything is handed on to who may not be here
	l.dirty.keys = true
}

// rekey does what is due about the epochs, draws the consequences of those that
// there are, and returns when to look again; 0 for not.
func (l *loop) rekey(now int64) int64 {
	k, unix := l.keys, l.unix()
	next := l.preside(now)
	news := l.dirty.keys
	l.dirty.keys = false
	k.ring.SetChair(unix, l.core.state.ActingHost())
	l.obeyEpoch()
	inUse, held := k.ring.InUse(unix), k.ring.Held()
	if news || inUse != k.inUse || len(held) != k.held {
		if k.inUse == nil && l.next.advert != 0 {
			l.next.advert = now // there is something now to say it with
		}
		k.inUse, k.held = inUse, len(held)
		l.retune(held)
	}
	next = sooner(next, l.handOn(now))
	if at := k.ring.Deadline(); at != 0 {
		next = sooner(next, max(now+1, now+at-unix))
	}
	return next
}

// retune has everything seal and open with the epochs that are held now, and by
// whom there is now.
func (l *loop) retune(held []*e2ee.Epoch) {
	k := l.keys
	for id := range k.taken {
		if k.ring.Find(id) == nil {
			delete(k.taken, id)
			for _, h := range k.have {
				delete(h, id)
			}
		}
	}
	members := l.door.members()
	k.media.sealer.Use(k.inUse)
	k.media.opener.Set(held, members)
	code := e2ee.Code{}
	if k.inUse != nil {
		code = e2ee.SafetyCode(l.cfg.Joined.MeetingID, l.hostID, k.inUse, members)
	}
	if code != l.code {
		l.code, l.dirty.roster = code, true
	}
	l.readWaiting()
}

// obeyEpoch follows the acting host's word of who may be here, once: what is said
// after it may be stricter.
func (l *loop) obeyEpoch() {
	e := l.keys.ring.Newest()
	if e == nil || e == l.keys.obeyed || e.By != l.core.state.ActingHost() {
		return
	}
	l.keys.obeyed = e
	l.statedEntry(e)
	l.review()
}
