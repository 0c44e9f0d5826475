package client

import (
	"context"
	"crypto/rand"
	"fmt"
	"net/http"
	"net/url"

	"github.com/parley-mesh/parley/pkg/meeting"
	"github.com/parley-mesh/parley/pkg/protocol"
)

// Created is a new meeting as its creator sees it once: with its password and
// an invitation whose secret was made here and never left.
type Created struct {
	protocol.CreateResponse
	Invitation meeting.Invitation
}

// Renewed is a meeting's new invitation, with a new secret made here, and the
// password that goes with it.
type Renewed struct {
	protocol.RenewResponse
	Invitation meeting.Invitation
}

// Create makes a meeting (POST /meetings/create).
func (c *Client) Create(ctx context.Context, req protocol.CreateRequest) (Created, error) {
	made, err := post[protocol.CreateResponse](ctx, c, http.MethodPost, "/meetings/create", req)
	if err != nil {
		return Created{}, fmt.Errorf("create meeting: %w", err)
	}
	inv, err := complete(made.InvitationLink)
	if err != nil {
		return Created{}, fmt.Errorf("create meeting: %w", err)
	}
	return Created{made, inv}, nil
}

// Invitation shows what an invitation leads to, password included
// (GET /meetings/invitation/{token}).
func (c *Client) Invitation(ctx context.Context, token meeting.Token) (protocol.InvitationResponse, error) {
	shown, err := call[protocol.InvitationResponse](ctx, c, http.MethodGet, "/meetings/invitation/"+token.Reveal(), nil)
	if err != nil {
		return shown, fmt.Errorf("look at invitation: %w", err)
	}
	return shown, nil
}

// Join shows an ID and password, or an invitation's token, and gets the ticket
// that opens a session (POST /meetings/join).
func (c *Client) Join(ctx context.Context, req protocol.JoinRequest) (protocol.JoinResponse, error) {
	joined, err := post[protocol.JoinResponse](ctx, c, http.MethodPost, "/meetings/join", req)
	if err != nil {
		return joined, fmt.Errorf("join meeting: %w", err)
	}
	return joined, nil
}

// MyMeetings returns a page of the meetings that the identity created, newest
// first (GET /meetings/my-meetings). after is empty for the first page, and the
// page before's Next for each other.
func (c *Client) MyMeetings(ctx context.Context, after string) (protocol.MyMeetingsResponse, error) {
	path := "/meetings/my-meetings"
	if after != "" {
		path += "?" + url.Values{"after": {after}}.Encode()
	}
	page, err := call[protocol.MyMeetingsResponse](ctx, c, http.MethodGet, path, nil)
	if err != nil {
		return page, fmt.Errorf("list meetings: %w", err)
	}
	return page, nil
}

// Meeting looks at a meeting of one's own (GET /meetings/{meeting_id}).
func (c *Client) Meeting(ctx context.Context, id meeting.ID) (protocol.MeetingResponse, error) {
	shown, err := call[protocol.MeetingResponse](ctx, c, http.MethodGet, meetingPath(id), nil)
	if err != nil {
		return shown, fmt.Errorf("look at meeting: %w", err)
	}
	return shown, nil
}

// Change changes a meeting of one's own, running or not
// (PATCH /meetings/{meeting_id}).
func (c *Client) Change(ctx context.Context, id meeting.ID, req protocol.ChangeRequest) (protocol.MeetingResponse, error) {
	changed, err := post[protocol.MeetingResponse](ctx, c, http.MethodPatch, meetingPath(id), req)
	if err != nil {
		return changed, fmt.Errorf("change meeting: %w", err)
	}
	return changed, nil
}

// Delete ends a meeting of one's own for good: who is in it is told and leaves
// (DELETE /meetings/{meeting_id}).
func (c *Client) Delete(ctx context.Context, id meeting.ID) error {
	if _, err := c.do(ctx, http.MethodDelete, meetingPath(id), nil); err != nil {
		return fmt.Errorf("delete meeting: %w", err)
	}
	return nil
}

// RenewInvitation makes a new invitation; the old one stops working at once
// (POST /meetings/{meeting_id}/invitation).
func (c *Client) RenewInvitation(ctx context.Context, id meeting.ID, req protocol.RenewRequest) (Renewed, error) {
	made, err := post[protocol.RenewResponse](ctx, c, http.MethodPost, meetingPath(id)+"/invitation", req)
	if err != nil {
		return Renewed{}, fmt.Errorf("renew invitation: %w", err)
	}
	inv, err := complete(made.InvitationLink)
	if err != nil {
		return Renewed{}, fmt.Errorf("renew invitation: %w", err)
	}
	return Renewed{made, inv}, nil
}

func meetingPath(id meeting.ID) string { return "/meetings/" + url.PathEscape(id.String()) }

// post sends a body after checking it by the protocol's own bounds, so that
// what is wrong is told without a round trip.
func post[A, Q protocol.Body](ctx context.Context, c *Client, method, path string, req Q) (A, error) {
	var none A
	if err := protocol.Validate(req); err != nil {
		return none, err
	}
	body, err := protocol.Encode(req)
	if err != nil {
		return none, err
	}
	return call[A](ctx, c, method, path, body)
}

// complete adds a secret to the link that a rendezvous made.
func complete(link string) (meeting.Invitation, error) {
	inv, err := meeting.ParseInvitation(link)
	if err != nil {
		return inv, fmt.Errorf("%w: %w", ErrNotRendezvous, err)
	}
	secret, err := meeting.NewSecret(rand.Reader)
	if err != nil {
		return inv, err
	}
	inv.Secret = &secret
	return inv, nil
}
