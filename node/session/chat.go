package session

import (
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/parley-mesh/parley/pkg/identity"
	"github.com/parley-mesh/parley/pkg/protocol"
)

const (
	chatText = 4000 // characters of a line
	owedMost = 50   // own lines kept for somebody whom no link reaches
)

// chat is what was said: the lines for who looks, the sealed envelopes for who
// comes later, own lines that somebody has not got yet, and what waits for a key.
type chat struct {
	history history
	lines   []Chat
	owed    map[identity.PeerID][]protocol.Envelope
	unsaid  []protocol.Chat
	unread  []unread
}

func newChat() *chat { return &chat{owed: make(map[identity.PeerID][]protocol.Envelope)} }

// checkLine tells what is wrong with a line of chat.
func checkLine(text string) error {
	switch {
	case strings.TrimSpace(text) == "":
		return fmt.Errorf("%w: it is empty", ErrChat)
	case !utf8.ValidString(text) || utf8.RuneCountInString(text) > chatText:
		return fmt.Errorf("%w: it has more than %d characters", ErrChat, chatText)
	}
	return nil
}

// add takes a line in and returns it as shown. now bounds the author's clock: one
// that runs ahead must not pin its line to the end for ever.
func (c *chat) add(e protocol.Envelope, body protocol.Chat, now time.Time) Chat {
	if body.To == "" {
		c.history.add(e, body.At)
	}
	at := time.UnixMilli(body.At)
	if at.After(now) {
		at = now
	}
	line := Chat{From: e.From, Name: body.Name, Text: body.Text, At: at}
	i := len(c.lines)
	for i > 0 && c.lines[i-1].At.After(at) {
		i--
	}
	c.lines = slices.Insert(c.lines, i, line)
	if over := len(c.lines) - MaxLines; over > 0 {
		c.lines = slices.Delete(c.lines, 0, over)
	}
	return line
}

func (c *chat) owe(to identity.PeerID, e protocol.Envelope) {
	owed := append(c.owed[to], e)
	c.owed[to] = owed[max(0, len(owed)-owedMost):]
}

// pay returns what somebody has not got and forgets it.
func (c *chat) pay(to identity.PeerID) []protocol.Envelope {
	owed := c.owed[to]
	delete(c.owed, to)
	return owed
}
