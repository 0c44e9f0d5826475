package main

import (
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/parley-mesh/parley/node"
	"github.com/parley-mesh/parley/node/session"
	"github.com/parley-mesh/parley/pkg/client"
	"github.com/parley-mesh/parley/pkg/e2ee"
	"github.com/parley-mesh/parley/pkg/identity"
	"github.com/parley-mesh/parley/pkg/meeting"
)

var (
	errKeep      = errors.New("what this identity knows of its meetings cannot be read or written")
	errElsewhere = errors.New("this invitation leads into another meeting than before: its server is not to be trusted")
)

// maxKept is how many meetings are remembered. Those of others are forgotten
// first, then those that were entered longest ago.
const maxKept = 1000

// kept is what an identity remembers of its meetings, those that were entered
// last at the end.
type kept struct {
	Meetings []known `json:"meetings"`
}

// known is one meeting. Who made a meeting is its host, whatever a rendezvous
// says later: it has the invitation.
type known struct {
	Rendezvous string        `json:"rendezvous"`
	ID         meeting.ID    `json:"id"`
	Door       string        `json:"door,omitempty"`       // the fingerprint of the token that it was entered with
	Invitation string        `json:"invitation,omitempty"` // the newest, secret included; of one's own meetings alone
	Membership string        `json:"membership,omitempty"` // by the host of another's, since that invitation was renewed
	CardAt     int64         `json:"card_at,omitempty"`
	Entry      meeting.Entry `json:"entry,omitempty"`
	Former     []former      `json:"former,omitempty"` // newest first
}

type former struct {
	Secret  string            `json:"secret"`
	Members []identity.PeerID `json:"members"`
}

// session makes of a record what a session works with.
func (r known) session() (session.Kept, error) {
	k := session.Kept{CardAt: r.CardAt, Entry: r.Entry}
	if r.Entry != "" && !r.Entry.Valid() || len(r.Former) > session.FormerMost {
		return k, errKeep
	}
	if r.Invitation != "" {
		inv, err := meeting.ParseInvitation(r.Invitation)
		if err != nil {
			return k, fmt.Errorf("%w: %w", errKeep, err)
		}
		k.Invitation = &inv
	}
	if r.Membership != "" {
		member, err := e2ee.ParseMembershipKey(r.Membership)
		if err != nil {
			return k, fmt.Errorf("%w: %w", errKeep, err)
		}
		k.Membership = &member
	}
	for _, f := range r.Former {
		secret, err := meeting.ParseSecret(f.Secret)
		if err != nil || len(f.Members) > session.MembersMost {
			return k, errKeep
		}
		k.Former = append(k.Former, session.Former{Secret: secret, Members: f.Members})
	}
	return k, nil
}

// take takes over what a session changed.
func (r *known) take(k session.Kept) {
	r.CardAt, r.Entry, r.Membership, r.Former = k.CardAt, k.Entry, "", nil
	if k.Membership != nil {
		r.Membership = k.Membership.Reveal()
	}
	if k.Invitation != nil {
		r.Invitation, r.Door = k.Invitation.String(), fingerprint(k.Invitation.Token.Reveal())
	}
	for _, f := range k.Former {
		r.Former = append(r.Former, former{f.Secret.Reveal(), f.Members})
	}
}

// leads tells whether a door leads into this meeting.
func (r known) leads(door node.Door) bool {
	if r.Rendezvous != baseOf(door) {
		return false
	}
	if token := door.Join.InvitationToken; token != "" {
		return r.Door == fingerprint(token)
	}
	return r.ID.String() == door.Join.MeetingID
}

// find moves a meeting to the end, where it is made if need be.
func (k *kept) find(rendezvous string, id meeting.ID) *known {
	r := known{Rendezvous: rendezvous, ID: id}
	if i := slices.IndexFunc(k.Meetings, func(r known) bool { return r.Rendezvous == rendezvous && r.ID == id }); i >= 0 {
		r = k.Meetings[i]
		k.Meetings = slices.Delete(k.Meetings, i, i+1)
	}
	if len(k.Meetings) >= maxKept {
		i := max(0, slices.IndexFunc(k.Meetings, func(r known) bool { return r.Invitation == "" }))
		k.Meetings = slices.Delete(k.Meetings, i, i+1)
	}
	k.Meetings = append(k.Meetings, r)
	return &k.Meetings[len(k.Meetings)-1]
}

// made notes a meeting that was created here, and who may come into it.
func (f keepFile) made(m client.Created, entry meeting.Entry) error {
	return f.change(func(k *kept) error {
		r := k.find(m.Invitation.Base, m.MeetingID)
		r.take(session.Kept{CardAt: r.CardAt, Entry: entry, Invitation: &m.Invitation})
		return nil
	})
}

// isMade tells whether a door leads into a meeting that was made here.
func (f keepFile) isMade(door node.Door) (bool, error) {
	k, err := f.read()
	return slices.ContainsFunc(k.Meetings, func(r known) bool { return r.Invitation != "" && r.leads(door) }), err
}

// behind is what is remembered of the meeting behind a door. It fails with
// errElsewhere where the door led into another one before.
func (f keepFile) behind(door node.Door) func(meeting.ID) (session.Keep, error) {
	return func(id meeting.ID) (session.Keep, error) {
		k, err := f.read()
		if err == nil && slices.ContainsFunc(k.Meetings, func(r known) bool { return r.leads(door) && r.ID != id }) {
			return nil, errElsewhere
		}
		return keep{f, door, id}, nil // what cannot be read now cannot be changed: then that is told
	}
}

// keep remembers one meeting.
type keep struct {
	file keepFile
	door node.Door
	id   meeting.ID
}

// Change implements session.Keep. What was read is known, whether or not it could
// be written.
func (k keep) Change(change func(*session.Kept)) (session.Kept, error) {
	var now session.Kept
	changed := false
	err := k.file.change(func(all *kept) error {
		r := all.find(baseOf(k.door), k.id)
		if token := k.door.Join.InvitationToken; token != "" && r.Invitation == "" && r.Door != fingerprint(token) {
			r.Door, r.Membership = fingerprint(token), "" // another link's secret is newer
		}
		var err error
		if now, err = r.session(); err != nil {
			return err
		}
		change(&now)
		changed = true
		r.take(now)
		return nil
	})
	if !changed {
		now = session.Kept{}
		change(&now)
	}
	return now, err
}

func baseOf(door node.Door) string { return strings.TrimSuffix(door.Rendezvous, "/") }

// fingerprint tells an invitation from others without opening its door.
func fingerprint(token string) string {
	sum := sha256.Sum256([]byte("parley/1/made " + token))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}
