package session

import (
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/parley-mesh/parley/pkg/e2ee"
	"github.com/parley-mesh/parley/pkg/protocol"
)

const (
	unsaidMost  = 50     // own lines that wait for the first epoch
	unreadMost  = 200    // others' lines that wait for theirs
	unreadOf    = 20     // of one author, who pushes out none but their own
	unreadUntil = 10_000 // milliseconds after which they no longer do
)

// unread is a line whose epoch is not known yet: the key and the line often come
// by different ways.
type unread struct {
	envelope protocol.Envelope
	at       int64
	old      bool // of a history
}

// say says a line of chat to everybody. Before there is an epoch it waits for
// one.
func (l *loop) say(text string) error {
	if !l.core.state.Inside() {
		return ErrOver
	}
	if !l.may(l.self, l.policy.Chat) {
		return ErrChat
	}
	var id [16]byte
	_, _ = rand.Read(id[:]) // never fails
	body := protocol.Chat{
		ID: base64.RawURLEncoding.EncodeToString(id[:]), Text: text, At: time.Now().UnixMilli(), Name: l.presence.Name,
	}
	if l.keys.inUse != nil {
		return l.utter(body)
	}
	if len(l.chat.unsaid) >= unsaidMost {
		return fmt.Errorf("%w: too many wait for a key", ErrChat)
	}
	l.chat.unsaid = append(l.chat.unsaid, body)
	return nil
}

// utter seals a line and sends it.
func (l *loop) utter(body protocol.Chat) error {
	text, err := protocol.Encode(body)
	if err != nil {
		return fmt.Errorf("session: chat: %w", err)
	}
	e, err := l.envelopes.sign(l.number, protocol.EnvelopeChat, func(seq int64) (string, error) {
		return l.keys.inUse.SealChat(l.door.self, l.cfg.Joined.MeetingID, seq, text)
	})
	if err != nil {
		return err
	}
	l.line(e, body)
	for _, id := range l.spread(e) {
		l.chat.owe(id, e)
	}
	return nil
}

// read takes in somebody's sealed line, and reports whether it may be one. A
// helper reads nothing; it keeps what passes as it is, for who comes later.
func (l *loop) read(e protocol.Envelope, old bool) bool {
	if l.cfg.Kind == protocol.KindHelper {
		if !old {
			l.chat.history.add(e, time.Now().UnixMilli())
		}
		return true
	}
	text, err := l.keys.ring.OpenChat(e)
	if errors.Is(err, e2ee.ErrNoEpoch) {
		now := l.millis()
		l.chat.await(unread{e, now, old})
		return true
	}
	if err != nil {
		return false
	}
	body, err := protocol.Decode[protocol.Chat](text)
	if err != nil || (old && body.To != "") {
		return false
	}
	l.line(e, body)
	return true
}

// await keeps a line until its key comes, in the place of what is too old or, where
// there is too much, of the oldest.
func (c *chat) await(line unread) {
	c.unread = slices.DeleteFunc(c.unread, func(u unread) bool { return u.at <= line.at-unreadUntil })
	of := func(u unread) bool { return u.envelope.From == line.envelope.From }
	theirs := 0
	for _, u := range c.unread {
		if of(u) {
			theirs++
		}
	}
	if theirs >= unreadOf {
		i := slices.IndexFunc(c.unread, of)
		c.unread = slices.Delete(c.unread, i, i+1)
	}
	if len(c.unread) >= unreadMost {
		c.unread = slices.Delete(c.unread, 0, 1)
	}
	c.unread = append(c.unread, line)
}

// readWaiting says and reads what had no key until now.
func (l *loop) readWaiting() {
	if l.keys.inUse != nil {
		lines := l.chat.unsaid
		l.chat.unsaid = nil
		for _, body := range lines {
			if err := l.utter(body); err != nil {
				l.out.tell(Error{Message: err.Error()})
			}
		}
	}
	now, waiting := l.millis(), l.chat.unread
	l.chat.unread = nil
	for _, w := range waiting {
		switch _, err := l.keys.ring.OpenChat(w.envelope); {
		case !errors.Is(err, e2ee.ErrNoEpoch):
			l.read(w.envelope, w.old)
		case now < w.at+unreadUntil:
			l.chat.unread = append(l.chat.unread, w)
		}
	}
}

// line takes in a line of chat that is for self or for all.
func (l *loop) line(e protocol.Envelope, body protocol.Chat) {
	if body.To == "" || body.To == l.self || e.From == l.self {
		l.out.tell(l.chat.add(e, body, time.Now()))
	}
}

// remember takes the history that a link's peer was asked for, and no more of it
// than there can be.
func (l *loop) remember(t *tie, envelopes []protocol.Envelope) {
	for i, e := range envelopes {
		if t.history == 0 {
			l.count.envelopes += len(envelopes) - i
			return
		}
		t.history--
		l.old(e)
	}
}

// old takes an envelope of a history: its author need not be here any more. Who is
// may not write by another's hand what they may not by their own.
func (l *loop) old(e protocol.Envelope) {
	if l.core.state.Has(e.From) && !l.may(e.From, l.policy.Chat) {
		l.count.envelopes++
		return
	}
	if e.Kind != protocol.EnvelopeChat || l.cfg.Kind == protocol.KindHelper || l.envelopes.admits(e) != nil {
		return
	}
	if !l.read(e, true) {
		l.count.envelopes++
	}
}
