// Package rendezvous puts the parts of a rendezvous together: one validated
// [Config], [New], and [Server.Run] until the end.
//
// It owns the data folder's layout, the listener with its bounds, and the order
// in which parts start and end. What they do is theirs: the edge is
// rendezvous/api, rooms are rendezvous/hub, meetings rendezvous/store.
//
// The data folder holds
//
//	keys              one random root, from which every key is derived (mode 0600)
//	db/               the database, encrypted
//	self-signed.pem   the certificate of --tls self-signed
package rendezvous

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"path/filepath"
	"slices"
	"sync"
	"syscall"
	"time"

	"github.com/parley-mesh/parley/pkg/identity"
	"github.com/parley-mesh/parley/pkg/meeting"
	"github.com/parley-mesh/parley/rendezvous/api"
	"github.com/parley-mesh/parley/rendezvous/guard"
	"github.com/parley-mesh/parley/rendezvous/hub"
	"github.com/parley-mesh/parley/rendezvous/kv/badgerkv"
	"github.com/parley-mesh/parley/rendezvous/relay"
	"github.com/parley-mesh/parley/rendezvous/roster"
	"github.com/parley-mesh/parley/rendezvous/store"
	"github.com/parley-mesh/parley/rendezvous/ticket"
	"github.com/parley-mesh/parley/web"
)

const (
	endWithin     = 9 * time.Second // for everything that is under way at the end
	headerWithin  = 5 * time.Second
	requestWithin = 30 * time.Second
	idleWithin    = time.Minute
	maxHeader     = 16 << 10
)

// Server is a rendezvous that listens. It serves once Run is called.
type Server struct {
	config   Config
	database *badgerkv.Store
	store    *store.Store
	hub      *hub.Hub
	relay    *relay.Relay // nil when there is none
	helper   *identity.Identity
	api      *api.API
	http     *http.Server
	listener net.Listener
	close    sync.Once
}

// New opens the data folder and the listener. Whoever does not call Run calls
// Close.
func New(ctx context.Context, config Config) (*Server, error) {
	config, err := config.validated()
	if err != nil {
		return nil, err
	}
	s := &Server{config: config}
	if err := s.open(ctx); err != nil {
		s.Close()
		return nil, err
	}
	return s, nil
}

func (s *Server) open(ctx context.Context) error {
	databaseDir := filepath.Join(s.config.DataDir, "db")
	keys, err := store.OpenKeys(filepath.Join(s.config.DataDir, "keys"), databaseDir, rand.Reader)
	if err != nil {
		return explainFolder(s.config.DataDir, err)
	}
	s.database, err = badgerkv.Open(badgerkv.Config{
		Dir: databaseDir, Key: keys.Database, Reserve: s.config.DiskReserve, Logger: s.config.Logger,
	})
	if err != nil {
		return explainFolder(s.config.DataDir, err)
	}
	if err := s.listen(ctx); err != nil {
		return err
	}
	return s.assemble(ctx, keys)
}

// listen takes the address, and with it knows the URLs that were not given.
func (s *Server) listen(ctx context.Context) error {
	var config net.ListenConfig
	listener, err := config.Listen(ctx, "tcp", s.config.Listen)
	if err != nil {
		return explainListen(s.config.Listen, err)
	}
	s.listener = newCapped(listener, s.config.MaxConnections)
	scheme := "http"
	if s.config.TLS.on() {
		scheme = "https"
	}
	if at, ok := listener.Addr().(*net.TCPAddr); ok && len(s.config.PublicURLs) == 0 {
		s.config.PublicURLs = localURLs(scheme, at)
	}
	return nil
}

