package api

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/parley-mesh/parley/pkg/meeting"
	"github.com/parley-mesh/parley/pkg/protocol"
	"github.com/parley-mesh/parley/rendezvous/guard"
	"github.com/parley-mesh/parley/rendezvous/roster"
	"github.com/parley-mesh/parley/rendezvous/store"
	"github.com/parley-mesh/parley/rendezvous/ticket"
)

// invitation shows its holder the meeting.
func (a *API) invitation(w http.ResponseWriter, r *http.Request, c caller) error {
	if err := a.config.Guard.Allow(guard.Join, guard.Prefix(c.addr)); err != nil {
		return err
	}
	token, err := meeting.ParseToken(r.PathValue("token"))
	if err != nil {
		return a.unknownToken(r.Context(), c)
	}
	record, password, err := a.config.Store.Preview(r.Context(), token)
	if errors.Is(err, store.ErrInvitationNotFound) {
		return a.unknownToken(r.Context(), c)
	}
	if err != nil {
		return err
	}
	live := a.config.Hub.Live(record.ID)
	return answer(w, http.StatusOK, protocol.InvitationResponse{
		MeetingID: record.ID, Title: record.Title, Password: password, HostID: record.HostID,
		CreatedAt: record.CreatedAt, ExpiresAt: record.ExpiresAt, Inside: live.Inside, Names: live.Names,
	})
}

// unknownToken counts the failure, and is the refusal.
func (a *API) unknownToken(ctx context.Context, c caller) error {
	if err := a.config.Guard.UnknownToken(ctx, c.client()); err != nil {
		return err
	}
	return store.ErrInvitationNotFound
}

// join lets in who shows a password or an invitation, and gives them a ticket.
func (a *API) join(w http.ResponseWriter, r *http.Request, c caller) error {
	request, err := read[protocol.JoinRequest](w, r)
	if err != nil {
		return err
	}
	if err := a.config.Guard.Allow(guard.Join, guard.Prefix(c.addr)); err != nil {
		return err
	}
	var record *meeting.Record
	var via protocol.Via
	if request.InvitationToken != "" { // alone, or else ID and password: decoding has seen to that
		via = protocol.ViaInvitation
		record, err = a.byToken(r.Context(), c, request.InvitationToken)
	} else {
		via = protocol.ViaPassword
		record, err = a.byPassword(r.Context(), c, request.MeetingID, request.Password)
	}
	if err != nil {
		return err
	}
	role, err := a.admit(r.Context(), record, c, via)
	if err != nil {
		return err
	}
	now := time.Now()
	sealed, err := a.config.Tickets.Seal(ticket.Ticket{
		Meeting: record.ID, Peer: c.id, Via: via, Issued: now, Expires: ticket.Until(now, ticket.JoinTTL, record.ExpiresAt),
	})
	if err != nil {
		return err
	}
	return answer(w, http.StatusOK, protocol.JoinResponse{
		MeetingID: record.ID, Title: record.Title, HostID: record.HostID, Role: role, Via: via,
		Ticket: sealed, SignalingURL: socketURL(a.base(r)) + "/signal", ExpiresAt: record.ExpiresAt,
	})
}

// byPassword tries a password, if the rules against guessing leave a try.
func (a *API) byPassword(ctx context.Context, c caller, text, password string) (*meeting.Record, error) {
	id, err := meeting.ParseID(text)
	if err != nil {
		return nil, err
	}
	try, err := a.config.Guard.Reserve(ctx, c.client(), id)
	if err != nil {
		return nil, err
	}
	defer try.Release()
	record, err := a.config.Store.AuthoriseByPassword(ctx, id, password)
	var failure guard.Failure
	switch {
	case err == nil:
		try.Succeeded(ctx)
		return record, nil
	case errors.Is(err, store.ErrWrongPassword):
		failure = guard.WrongPassword
	case errors.Is(err, store.ErrMeetingNotFound):
		failure = guard.UnknownMeeting
	default:
		return nil, err
	}
	// Counted even if the client has hung up meanwhile: it may have the answer.
	suspended, keeping := try.Failed(context.WithoutCancel(ctx), failure)
	if suspended {
		a.config.Hub.Refresh(id)
	}
	if keeping != nil {
		return nil, keeping // a try that cannot be counted is not answered
	}
	return nil, err
}

func (a *API) byToken(ctx context.Context, c caller, text string) (*meeting.Record, error) {
	token, err := meeting.ParseToken(text)
	if err != nil {
		return nil, a.unknownToken(ctx, c)
	}
	record, err := a.config.Store.AuthoriseByToken(ctx, token)
	if errors.Is(err, store.ErrInvitationNotFound) {
		return nil, a.unknownToken(ctx, c)
	}
	return record, err
}

// admit asks what the room would, so that nobody opens a WebSocket in vain, and
// tells the role. The room decides again: things change until the hello.
func (a *API) admit(ctx context.Context, record *meeting.Record, c caller, via protocol.Via) (protocol.Role, error) {
	standings, err := a.config.Store.Standings(ctx, record.ID)
	if err != nil {
		return "", err
	}
	role := protocol.RoleParticipant
	for _, s := range standings {
		switch {
		case s.Peer != c.id:
		case s.Banned:
			return "", errBanned
		case s.CoHost:
			role = protocol.RoleCoHost
		}
	}
	if c.id == record.HostID {
		role = protocol.RoleHost
	}
	live := a.config.Hub.Live(record.ID)
	switch policy := record.Policy; {
	case live.Has(c.id): // a reload, which takes nobody's place
		return role, nil
	case policy.Entry == meeting.EntryInvitation && via != protocol.ViaInvitation && role == protocol.RoleParticipant:
		return "", errInviteOnly
	case policy.Locked && role == protocol.RoleParticipant:
		return "", errLocked
	case live.Inside >= policy.Capacity:
		return "", errFull
	}
	return role, nil
}

// openTicket reads a hello's ticket for its meeting.
func (a *API) openTicket(text string, id meeting.ID) (roster.Claims, error) {
	t, err := a.config.Tickets.Open(text, time.Now())
	switch {
	case errors.Is(err, ticket.ErrExpired):
		return roster.Claims{}, errOldTick
	case err != nil, t.Meeting != id:
		return roster.Claims{}, errTicket
	}
	return roster.Claims{ID: t.Peer, Via: t.Via, Helper: t.Helper, N: t.N, Session: t.Session, Issued: t.Issued}, nil
}
