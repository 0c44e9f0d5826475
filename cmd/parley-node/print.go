package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"time"

	"github.com/mdp/qrterminal/v3"

	"github.com/parley-mesh/parley/node/tui"
	"github.com/parley-mesh/parley/pkg/client"
	"github.com/parley-mesh/parley/pkg/identity"
	"github.com/parley-mesh/parley/pkg/protocol"
)

// printer writes results to standard output, for people or as events.
type printer struct {
	w    io.Writer
	json bool
	mu   sync.Mutex // one line at a time
}

// event writes one line with "time" and "event" before members.
func (p *printer) event(name string, members any) error {
	body, err := json.Marshal(members)
	if err != nil {
		return err
	}
	if string(body) != "{}" {
		body[0] = ','
	} else {
		body = body[1:]
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	_, err = fmt.Fprintf(p.w, "{\"time\":%q,\"event\":%q%s\n", time.Now().UTC().Format(time.RFC3339Nano), name, body)
	return err
}

// line tells people something, with the time.
func (p *printer) line(text string) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	_, err := fmt.Fprintf(p.w, "%s  %s\n", time.Now().Format("15:04:05"), text)
	return err
}

// failure is what the event "error" tells. An attempt to come between participants
// has the code of its alarm.
type failure struct {
	Code       protocol.Code `json:"code,omitempty"`
	Detail     string        `json:"detail"`
	RetryAfter int           `json:"retry_after,omitempty"`
	Command    string        `json:"command,omitempty"` // that could not be obeyed
}

func failureOf(err error) failure {
	var refused *client.Refused
	if errors.As(err, &refused) {
		return failure{Code: refused.Code(), Detail: refused.Problem.Detail, RetryAfter: refused.Problem.RetryAfter}
	}
	return failure{Detail: tui.Sentence(err.Error())}
}

func (p *printer) created(m client.Created) error {
	link := m.Invitation.String()
	if p.json {
		m.InvitationLink = link
		return p.event("created", m.CreateResponse)
	}
	_, err := fmt.Fprintf(p.w, "Title       %s\nMeeting ID  %s\nPassword    %s\nInvitation  %s\n\n%s",
		m.Title, m.MeetingID, m.Password, link, pictureOf(link))
	return err
}

// pictureOf is a link as a QR code, in lines of half blocks.
func pictureOf(link string) string {
	var qr strings.Builder
	qrterminal.GenerateHalfBlock(link, qrterminal.L, &qr)
	return qr.String()
}

func (p *printer) identity(id identity.PeerID, path string) error {
	if p.json {
		return p.event("identity", struct {
			PeerID  identity.PeerID `json:"peer_id"`
			KeyFile string          `json:"key_file"`
		}{id, path})
	}
	_, err := fmt.Fprintf(p.w, "Peer ID   %s\nKey file  %s\n", id, path)
	return err
}

func (p *printer) token(text string) error {
	if p.json {
		return p.event("token", struct {
			Token string `json:"token"`
		}{text})
	}
	_, err := fmt.Fprintln(p.w, text)
	return err
}

func (p *printer) version(built, with string) error {
	if p.json {
		return p.event("version", struct {
			Version string `json:"version"`
			Go      string `json:"go"`
		}{built, with})
	}
	_, err := fmt.Fprintf(p.w, "parley-node %s (%s)\n", built, with)
	return err
}

// failed tells programs what standard error tells people.
func (p *printer) failed(err error) {
	if p.json {
		_ = p.event("error", failureOf(err)) // standard output may be what failed
	}
}
