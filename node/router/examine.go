package router

import "errors"

var errPacket = errors.New("router: packet breaks the rules")

// examine judges a packet on its own. One without payload is in order: senders
// fill with them.
func (s *Source) examine(p *Packet) (descriptor, error) {
	switch {
	case p.Layer < 0 || p.Layer >= MaxLayers,
		s.media == Audio && p.Layer > 0,
		p.Codec.Media() != s.media,
		len(p.Payload) > MaxPayload:
		return descriptor{}, errPacket
	case len(p.Payload) == 0:
		return descriptor{}, nil
	}
	return describe(p.Codec, p.Payload)
}
