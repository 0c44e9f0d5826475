package api

import (
	"errors"
	"net/http"

	"github.com/parley-mesh/parley/pkg/protocol"
	"github.com/parley-mesh/parley/rendezvous/store"
)

// health tells that the process lives.
func (a *API) health(w http.ResponseWriter, _ *http.Request, _ caller) error {
	writeJSON(w, http.StatusOK, "application/json", []byte(`{"status":"ok"}`))
	return nil
}

// ready tells that requests can be served: the store answers and the end has
// not begun.
func (a *API) ready(w http.ResponseWriter, r *http.Request, _ caller) error {
	_, err := a.config.Store.Get(r.Context(), "000000000") // whether or not there is one
	if a.life.Err() != nil || err != nil && !errors.Is(err, store.ErrMeetingNotFound) {
		return errNotReady
	}
	writeJSON(w, http.StatusOK, "application/json", []byte(`{"status":"ready"}`))
	return nil
}

func (a *API) openAPI(w http.ResponseWriter, _ *http.Request, _ caller) error {
	writeJSON(w, http.StatusOK, "application/json", protocol.OpenAPI())
	return nil
}

func (a *API) wellKnown(w http.ResponseWriter, _ *http.Request, _ caller) error {
	return answer(w, http.StatusOK, protocol.WellKnown{
		Version: a.config.Version, Protocols: []string{protocol.Version}, Origins: a.config.PublicURLs, Relay: a.config.Relay,
	})
}
