package rendezvous

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/parley-mesh/parley/pkg/identity"
	"github.com/parley-mesh/parley/pkg/protocol"
	"github.com/parley-mesh/parley/rendezvous/guard"
	"github.com/parley-mesh/parley/rendezvous/store"
)

// BenchmarkJoinByInvitation is the edge's share of a join, without the network.
func BenchmarkJoinByInvitation(b *testing.B) {
	off := guard.Rate{Off: true}
	s, err := New(b.Context(), Config{
		Listen: "127.0.0.1:0", DataDir: b.TempDir(), Limits: &guard.Limits{Create: off, Join: off, Guess: off, Connect: off, Frame: off},
	})
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	guest := identity.FromSeed([32]byte{2})
	_, made, err := s.store.Create(b.Context(), store.Draft{Title: "Weekly", Host: guest.PeerID()})
	if err != nil {
		b.Fatal(err)
	}
	bearer, err := identity.NewToken(guest, s.URL(), time.Now(), time.Hour)
	if err != nil {
		b.Fatal(err)
	}
	body, err := protocol.Encode(protocol.JoinRequest{InvitationToken: made.Token.Reveal()})
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		r := httptest.NewRequest(http.MethodPost, "/meetings/join", bytes.NewReader(body))
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("Authorization", "Bearer "+bearer)
		w := httptest.NewRecorder()
		s.api.ServeHTTP(w, r)
		if w.Code != http.StatusOK {
			b.Fatalf("%d %s", w.Code, w.Body)
		}
	}
}

// BenchmarkVerifyToken is the yardstick: what every request costs at least.
func BenchmarkVerifyToken(b *testing.B) {
	bearer, err := identity.NewToken(identity.FromSeed([32]byte{2}), "http://localhost", time.Now(), time.Hour)
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := identity.VerifyToken(bearer, []string{"http://localhost"}, time.Now()); err != nil {
			b.Fatal(err)
		}
	}
}
