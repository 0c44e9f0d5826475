package clienttest

import (
	"crypto/rand"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/parley-mesh/parley/pkg/identity"
	"github.com/parley-mesh/parley/pkg/meeting"
	"github.com/parley-mesh/parley/pkg/protocol"
)

// pageSize is small, so that tests meet a second page.
const pageSize = 3

func (r *Rendezvous) problemOf(code protocol.Code) protocol.Problem {
	p := protocol.Problem{
		Type: r.base + "/problems/" + string(code), Title: http.StatusText(code.Status()), Status: code.Status(),
		Detail: "The fake rendezvous says: " + strings.ReplaceAll(string(code), "-", " ") + ".",
	}
	if p.Status == http.StatusTooManyRequests {
		p.RetryAfter = 7
	}
	return p
}

func writeProblem(w http.ResponseWriter, p protocol.Problem) {
	body, err := protocol.Encode(p)
	if err != nil {
		panic(err)
	}
	w.Header().Set("Content-Type", "application/problem+json")
	if p.RetryAfter > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(p.RetryAfter))
	}
	w.WriteHeader(p.Status)
	_, _ = w.Write(body)
}

func answer[T protocol.Body](w http.ResponseWriter, status int, body T) {
	data, err := protocol.Encode(body)
	if err != nil {
		panic(err)
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(data)
}

func (r *Rendezvous) refuse(w http.ResponseWriter, code protocol.Code) {
	writeProblem(w, r.problemOf(code))
}

func (r *Rendezvous) who(w http.ResponseWriter, req *http.Request) (identity.PeerID, bool) {
	token, ok := strings.CutPrefix(req.Header.Get("Authorization"), "Bearer ")
	id, err := identity.VerifyToken(token, []string{r.base}, time.Now())
	if !ok || err != nil {
		r.refuse(w, protocol.CodeUnauthenticated)
		return "", false
	}
	return id, true
}

func body[T protocol.Body](r *Rendezvous, w http.ResponseWriter, req *http.Request) (T, bool) {
	data, err := io.ReadAll(io.LimitReader(req.Body, protocol.MaxBody+1))
	if len(data) == 0 {
		data = []byte("{}")
	}
	var none T
	if err != nil || req.Header.Get("Content-Type") != "application/json" {
		r.refuse(w, protocol.CodeMediaType)
		return none, false
	}
	decoded, err := protocol.Decode[T](data)
	if err != nil {
		r.refuse(w, protocol.CodeInvalid)
		return none, false
	}
	return decoded, true
}

func (r *Rendezvous) create(w http.ResponseWriter, req *http.Request) {
	id, ok := r.who(w, req)
	if !ok {
		return
	}
	asked, ok := body[protocol.CreateRequest](r, w, req)
	if !ok {
		return
	}
	m := &room{password: asked.Password, sessions: make(map[identity.PeerID]*session)}
	m.Title, m.HostID, m.CreatedAt, m.ExpiresAt = asked.Title, id, time.Now().UTC(), asked.ExpiresAt
	m.Policy = meeting.DefaultPolicy()
	if asked.Policy != nil {
		m.Policy, _ = asked.Policy.Apply(m.Policy) // its members are checked
	}
	m.MeetingID, _ = meeting.NewID(rand.Reader)
	m.token, _ = meeting.NewToken(rand.Reader)
	if m.password == "" {
		m.password, _ = meeting.NewPassword(rand.Reader, meeting.MinPasswordDigits)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.meetings[m.MeetingID] = m
	answer(w, http.StatusCreated, protocol.CreateResponse{
		MeetingID: m.MeetingID, Title: m.Title, Password: m.password, InvitationToken: m.token.Reveal(),
		InvitationLink: r.link(m.token), HostID: m.HostID, CreatedAt: m.CreatedAt, ExpiresAt: m.ExpiresAt,
	})
}

func (r *Rendezvous) link(t meeting.Token) string {
	return meeting.Invitation{Base: r.base, Token: t}.String()
}

func (r *Rendezvous) byTokenLocked(text string) *room {
	token, err := meeting.ParseToken(text)
	for _, m := range r.meetings {
		if err == nil && m.token.Equal(token) {
			return m
		}
	}
	return nil
}

func (r *Rendezvous) invitation(w http.ResponseWriter, req *http.Request) {
	if _, ok := r.who(w, req); !ok {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	m := r.byTokenLocked(req.PathValue("token"))
	if m == nil {
		r.refuse(w, protocol.CodeInvitationNotFound)
		return
	}
	answer(w, http.StatusOK, protocol.InvitationResponse{
		MeetingID: m.MeetingID, Title: m.Title, Password: m.password, HostID: m.HostID,
		CreatedAt: m.CreatedAt, ExpiresAt: m.ExpiresAt, Inside: len(m.sessions),
	})
}

func (r *Rendezvous) join(w http.ResponseWriter, req *http.Request) {
	id, ok := r.who(w, req)
	if !ok {
		return
	}
	asked, ok := body[protocol.JoinRequest](r, w, req)
	if !ok {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	var m *room
	via := protocol.ViaInvitation
	if asked.InvitationToken != "" {
		if m = r.byTokenLocked(asked.InvitationToken); m == nil {
			r.refuse(w, protocol.CodeInvitationNotFound)
			return
		}
	} else {
		via = protocol.ViaPassword
		parsed, _ := meeting.ParseID(asked.MeetingID)
		if m = r.meetings[parsed]; m == nil {
			r.refuse(w, protocol.CodeMeetingNotFound)
			return
		}
		if m.password != asked.Password {
			r.refuse(w, protocol.CodeIncorrectPassword)
			return
		}
	}
	role := protocol.RoleParticipant
	if id == m.HostID {
		role = protocol.RoleHost
	}
	answer(w, http.StatusOK, protocol.JoinResponse{
		MeetingID: m.MeetingID, Title: m.Title, HostID: m.HostID, Role: role, Via: via,
		Ticket: ticket(id, role, via), SignalingURL: "ws" + strings.TrimPrefix(r.base, "http") + "/signal", ExpiresAt: m.ExpiresAt,
	})
}

func (r *Rendezvous) mine(w http.ResponseWriter, req *http.Request) {
	id, ok := r.who(w, req)
	if !ok {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	all := []protocol.MeetingSummary{}
	for _, m := range r.meetings {
		if m.HostID == id {
			all = append(all, protocol.MeetingSummary{
				MeetingID: m.MeetingID, Title: m.Title, CreatedAt: m.CreatedAt, ExpiresAt: m.ExpiresAt, Participants: len(m.sessions),
			})
		}
	}
	slices.SortFunc(all, func(a, b protocol.MeetingSummary) int { return b.CreatedAt.Compare(a.CreatedAt) })
	skip, _ := strconv.Atoi(req.URL.Query().Get("after"))
	page := protocol.MyMeetingsResponse{Meetings: all[min(max(skip, 0), len(all)):]}
	if len(page.Meetings) > pageSize {
		page.Meetings, page.Next = page.Meetings[:pageSize], strconv.Itoa(skip+pageSize)
	}
	answer(w, http.StatusOK, page)
}

// own finds the meeting in the path and calls do if the caller is its host.
func (r *Rendezvous) own(w http.ResponseWriter, req *http.Request, do func(*room)) {
	id, ok := r.who(w, req)
	if !ok {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	parsed, _ := meeting.ParseID(req.PathValue("id"))
	m := r.meetings[parsed]
	switch {
	case m == nil:
		r.refuse(w, protocol.CodeMeetingNotFound)
	case m.HostID != id:
		r.refuse(w, protocol.CodeHostOnly)
	default:
		m.Participants = len(m.sessions)
		do(m)
	}
}

func (r *Rendezvous) show(w http.ResponseWriter, req *http.Request) {
	r.own(w, req, func(m *room) { answer(w, http.StatusOK, m.MeetingResponse) })
}

func (r *Rendezvous) change(w http.ResponseWriter, req *http.Request) {
	asked, ok := body[protocol.ChangeRequest](r, w, req)
	if !ok {
		return
	}
	r.own(w, req, func(m *room) {
		if asked.Title != "" {
			m.Title = asked.Title
		}
		if asked.Password != "" {
			m.password = asked.Password
		}
		if asked.ExpiresAt.Set {
			m.ExpiresAt = asked.ExpiresAt.At
		}
		if asked.Policy != nil {
			m.Policy, _ = asked.Policy.Apply(m.Policy)
		}
		answer(w, http.StatusOK, m.MeetingResponse)
	})
}

func (r *Rendezvous) remove(w http.ResponseWriter, req *http.Request) {
	r.own(w, req, func(m *room) {
		delete(r.meetings, m.MeetingID)
		for _, s := range m.sessions {
			s.byeLocked(protocol.Bye{Why: protocol.ByeEnded, Detail: "The meeting was deleted."})
		}
		w.WriteHeader(http.StatusNoContent)
	})
}

func (r *Rendezvous) renew(w http.ResponseWriter, req *http.Request) {
	asked, ok := body[protocol.RenewRequest](r, w, req)
	if !ok {
		return
	}
	r.own(w, req, func(m *room) {
		m.password, m.token = asked.Password, meeting.Token{}
		if m.password == "" {
			m.password, _ = meeting.NewPassword(rand.Reader, meeting.MinPasswordDigits)
		}
		m.token, _ = meeting.NewToken(rand.Reader)
		answer(w, http.StatusOK, protocol.RenewResponse{
			MeetingID: m.MeetingID, Password: m.password, InvitationToken: m.token.Reveal(), InvitationLink: r.link(m.token),
		})
	})
}

func (r *Rendezvous) wellKnown(w http.ResponseWriter, _ *http.Request) {
	answer(w, http.StatusOK, protocol.WellKnown{
		Version: "fake", Protocols: []string{protocol.Version}, Origins: []string{r.base}, Features: []string{},
	})
}
