package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/parley-mesh/parley/node"
	"github.com/parley-mesh/parley/node/tui"
)

type probe struct {
	entering
	Where string        `arg:"" optional:"" name:"invitation|id" help:"A meeting whose members' paths are to be shown: it is joined for a moment, without media."`
	For   time.Duration `default:"5s" help:"How long to stay in it at most. Once every way is direct there is nothing to wait for."`
}

var errProbe = errors.New("probe needs --rendezvous, or a meeting")

// Run tells how this machine is reached, and by which way the others are.
func (cmd *probe) Run(ctx context.Context, c *cli, out *printer, errs stderr) error {
	id, _, err := c.identity()
	if err != nil {
		return err
	}
	cfg := node.ProbeConfig{Identity: id, Rendezvous: cmd.Rendezvous, Stay: cmd.For, Logger: newLogger(errs, slog.LevelError, false)}
	switch {
	case cmd.Where != "":
		door, err := cmd.door(cmd.Where)
		if err != nil {
			return err
		}
		cfg.Door = &door
		cfg.Rendezvous = door.Rendezvous
	case cmd.Rendezvous == "":
		return errProbe
	}
	found, err := node.Probe(ctx, cfg)
	if err != nil {
		return err
	}
	return out.probed(found)
}

func (p *printer) probed(f node.Probed) error {
	if p.json {
		return p.event("probe", f)
	}
	var b strings.Builder
	row := func(name, value string) { fmt.Fprintf(&b, "%-12s %s\n", name, value) }
	row("Peer ID", string(f.PeerID))
	row("Reachable", yesNo(f.Reachable, "yes, from outside", "no: others reach this node through the relay, or by punching a hole"))
	row("NAT", natSentence(f.NAT))
	if f.Observed != "" {
		row("Seen as", f.Observed)
	}
	row("Relay", relaySentence(f))
	row("QUIC", wordOr(f.QUICProblem, "works"))
	row("TCP", wordOr(f.TCPProblem, "works"))
	for _, peer := range f.Peers {
		row("Peer", fmt.Sprintf("%-24s %s", tui.Plain(peer.Name), pathSentence(peer)))
	}
	if f.MeetingID != "" && len(f.Peers) == 0 {
		row("Peers", "nobody else is in the meeting")
	}
	_, err := fmt.Fprint(p.w, b.String())
	return err
}

func yesNo(on bool, yes, no string) string {
	if on {
		return yes
	}
	return no
}

func wordOr(problem, fine string) string {
	if problem != "" {
		return "no: " + tui.Plain(problem)
	}
	return fine
}

func natSentence(kind string) string {
	switch kind {
	case "none":
		return "none"
	case "cone":
		return "cone: holes can be punched"
	case "symmetric":
		return "symmetric: only the relay helps"
	default:
		return "unknown"
	}
}

func relaySentence(f node.Probed) string {
	switch {
	case len(f.Relays) == 0:
		return "none: this rendezvous runs no relay"
	case f.ReserveProblem != "":
		return "no place: " + tui.Plain(f.ReserveProblem)
	case !f.Reserved:
		return "no place"
	default:
		s := "keeps a place for this node at " + strings.Join(f.Relays, ", ")
		if f.RelayRTTMillis > 0 {
			s += fmt.Sprintf(" (%d ms)", f.RelayRTTMillis)
		}
		return s
	}
}

func pathSentence(p node.ProbedPeer) string {
	var parts []string
	if p.Path != "" {
		s := "overlay " + p.Path
		if p.Transport != "" {
			s += " by " + strings.ToUpper(p.Transport)
		}
		if p.RTTMillis > 0 {
			s += fmt.Sprintf(", %d ms", p.RTTMillis)
		}
		parts = append(parts, s)
	}
	if p.Link != "" {
		parts = append(parts, "media "+p.Link)
	}
	return strings.Join(parts, "; ")
}
