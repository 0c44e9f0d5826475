package node

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/url"
	"slices"
	"strings"

	"github.com/parley-mesh/parley/node/media"
	"github.com/parley-mesh/parley/node/router"
	"github.com/parley-mesh/parley/node/session"
	"github.com/parley-mesh/parley/pkg/protocol"
)

// maxPublished is how many files can be published: each brings a source at
// least.
const maxPublished = 4

// published is one file, device or URL, as sources of this participant's own.
type published struct {
	reader  media.Reader
	player  *media.Player
	sources []protocol.Source // by track
	name    string            // as it may be shown
	tell    func(error)

	// Of Run's goroutine alone, which is the player's.
	out     session.Outlet
	packet  router.Packet // read during Write only, so that one is enough
	weights []weight      // by track
}

// openPublished opens everything that is to be published, before anybody is told that
// this node comes.
func openPublished(ctx context.Context, names []string, tell func(error)) (list []*published, err error) {
	defer func() {
		if err != nil {
			closePublished(list)
		}
	}()
	free := map[bool][]protocol.Source{
		true:  {protocol.SourceCamera, protocol.SourceScreen},
		false: {protocol.SourceMic, protocol.SourceScreenAudio},
	}
	for _, name := range names {
		reader, err := media.Open(ctx, name, media.Options{Layers: media.MaxLayers, Loop: true, Tell: tell})
		if err != nil {
			return list, fmt.Errorf("%w: %w", ErrPublish, err)
		}
		p := &published{reader: reader, name: shown(name), tell: tell, weights: make([]weight, len(reader.Tracks()))}
		list = append(list, p)
		for _, track := range reader.Tracks() {
			video := track.Codec.Video()
			if len(free[video]) == 0 {
				return list, fmt.Errorf("%w: %s: there is a camera and a screen already, each with its sound", ErrPublish, shown(name))
			}
			p.sources = append(p.sources, free[video][0])
			free[video] = free[video][1:]
		}
		p.player = media.NewPlayer(reader, media.PlayerConfig{Handler: p, Loop: true, Seed: rand.Uint64(), Tell: tell})
	}
	return list, nil
}

// shown is a name without the password that a URL may hold.
func shown(name string) string {
	u, err := url.Parse(name)
	switch {
	case !strings.Contains(name, "://"):
		return name
	case err != nil:
		return "the URL"
	default:
		return u.Redacted()
	}
}

func closePublished(list []*published) {
	for _, p := range list {
		_ = p.reader.Close() // it was only read
	}
}

// Sources, as session.Publisher.
func (p *published) Sources() []session.Published {
	var list []session.Published
	for i, track := range p.reader.Tracks() {
		list = append(list, session.Published{Source: p.sources[i], Layers: track.Layers, Width: track.Width, Height: track.Height})
	}
	return list
}

// Run, as session.Publisher.
func (p *published) Run(ctx context.Context, out session.Outlet) error {
	p.out = out
	return p.player.Run(ctx)
}

// RequestKeyFrame, as session.Publisher.
func (p *published) RequestKeyFrame(source protocol.Source, _ int) {
	if track := slices.Index(p.sources, source); track >= 0 {
		p.player.RequestKeyFrame(track)
	}
}

// Seal, as media.Handler.
func (p *published) Seal(dst []byte, track int, codec media.Codec, frame []byte) ([]byte, error) {
	return p.out.Seal(dst, p.sources[track], codec.SFrame(), frame)
}

// Packet, as media.Handler.
func (p *published) Packet(m *media.Packet) {
	p.packet = router.Packet{
		Layer: m.Layer, Codec: codecOf(m.Codec), Seq: m.Seq, Time: m.Time, Marker: m.Marker, Level: m.Level, Payload: m.Payload,
	}
	if rate := p.weights[m.Track].add(&p.packet); rate != 0 {
		p.tell(tooHeavy(p.name, rate))
	}
	p.out.Write(p.sources[m.Track], &p.packet)
}

// SenderReport, as media.Handler.
func (p *published) SenderReport(track, layer int, ntp uint64, rtp uint32) {
	p.out.SenderReport(p.sources[track], layer, ntp, rtp)
}

func codecOf(c media.Codec) router.Codec {
	switch c {
	case media.VP8:
		return router.VP8
	case media.VP9:
		return router.VP9
	default:
		return router.Opus
	}
}
