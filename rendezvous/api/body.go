package api

import (
	"errors"
	"io"
	"mime"
	"net/http"
	"slices"
	"strings"

	"github.com/parley-mesh/parley/pkg/protocol"
)

// read decodes a request's JSON body.
func read[T protocol.Body](w http.ResponseWriter, r *http.Request) (T, error) {
	var none T
	data, err := body(w, r)
	if err != nil {
		return none, err
	}
	if err := isJSON(r); err != nil {
		return none, err
	}
	return protocol.Decode[T](data)
}

// readOptional is read for a body that may be absent.
func readOptional[T protocol.Body](w http.ResponseWriter, r *http.Request) (T, error) {
	var none T
	data, err := body(w, r)
	if err != nil || len(data) == 0 {
		return none, err
	}
	if err := isJSON(r); err != nil {
		return none, err
	}
	return protocol.Decode[T](data)
}

// body reads at most MaxBody bytes, and nothing of a body that says it is longer.
func body(w http.ResponseWriter, r *http.Request) ([]byte, error) {
	if r.ContentLength > protocol.MaxBody {
		return nil, protocol.ErrTooLarge
	}
	data, err := io.ReadAll(http.MaxBytesReader(w, r.Body, protocol.MaxBody))
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		return nil, protocol.ErrTooLarge
	case err != nil:
		return nil, errCutOff
	}
	return data, nil
}

func isJSON(r *http.Request) error {
	kind, parameters, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || kind != "application/json" {
		return errMediaType
	}
	if charset, given := parameters["charset"]; given && !strings.EqualFold(charset, "utf-8") {
		return errMediaType
	}
	return nil
}

// answer writes a body of the protocol.
func answer[T protocol.Body](w http.ResponseWriter, status int, value T) error {
	data, err := protocol.Encode(value)
	if err != nil {
		return err
	}
	writeJSON(w, status, "application/json", data)
	return nil
}

func writeJSON(w http.ResponseWriter, status int, kind string, data []byte) {
	h := w.Header()
	h.Set("Content-Type", kind)
	h.Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = w.Write(append(slices.Clip(data), '\n'))
}
