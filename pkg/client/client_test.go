package client_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/parley-mesh/parley/pkg/client"
	"github.com/parley-mesh/parley/pkg/identity"
	"github.com/parley-mesh/parley/pkg/meeting"
	"github.com/parley-mesh/parley/pkg/protocol"
)

func TestNewRefuses(t *testing.T) {
	t.Parallel()
	id := identity.FromSeed([32]byte{1})
	for _, url := range []string{"", "meet.example.org", "ftp://meet.example.org", "https://", "https://a:b@meet.example.org", "https://meet.example.org/?x", "https://meet.example.org/#x", "https://%"} {
		if _, err := client.New(client.Config{Rendezvous: url, Identity: id}); !errors.Is(err, client.ErrConfig) {
			t.Errorf("%q: err = %v, want ErrConfig", url, err)
		}
	}
	if _, err := client.New(client.Config{Rendezvous: "https://meet.example.org"}); !errors.Is(err, client.ErrConfig) {
		t.Errorf("no identity: err = %v, want ErrConfig", err)
	}
}

func TestToken(t *testing.T) {
	t.Parallel()
	id := identity.FromSeed([32]byte{1})
	c, err := client.New(client.Config{Rendezvous: "https://meet.example.org/", Identity: id})
	if err != nil {
		t.Fatal(err)
	}
	token, err := c.Token(time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := identity.VerifyToken(token, []string{"https://meet.example.org"}, time.Now()); err != nil || got != id.PeerID() {
		t.Errorf("VerifyToken = %s, %v", got, err)
	}
}

// A meeting's whole life over HTTP.
func TestMeetings(t *testing.T) {
	inBubble(t, func(t *testing.T, s *stage) {
		ctx, made := t.Context(), s.created
		if made.Title != "Planning" || made.HostID != s.host.Identity().PeerID() || meeting.ValidPassword(made.Password) != nil {
			t.Errorf("created %+v", made.CreateResponse)
		}
		if made.Invitation.Secret == nil || !strings.HasPrefix(made.Invitation.String(), made.InvitationLink+"#") {
			t.Errorf("invitation without a secret of its own: base %s", made.Invitation.Base)
		}

		shown, err := s.guest.Invitation(ctx, made.Invitation.Token)
		if err != nil || shown.MeetingID != made.MeetingID || shown.Password != made.Password {
			t.Errorf("Invitation = %+v, %v", shown, err)
		}
		joined, err := s.guest.Join(ctx, protocol.JoinRequest{MeetingID: string(made.MeetingID), Password: made.Password})
		if err != nil || joined.Role != protocol.RoleParticipant || joined.Via != protocol.ViaPassword {
			t.Errorf("Join = %+v, %v", joined, err)
		}
		joined, err = s.host.Join(ctx, protocol.JoinRequest{InvitationToken: made.InvitationToken})
		if err != nil || joined.Role != protocol.RoleHost || joined.Via != protocol.ViaInvitation {
			t.Errorf("Join = %+v, %v", joined, err)
		}

		capacity := 7
		end := time.Now().Add(time.Hour).UTC()
		changed, err := s.host.Change(ctx, made.MeetingID, protocol.ChangeRequest{
			Title: "Retrospective", ExpiresAt: protocol.Expiry{Set: true, At: &end}, Policy: &meeting.PolicyPatch{Capacity: &capacity},
		})
		if err != nil || changed.Title != "Retrospective" || changed.Policy.Capacity != 7 || changed.ExpiresAt == nil || !changed.ExpiresAt.Equal(end) {
			t.Errorf("Change = %+v, %v", changed, err)
		}
		if got, err := s.host.Meeting(ctx, made.MeetingID); err != nil || cmp.Diff(changed, got) != "" {
			t.Errorf("Meeting = %+v, %v", got, err)
		}

		renewed, err := s.host.RenewInvitation(ctx, made.MeetingID, protocol.RenewRequest{})
		if err != nil || renewed.Invitation.Secret == nil || renewed.Invitation.Secret.Equal(*made.Invitation.Secret) || renewed.Password == made.Password {
			t.Errorf("RenewInvitation = %+v, %v", renewed.RenewResponse.MeetingID, err)
		}
		wantCode(t, protocol.CodeInvitationNotFound)(s.guest.Invitation(ctx, made.Invitation.Token))

		if err := s.host.Delete(ctx, made.MeetingID); err != nil {
			t.Error(err)
		}
		wantCode(t, protocol.CodeMeetingNotFound)(s.host.Meeting(ctx, made.MeetingID))
	})
}

func TestWellKnown(t *testing.T) {
	inBubble(t, func(t *testing.T, s *stage) {
		if known, err := s.guest.WellKnown(t.Context()); err != nil || len(known.Origins) != 1 || known.Origins[0] != s.rendezvous.URL() {
			t.Errorf("WellKnown = %+v, %v", known, err)
		}
	})
}

func wantCode(t *testing.T, code protocol.Code) func(any, error) {
	t.Helper()
	return func(_ any, err error) {
		t.Helper()
		var refused *client.Refused
		if !errors.As(err, &refused) || refused.Code() != code || refused.Problem.Status != code.Status() {
			t.Errorf("err = %v, want code %s", err, code)
		}
	}
}

func TestRefusals(t *testing.T) {
	inBubble(t, func(t *testing.T, s *stage) {
		ctx, id := t.Context(), s.created.MeetingID
		wantCode(t, protocol.CodeIncorrectPassword)(s.guest.Join(ctx, protocol.JoinRequest{MeetingID: string(id), Password: "wrong-password"}))
		wantCode(t, protocol.CodeHostOnly)(s.guest.Meeting(ctx, id))
		wantCode(t, protocol.CodeHostOnly)(s.guest.Change(ctx, id, protocol.ChangeRequest{Title: "Mine"}))
		wantCode(t, protocol.CodeHostOnly)(s.guest.RenewInvitation(ctx, id, protocol.RenewRequest{}))
		wantCode(t, protocol.CodeHostOnly)(nil, s.guest.Delete(ctx, id))

		s.rendezvous.Fail(protocol.CodeTooManyRequests)
		_, err := s.guest.Join(ctx, protocol.JoinRequest{MeetingID: string(id), Password: "123456"})
		var refused *client.Refused
		if !errors.As(err, &refused) || refused.Problem.RetryAfter != 7 || !refused.Temporary() {
			t.Errorf("err = %v, want one that says when to try again", err)
		}
	})
}

// Guards against a round trip that ends in what was known before.
func TestRequestsAreChecked(t *testing.T) {
	inBubble(t, func(t *testing.T, s *stage) {
		s.rendezvous.Fail(protocol.CodeInternal)
		var field *protocol.FieldError
		if _, err := s.host.Create(t.Context(), protocol.CreateRequest{}); !errors.As(err, &field) || field.Field != "title" {
			t.Errorf("Create = %v", err)
		}
		if _, err := s.host.Join(t.Context(), protocol.JoinRequest{MeetingID: "12"}); !errors.As(err, &field) || field.Field != "meeting_id" {
			t.Errorf("Join = %v", err)
		}
	})
}

func TestMyMeetings(t *testing.T) {
	inBubble(t, func(t *testing.T, s *stage) {
		want := []string{"Planning"}
		for _, title := range []string{"b", "c", "d"} {
			time.Sleep(time.Second)
			if _, err := s.host.Create(t.Context(), protocol.CreateRequest{Title: title}); err != nil {
				t.Fatal(err)
			}
			want = append([]string{title}, want...)
		}
		var got []string
		after := ""
		for {
			page, err := s.host.MyMeetings(t.Context(), after)
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range page.Meetings {
				got = append(got, m.Title)
			}
			if after = page.Next; after == "" {
				break
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
		if page, err := s.guest.MyMeetings(t.Context(), ""); err != nil || len(page.Meetings) != 0 {
			t.Errorf("guest's = %v, %v", page, err)
		}
	})
}

// Guards against taking a login page, a proxy's error or an endless body for a
// rendezvous, and against following it elsewhere with a token.
func TestNotARendezvous(t *testing.T) {
	t.Parallel()
	for name, handler := range map[string]http.HandlerFunc{
		"a page":          func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "<html>") },
		"a proxy's error": func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "Bad Gateway", http.StatusBadGateway) },
		"a redirect": func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "/elsewhere", http.StatusTemporaryRedirect)
		},
		"a broken problem": func(w http.ResponseWriter, _ *http.Request) { problem(w, `{"type":7}`) },
		"an unbound problem": func(w http.ResponseWriter, _ *http.Request) {
			problem(w, `{"type":"x","title":"x","status":403,"detail":"`+strings.Repeat("x", 4000)+`"}`)
		},
		"another answer": func(w http.ResponseWriter, _ *http.Request) {
			_, _ = io.WriteString(w, `{"meetings":[],"surprise":true}`)
		},
		"an endless answer": func(w http.ResponseWriter, _ *http.Request) {
			for i := 0; i < 1<<20; i += 1 << 10 {
				if _, err := io.WriteString(w, strings.Repeat(" ", 1<<10)); err != nil {
					return
				}
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.URL.Path == "/elsewhere" {
					t.Error("followed a redirect")
				}
				handler(w, r)
			}))
			defer server.Close()
			c, err := client.New(client.Config{Rendezvous: server.URL, Identity: identity.FromSeed([32]byte{1})})
			if err != nil {
				t.Fatal(err)
			}
			if _, err := c.MyMeetings(t.Context(), ""); !errors.Is(err, client.ErrNotRendezvous) {
				t.Errorf("err = %v, want ErrNotRendezvous", err)
			}
			joined := protocol.JoinResponse{MeetingID: "482913006", Ticket: "x", SignalingURL: server.URL + "/signal"}
			session, err := c.NewSession(joined, protocol.KindNode, protocol.Presence{Name: "x"})
			if err != nil {
				t.Fatal(err)
			}
			if err := session.Run(t.Context()); !errors.Is(err, client.ErrNotRendezvous) {
				t.Errorf("Run = %v, want ErrNotRendezvous", err)
			}
		})
	}
}

