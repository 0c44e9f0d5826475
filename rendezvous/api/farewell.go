package api

import (
	"errors"
	"fmt"

	"github.com/coder/websocket"
	"github.com/parley-mesh/parley/pkg/meeting"
	"github.com/parley-mesh/parley/pkg/protocol"
	"github.com/parley-mesh/parley/rendezvous/hub"
)

// byeFor is the one place where an error that ends a WebSocket becomes a bye.
// It reports false for an error that nobody is left to hear.
func byeFor(err error) (protocol.Bye, bool) {
	broke := func(code protocol.Code, detail string) (protocol.Bye, bool) {
		return protocol.Bye{Why: protocol.ByeProtocol, Code: code, Detail: detail}, true
	}
	var field *protocol.FieldError
	switch {
	case errors.Is(err, errBinary):
		return broke(protocol.CodeMalformed, "Frames are JSON text, not binary.")
	case errors.Is(err, errFrame), errors.Is(err, protocol.ErrTooLarge):
		return broke(protocol.CodeTooLarge, fmt.Sprintf("A frame is at most %d bytes.", protocol.MaxFrame))
	case errors.Is(err, errLate):
		return broke(protocol.CodeMalformed, fmt.Sprintf("hello must come within %d seconds.", protocol.HelloWithin))
	case errors.Is(err, errNotHello):
		return broke(protocol.CodeMalformed, "The first frame must be hello, or a helper's help.")
	case errors.Is(err, errNotPing):
		return broke(protocol.CodeMalformed, "A helper that waits says ping and nothing else: it says hello on a connection of its own.")
	case errors.Is(err, protocol.ErrSyntax):
		return broke(protocol.CodeMalformed, "The frame is not valid JSON.")
	case errors.Is(err, meeting.ErrID):
		return broke(protocol.CodeInvalid, "meeting_id must be nine digits, as in 123-456-789.")
	case errors.As(err, &field):
		return broke(protocol.CodeInvalid, field.Error()+".")
	case errors.Is(err, errOldTick):
		return protocol.Bye{Why: protocol.ByeExpired, Code: protocol.CodeTicket, Detail: "The ticket has expired: join again."}, true
	case errors.Is(err, errTicket):
		return protocol.Bye{Why: protocol.ByeExpired, Code: protocol.CodeTicket, Detail: "The ticket is not good for this meeting: join again."}, true
	case errors.Is(err, hub.ErrStopping), errors.Is(err, errClosing):
		return protocol.Bye{Why: protocol.ByeRestart, Detail: "The rendezvous is restarting; come back shortly.", RetryAfter: 1}, true
	}
	return helperBye(err)
}

// helperBye is byeFor for what keeps a helper from registering.
func helperBye(err error) (protocol.Bye, bool) {
	detail := bearerDetail(err)
	switch {
	case detail != "":
		return protocol.Bye{Why: protocol.ByeDenied, Code: protocol.CodeUnauthenticated, Detail: detail}, true
	case errors.Is(err, errNoHelper):
		return protocol.Bye{Why: protocol.ByeDenied, Code: protocol.CodeUnauthenticated, Detail: "This identity may not help here: the operator names those that may with --helper-identity."}, true
	case errors.Is(err, hub.ErrHelpers):
		return protocol.Bye{Why: protocol.ByeRestart, Code: protocol.CodeUnavailable, Detail: "As many helpers as can be are registered: try again later.", RetryAfter: 60}, true
	}
	return protocol.Bye{}, false
}

// farewell says why, if anybody is there, and closes the WebSocket.
func (a *API) farewell(conn *websocket.Conn, err error) {
	bye, known := byeFor(err)
	if !known {
		return
	}
	frame, err := protocol.EncodeServer(0, bye)
	if err != nil {
		a.config.Log.Error("a bye cannot be encoded", "error", err)
		return
	}
	s := socket{conn}
	if s.Write(frame) == nil {
		s.Close(bye.Why)
	}
}

// part says farewell to a session of the hub, and only then tells the hub that
// it is gone: the hub hangs up at that, before why could be said.
func (a *API) part(conn *websocket.Conn, err error, gone func()) {
	defer gone()
	a.farewell(conn, err)
}

// refuse tells of one frame that was not taken; the session goes on.
func (a *API) refuse(conn *websocket.Conn, err error) error {
	refusal := protocol.Refusal{Code: protocol.CodeMalformed, Detail: "The frame is not valid JSON."}
	var field *protocol.FieldError
	switch {
	case errors.Is(err, errFlood):
		refusal = protocol.Refusal{Code: protocol.CodeTooManyRequests, Detail: "You send more frames than a session may; what comes too fast waits.", RetryAfter: 1}
	case errors.As(err, &field):
		refusal = protocol.Refusal{Code: protocol.CodeInvalid, Detail: field.Error() + ".", Field: field.Field}
	}
	frame, err := protocol.EncodeServer(0, refusal)
	if err != nil {
		return err
	}
	return socket{conn}.Write(frame)
}