func (s *Server) assemble(ctx context.Context, keys store.Keys) error {
	log := s.config.Logger
	s.helper = identity.FromSeed(keys.Helper)
	var err error
	s.store, err = store.New(store.Config{
		KV: s.database, Pepper: keys.Pepper, Rand: rand.Reader, PasswordDigits: s.config.PasswordDigits, Logger: log,
	})
	if err != nil {
		return err
	}
	doors, err := guard.New(ctx, guard.Config{Limits: *s.config.Limits, Store: s.database, Logger: log})
	if err != nil {
		return err
	}
	tickets, err := ticket.NewSealer(keys.Ticket)
	if err != nil {
		return err
	}
	rooms := &hubRooms{}
	if err := s.openRelay(ctx, keys, rooms); err != nil {
		return err
	}
	s.hub = hub.New(hub.Config{
		Log: log, Records: records{s.store, doors}, Ticket: roomTicket(log, tickets), ICEServers: s.iceServers(),
	})
	rooms.Store(s.hub)
	s.api, err = api.New(api.Config{
		Log: log, Hub: s.hub, Guard: doors, Store: s.store, Tickets: tickets, PublicURLs: s.config.PublicURLs, Relay: s.Relay(),
		Helpers:        append(slices.Clone(s.config.Helpers), s.helper.PeerID()),
		TrustedProxies: s.config.TrustedProxies, Web: web.Files(), Version: s.config.Version,
	})
	if err != nil {
		return err
	}
	s.http = &http.Server{
		Handler: s.api, ReadHeaderTimeout: headerWithin, ReadTimeout: requestWithin, WriteTimeout: requestWithin,
		IdleTimeout: idleWithin, MaxHeaderBytes: maxHeader,
		// What clients do wrong in TLS and HTTP is their affair, and names their addresses.
		ErrorLog: slog.NewLogLogger(slog.DiscardHandler, slog.LevelError),
	}
	if s.config.TLS.on() {
		s.http.TLSConfig, err = s.config.TLS.config(s.config.DataDir, s.config.PublicURLs, time.Now())
	}
	return err
}

// roomTicket seals the tickets that rooms give.
func roomTicket(log *slog.Logger, tickets *ticket.Sealer) func(meeting.ID, *time.Time, time.Time, roster.Claims) string {
	return func(id meeting.ID, expires *time.Time, now time.Time, c roster.Claims) string {
		ttl := ticket.ResumeTTL
		if c.Helper && c.Session == 0 { // was called, and is to come now
			ttl = ticket.JoinTTL
		}
		sealed, err := tickets.Seal(ticket.Ticket{
			Meeting: id, Peer: c.ID, Via: c.Via, Helper: c.Helper, N: c.N, Session: c.Session,
			Issued: now, Expires: ticket.Until(now, ttl, expires),
		})
		if err != nil {
			log.Error("a ticket cannot be sealed", "meeting", id, "error", err)
			return "none" // the participant joins again instead of coming back
		}
		return sealed
	}
}

// Addr is where the server listens.
func (s *Server) Addr() net.Addr { return s.listener.Addr() }

// URL is the address to open.
func (s *Server) URL() string { return s.config.PublicURLs[0] }

// PublicURLs is every address that people may use.
func (s *Server) PublicURLs() []string { return s.config.PublicURLs }

// Close lets go of the folder and the listener. A second Close is harmless.
func (s *Server) Close() {
	s.close.Do(func() {
		if s.relay != nil {
			s.relay.Close()
		}
		if s.listener != nil {
			_ = s.listener.Close()
		}
		if s.database != nil {
			if err := s.database.Close(); err != nil {
				s.config.Logger.Error("the database was not closed in order", "error", err)
			}
		}
	})
}

// explainListen says to the operator why an address cannot be had.
func explainListen(address string, err error) error {
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return fmt.Errorf("rendezvous: %s is in use by another program; stop it, or choose another address with --listen: %w", address, err)
	case errors.Is(err, fs.ErrPermission):
		return fmt.Errorf("rendezvous: this user may not listen at %s; choose a port from 1024 up with --listen: %w", address, err)
	default:
		return fmt.Errorf("rendezvous: cannot listen at %s: %w", address, err)
	}
}

// explainFolder says to the operator what is wrong with the data folder.
func explainFolder(dir string, err error) error {
	switch {
	case errors.Is(err, fs.ErrPermission):
		return fmt.Errorf("rendezvous: this user may not write to the data folder %s; choose another one with --data: %w", dir, err)
	default:
		return fmt.Errorf("rendezvous: the data folder %s cannot be used: %w", dir, err)
	}
}
