package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"slices"

	"golang.org/x/term"

	"github.com/parley-mesh/parley/node"
	"github.com/parley-mesh/parley/node/session"
	"github.com/parley-mesh/parley/node/tui"
	"github.com/parley-mesh/parley/pkg/identity"
	"github.com/parley-mesh/parley/pkg/meeting"
	"github.com/parley-mesh/parley/pkg/protocol"
)

// maxOrder bounds a line of commands, in bytes.
const maxOrder = 4096

// An order is a command of who has the chair, one JSON object a line.
type order struct {
	Command     string          `json:"command"`
	Participant identity.PeerID `json:"participant,omitempty"` // of admit, deny and remove
	Ban         bool            `json:"ban,omitempty"`         // of remove
	Entry       meeting.Entry   `json:"entry,omitempty"`       // of entry
}

// done is what the event "done" tells: the order, and of renew what it made.
type done struct {
	order
	InvitationLink string `json:"invitation_link,omitempty"`
	Password       string `json:"password,omitempty"`
}

var (
	errOrder     = errors.New(`a command is one JSON object a line, like {"command":"lock"}`)
	errOrderLong = fmt.Errorf("a command has at most %d bytes", maxOrder)
	errNoOrder   = errors.New("there is no such command: admit, deny, remove, lock, unlock, entry and renew are")
	errNotHere   = errors.New("nobody with that ID is in the meeting")
	errNotAsking = errors.New("nobody with that ID waits to be let in")
	errNoEntry   = errors.New("entry is any or invitation")
)

// stdin is where commands come from.
type stdin io.Reader

// orders is standard input, unless a person sits there: who is in the background
// must not read from a terminal.
func orders(in stdin) io.Reader {
	if f, ok := in.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		return nil
	}
	return in
}

// steer obeys the commands that come, one after the other, until there are no
// more, and answers each with an event.
func (p *printer) steer(ctx context.Context, n *node.Node, in io.Reader) {
	for line, err := range linesOf(in) {
		if ctx.Err() != nil {
			return
		}
		var o order
		switch {
		case err != nil:
		case p.json:
			o, err = parseOrder(line)
		default:
			o, err = parseWords(string(line), n.State())
		}
		answer := done{order: o}
		if err == nil {
			answer.InvitationLink, answer.Password, err = obey(ctx, n, o)
		}
		if err := p.answer(answer, err); err != nil {
			return // nobody listens any more
		}
	}
}

// answer tells how an order went.
func (p *printer) answer(a done, failed error) error {
	switch {
	case failed != nil && p.json:
		said := failureOf(failed)
		said.Command = a.Command
		return p.event("error", said)
	case failed != nil:
		return p.line(tui.Sentence(failed.Error()))
	case p.json:
		return p.event("done", a)
	case a.InvitationLink != "":
		return p.line("There is a new invitation: " + a.InvitationLink + " (password " + a.Password + ")")
	default:
		return p.line("Done: " + a.Command)
	}
}

// linesOf are the lines that hold something; errOrderLong in the place of one that
// is too long.
func linesOf(in io.Reader) iter.Seq2[[]byte, error] {
	return func(yield func([]byte, error) bool) {
		r := bufio.NewReaderSize(in, maxOrder+1)
		for {
			line, err := r.ReadSlice('\n')
			long := errors.Is(err, bufio.ErrBufferFull)
			for errors.Is(err, bufio.ErrBufferFull) {
				_, err = r.ReadSlice('\n')
			}
			switch {
			case long:
				if !yield(nil, errOrderLong) {
					return
				}
			case len(bytes.TrimSpace(line)) > 0 && !yield(line, nil):
				return
			}
			if err != nil {
				return
			}
		}
	}
}

func parseOrder(line []byte) (o order, err error) {
	d := json.NewDecoder(bytes.NewReader(line))
	d.DisallowUnknownFields()
	if err := d.Decode(&o); err != nil {
		return order{}, errOrder
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return order{}, errOrder
	}
	return o, nil
}

// obey does what is ordered, and gives a new invitation with its password.
func obey(ctx context.Context, n *node.Node, o order) (link, password string, err error) {
	switch o.Command {
	case "admit", "deny":
		is := func(p protocol.Participant) bool { return p.ID == o.Participant }
		switch {
		case !slices.ContainsFunc(n.State().Waiting, is):
			return "", "", errNotAsking
		case o.Command == "admit":
			return "", "", n.Admit(o.Participant)
		default:
			return "", "", n.Deny(o.Participant)
		}
	case "remove":
		is := func(p session.Person) bool { return p.ID == o.Participant }
		if o.Participant == n.ID() || !slices.ContainsFunc(n.State().People, is) {
			return "", "", errNotHere
		}
		return "", "", n.Remove(o.Participant, o.Ban)
	case "lock", "unlock":
		return "", "", n.Lock(o.Command == "lock")
	case "entry":
		if !o.Entry.Valid() {
			return "", "", errNoEntry
		}
		return "", "", n.SetEntry(ctx, o.Entry)
	case "renew":
		made, err := n.Renew(ctx)
		if err != nil {
			return "", "", err
		}
		return made.Invitation.String(), made.Password, nil
	default:
		return "", "", errNoOrder
	}
}

// Help is what --help tells beneath the first line.
func (*join) Help() string {
	return `Who has the chair decides by commands on standard input (unless that is a terminal), one a line: admit, deny, remove or ban with a name or an ID, lock, unlock, entry any or invitation, renew.

With --json, a command is a JSON object, answered by the event "done" or "error":

{"command":"admit","participant":"ID"}: let in somebody of "waiting" in the event "roster".

{"command":"deny","participant":"ID"}: send them away.

{"command":"remove","participant":"ID","ban":true}: end somebody's stay; with "ban" for good.

{"command":"lock"}, {"command":"unlock"}: no newcomers; newcomers again.

{"command":"entry","entry":"invitation"}: only who was invited; "any": who has the password, too. The host's alone.

{"command":"renew"}: a new invitation and password, which "done" tells as "invitation_link" and "password". The host's alone.`
}
