package api

import (
	"net/http"
	"time"

	"github.com/parley-mesh/parley/pkg/meeting"
	"github.com/parley-mesh/parley/pkg/protocol"
	"github.com/parley-mesh/parley/rendezvous/guard"
	"github.com/parley-mesh/parley/rendezvous/store"
)

const pageSize = 50 // meetings in a page of my-meetings

func (a *API) create(w http.ResponseWriter, r *http.Request, c caller) error {
	request, err := read[protocol.CreateRequest](w, r)
	if err != nil {
		return err
	}
	if err := a.config.Guard.Allow(guard.Create, guard.Prefix(c.addr)); err != nil {
		return err
	}
	record, made, err := a.config.Store.Create(r.Context(), store.Draft{
		Title: request.Title, Host: c.id, Password: request.Password, ExpiresAt: request.ExpiresAt, Policy: request.Policy,
	})
	if err != nil {
		return err
	}
	return answer(w, http.StatusCreated, protocol.CreateResponse{
		MeetingID: record.ID, Title: record.Title, Password: made.Password,
		InvitationToken: made.Token.Reveal(), InvitationLink: a.link(r, made.Token),
		HostID: record.HostID, CreatedAt: record.CreatedAt, ExpiresAt: record.ExpiresAt,
	})
}

// link is an invitation up to the token; its maker appends the secret.
func (a *API) link(r *http.Request, token meeting.Token) string {
	return meeting.Invitation{Base: a.base(r), Token: token}.String()
}

func (a *API) myMeetings(w http.ResponseWriter, r *http.Request, c caller) error {
	if err := a.config.Guard.Allow(guard.Join, guard.Prefix(c.addr)); err != nil {
		return err
	}
	records, next, err := a.config.Store.ListByHost(r.Context(), c.id, r.URL.Query().Get("after"), pageSize)
	if err != nil {
		return err
	}
	page := protocol.MyMeetingsResponse{Meetings: make([]protocol.MeetingSummary, 0, len(records)), Next: next}
	for _, record := range records {
		page.Meetings = append(page.Meetings, protocol.MeetingSummary{
			MeetingID: record.ID, Title: record.Title, CreatedAt: record.CreatedAt, ExpiresAt: record.ExpiresAt,
			Participants: a.config.Hub.Live(record.ID).Inside,
		})
	}
	return answer(w, http.StatusOK, page)
}

// own is the meeting in the path, if the caller is its host. What may cost a
// hash counts as a creation does.
func (a *API) own(r *http.Request, c caller, door guard.Door) (*meeting.Record, error) {
	if err := a.config.Guard.Allow(door, guard.Prefix(c.addr)); err != nil {
		return nil, err
	}
	id, err := meeting.ParseID(r.PathValue("meeting_id"))
	if err != nil {
		return nil, err
	}
	record, err := a.config.Store.Get(r.Context(), id)
	if err != nil {
		return nil, err
	}
	if record.HostID != c.id {
		return nil, store.ErrNotHost
	}
	return record, nil
}

func (a *API) look(w http.ResponseWriter, r *http.Request, c caller) error {
	record, err := a.own(r, c, guard.Join)
	if err != nil {
		return err
	}
	return answer(w, http.StatusOK, a.shown(record))
}

// shown is what a host sees of a meeting.
func (a *API) shown(record *meeting.Record) protocol.MeetingResponse {
	out := protocol.MeetingResponse{
		MeetingID: record.ID, Title: record.Title, HostID: record.HostID, CreatedAt: record.CreatedAt,
		ExpiresAt: record.ExpiresAt, Policy: record.Policy, Participants: a.config.Hub.Live(record.ID).Inside,
	}
	if until, suspended := a.config.Guard.Suspended(record.ID); suspended {
		until = until.UTC().Truncate(time.Second)
		out.SuspendedUntil = &until
	}
	return out
}

func (a *API) change(w http.ResponseWriter, r *http.Request, c caller) error {
	request, err := read[protocol.ChangeRequest](w, r)
	if err != nil {
		return err
	}
	before, err := a.own(r, c, guard.Create)
	if err != nil {
		return err
	}
	record, err := a.config.Store.Change(r.Context(), before.ID, c.id, store.Change{
		Title: request.Title, Password: request.Password, ExpiresAt: request.ExpiresAt, Policy: request.Policy,
	})
	if err != nil {
		return err
	}
	a.config.Hub.Refresh(record.ID)
	return answer(w, http.StatusOK, a.shown(record))
}

func (a *API) remove(w http.ResponseWriter, r *http.Request, c caller) error {
	record, err := a.own(r, c, guard.Join)
	if err != nil {
		return err
	}
	if err := a.config.Store.Delete(r.Context(), record.ID, c.id); err != nil {
		return err
	}
	a.config.Hub.Refresh(record.ID)
	w.WriteHeader(http.StatusNoContent)
	return nil
}

func (a *API) renew(w http.ResponseWriter, r *http.Request, c caller) error {
	request, err := readOptional[protocol.RenewRequest](w, r)
	if err != nil {
		return err
	}
	before, err := a.own(r, c, guard.Create)
	if err != nil {
		return err
	}
	record, made, err := a.config.Store.RenewInvitation(r.Context(), before.ID, c.id, request.Password)
	if err != nil {
		return err
	}
	return answer(w, http.StatusOK, protocol.RenewResponse{
		MeetingID: record.ID, Password: made.Password,
		InvitationToken: made.Token.Reveal(), InvitationLink: a.link(r, made.Token),
	})
}
