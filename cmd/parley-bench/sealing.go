package main

import (
	"github.com/parley-mesh/parley/node/router"
	"github.com/parley-mesh/parley/node/session"
	"github.com/parley-mesh/parley/pkg/protocol"
	"github.com/parley-mesh/parley/pkg/sframe"
)

const (
	descriptorBytes = 4 // of VP8, as describe writes it
	stampBytes      = 8
	sealBytes       = sframe.MaxHeader + 16 // by which a sealed frame may be longer
)

// A sealing makes sealed frames of generated ones. Their packets stay as many and
// never become larger; each keeps its stamp, behind what is sealed, because what is
// measured is who forwards, and no receiver opens a frame.
type sealing struct {
	out    session.Outlet
	frame  []byte // plain, of the packets until now
	sealed []byte
	held   []packet
	store  []byte // what the held packets' payloads are in
}

// take takes a generated packet, and writes the whole frame with its last.
func (s *sealing) take(made packet) {
	if !made.video {
		s.write(protocol.SourceMic, sframe.CodecOpus, 0, []packet{made}, made.payload[:len(made.payload)-stampBytes])
		return
	}
	if len(s.held) == 0 {
		s.frame, s.store = s.frame[:0], s.store[:0]
	}
	s.frame = append(s.frame, made.payload[descriptorBytes:len(made.payload)-stampBytes]...)
	s.store = append(s.store, made.payload...)
	s.held = append(s.held, made)
	if !made.marker {
		return
	}
	at := 0
	for i := range s.held { // now that the store does not move any more
		n := len(s.held[i].payload)
		s.held[i].payload = s.store[at : at+n]
		at += n
	}
	s.write(protocol.SourceCamera, sframe.CodecVP8, descriptorBytes, s.held, s.frame)
	s.held = s.held[:0]
}

// write seals a frame and writes it in its packets; while there is no key there
// is no frame.
func (s *sealing) write(source protocol.Source, codec sframe.Codec, descriptor int, packets []packet, frame []byte) {
	var err error
	if s.sealed, err = s.out.Seal(s.sealed[:0], source, codec, frame[:len(frame)-sealBytes]); err != nil {
		return
	}
	const speech = 30 // −30 dBov
	rest := s.sealed
	for _, made := range packets {
		body := made.payload[descriptor : len(made.payload)-stampBytes]
		n := copy(body, rest)
		rest = rest[n:]
		copy(made.payload[descriptor+n:], made.payload[len(made.payload)-stampBytes:])
		p := router.Packet{Codec: router.Opus, Level: speech, Seq: made.seq, Time: made.time, Marker: made.marker, Payload: made.payload[:descriptor+n+stampBytes]}
		if made.video {
			p.Codec, p.Level = router.VP8, router.NoLevel
		}
		s.out.Write(source, &p)
	}
}
