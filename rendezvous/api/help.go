package api

import (
	"slices"
	"time"

	"github.com/coder/websocket"
	"github.com/parley-mesh/parley/pkg/identity"
	"github.com/parley-mesh/parley/pkg/protocol"
	"github.com/parley-mesh/parley/rendezvous/hub"
)

const silentFor = protocol.SilentFor * time.Second

// help is the life of a WebSocket on which a helper waits to be called.
func (a *API) help(conn *websocket.Conn, help protocol.Help) error {
	id, err := identity.VerifyToken(help.Token, a.config.PublicURLs, time.Now())
	if err != nil {
		return err
	}
	if !slices.Contains(a.config.Helpers, id) {
		return errNoHelper
	}
	post, err := a.config.Hub.Help(id, socket{conn})
	if err != nil {
		return err
	}
	a.config.Log.Info("a helper waits to be called", "helper", id)
	a.part(conn, a.wait(conn, post), post.Gone)
	return nil
}

// wait answers pings until the helper is gone, or says nothing for too long.
func (a *API) wait(conn *websocket.Conn, post *hub.Post) error {
	meter := a.config.Guard.NewMeter()
	silence := time.AfterFunc(silentFor, func() { _ = conn.CloseNow() })
	defer silence.Stop()
	for {
		err := a.next(conn, func(data []byte) error {
			_, frame, err := protocol.DecodeClient(data)
			if err != nil {
				return err
			}
			if _, ok := frame.(protocol.Ping); !ok {
				return errNotPing
			}
			post.Ping()
			return nil
		})
		if err != nil {
			return err
		}
		silence.Reset(silentFor)
		if !meter.Allow(time.Now()) {
			if err := a.throttle(conn, meter); err != nil {
				return err
			}
		}
	}
}