func problem(w http.ResponseWriter, body string) {
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(http.StatusForbidden)
	_, _ = io.WriteString(w, body)
}

func TestUnreachable(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.NotFoundHandler())
	server.Close()
	c, err := client.New(client.Config{Rendezvous: server.URL, Identity: identity.FromSeed([32]byte{1})})
	if err != nil {
		t.Fatal(err)
	}
	token, err := meeting.NewToken(strings.NewReader(strings.Repeat("x", 32)))
	if err != nil {
		t.Fatal(err)
	}
	// The token is in the URL, which must not be in the error.
	if _, err := c.Invitation(t.Context(), token); !errors.Is(err, client.ErrUnreachable) || strings.Contains(err.Error(), token.Reveal()) {
		t.Errorf("err = %v, want ErrUnreachable without the token", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := c.Invitation(ctx, token); !errors.Is(err, context.Canceled) || errors.Is(err, client.ErrUnreachable) {
		t.Errorf("err = %v, want context.Canceled alone", err)
	}
}

type hanging struct{}

func (hanging) RoundTrip(r *http.Request) (*http.Response, error) {
	<-r.Context().Done()
	return nil, r.Context().Err()
}

// Guards against a command that hangs for good.
func TestRequestsEnd(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c, err := client.New(client.Config{
			Rendezvous: "http://rendezvous.test", Identity: identity.FromSeed([32]byte{1}), HTTP: &http.Client{Transport: hanging{}},
		})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := c.MyMeetings(t.Context(), ""); !errors.Is(err, client.ErrUnreachable) {
			t.Errorf("err = %v, want ErrUnreachable", err)
		}
	})
}
