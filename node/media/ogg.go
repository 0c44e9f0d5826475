package media

import (
	"bufio"
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"time"
)

// The Ogg container (RFC 3533) with Opus (RFC 7845).
const (
	oggMagic     = "OggS"
	oggHeader    = 27
	oggContinued = 1 // header type: begins with the rest of a packet
	oggFirst     = 2 // header type: a stream begins
	oggLast      = 4 // header type: a stream ends
	opusHead     = "OpusHead"
	opusTags     = "OpusTags"
	// maxOggPacket bounds a packet, in bytes: tags may hold a picture, sound is far below.
	maxOggPacket = 1 << 20
	// maxOggStreams bounds the search for an Opus stream among others.
	maxOggStreams = 64
)

type oggReader struct {
	name    string
	source  io.ReadSeeker
	in      *bufio.Reader
	offset  int64
	serial  uint32
	found   bool // serial is that of an Opus stream
	ended   bool // that stream is over; another may be chained behind it
	page    int64
	packets [][]byte // complete ones of the page that was read last
	partial []byte   // of one that goes on in the next page
	skip    bool     // the packet that goes on was too large
	at      time.Duration
	body    [255 * 255]byte
}

func newOgg(name string, source io.ReadSeeker) (*oggReader, error) {
	r := &oggReader{name: name, source: source, in: bufio.NewReaderSize(source, 64<<10)}
	if err := r.Rewind(); err != nil {
		return nil, err
	}
	// Every stream's first page comes before any other page (RFC 3533 section 6).
	for !r.found {
		if err := r.readPage(); err != nil {
			var broken *BrokenError
			if errors.As(err, &broken) {
				return nil, fmt.Errorf("%w: %w", ErrNoMedia, err)
			}
			return nil, fmt.Errorf("%w: %q is Ogg without Opus", ErrCodec, name)
		}
		if r.page >= maxOggStreams {
			return nil, fmt.Errorf("%w: %q is Ogg without Opus", ErrCodec, name)
		}
	}
	return r, nil
}

func (r *oggReader) Tracks() []Track {
	return []Track{{Source: SourceMic, Codec: Opus, Layers: 1}}
}

func (r *oggReader) Next(ctx context.Context) (Frame, error) {
	if err := ctx.Err(); err != nil {
		return Frame{}, err
	}
	for {
		for len(r.packets) == 0 {
			if err := r.readPage(); err != nil {
				return Frame{}, err
			}
		}
		packet := r.packets[0]
		r.packets = r.packets[1:]
		duration := OpusDuration(packet)
		if duration == 0 || bytes.HasPrefix(packet, []byte(opusTags)) || bytes.HasPrefix(packet, []byte(opusHead)) {
			continue
		}
		frame := Frame{Data: packet, Time: r.at, Duration: duration, Key: true}
		r.at += duration
		return frame, nil
	}
}

// readPage reads one page and cuts it into packets.
func (r *oggReader) readPage() error {
	var header [oggHeader]byte
	var table [255]byte
	if n, err := io.ReadFull(r.in, header[:]); err != nil {
		if n == 0 && errors.Is(err, io.EOF) {
			return io.EOF
		}
		return r.failed(err)
	}
	if string(header[:4]) != oggMagic || header[4] != 0 {
		return r.broken("no Ogg page begins there")
	}
	segments := table[:header[26]]
	if _, err := io.ReadFull(r.in, segments); err != nil {
		return r.failed(err)
	}
	size := 0
	for _, s := range segments {
		size += int(s)
	}
	body := r.body[:size]
	if _, err := io.ReadFull(r.in, body); err != nil {
		return r.failed(err)
	}
	sum := binary.LittleEndian.Uint32(header[22:])
	clear(header[22:26])
	if oggSum(header[:], segments, body) != sum {
		return r.broken("an Ogg page whose checksum is wrong")
	}
	r.offset += int64(oggHeader + len(segments) + size)
	r.page++
	r.take(header[5], binary.LittleEndian.Uint32(header[14:]), segments, body)
	return nil
}

// take keeps a page's packets if they are those of the sound that is played: the
// first Opus stream, and whichever is chained behind it.
func (r *oggReader) take(kind byte, serial uint32, segments, body []byte) {
	if kind&oggFirst != 0 && playableOpus(body) && (!r.found || r.ended) {
		r.serial, r.found, r.ended = serial, true, false
		r.partial = r.partial[:0]
	}
	if !r.found || serial != r.serial {
		return
	}
	r.ended = kind&oggLast != 0
	if kind&oggContinued == 0 {
		r.partial, r.skip = r.partial[:0], false
	} else if len(r.partial) == 0 {
		r.skip = true // its beginning was never seen
	}
	r.packets = r.packets[:0]
	for _, s := range segments {
		r.partial = append(r.partial, body[:s]...)
		body = body[s:]
		if len(r.partial) > maxOggPacket {
			r.partial, r.skip = r.partial[:0], true
		}
		if s == 255 {
			continue
		}
		if !r.skip && len(r.partial) > 0 {
			r.packets = append(r.packets, bytes.Clone(r.partial))
		}
		r.partial, r.skip = r.partial[:0], false
	}
}

// playableOpus tells an identification header of mono or stereo (RFC 7845
// section 5.1): more channels are several Opus streams in one packet.
func playableOpus(head []byte) bool {
	const family, channels = 18, 9
	return len(head) > family && bytes.HasPrefix(head, []byte(opusHead)) && head[family] == 0 && head[channels] >= 1 && head[channels] <= 2
}

func (r *oggReader) failed(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return r.broken("the file ends in the middle of a page")
	}
	return fmt.Errorf("media: reading %q: %w", r.name, err)
}

func (r *oggReader) broken(why string) error {
	return &BrokenError{Name: r.name, Format: "Ogg", Offset: r.offset, At: r.at, Why: why}
}

// StepBack does nothing: every packet of sound can be decoded.
func (r *oggReader) StepBack() error { return nil }

func (r *oggReader) Rewind() error {
	if _, err := r.source.Seek(0, io.SeekStart); err != nil {
		return fmt.Errorf("media: going back in %q: %w", r.name, err)
	}
	r.in.Reset(r.source)
	r.offset, r.page, r.at, r.found, r.ended = 0, 0, 0, false, false
	r.packets, r.partial, r.skip = nil, nil, false
	return nil
}

func (r *oggReader) Close() error { return nil }

// oggSum is the page's checksum: CRC-32 with the polynomial 04C11DB7, not
// reflected, from 0 (RFC 3533 section 6), which hash/crc32 does not have.
func oggSum(parts ...[]byte) uint32 {
	var sum uint32
	for _, part := range parts {
		for _, b := range part {
			sum = sum<<8 ^ oggTable[byte(sum>>24)^b]
		}
	}
	return sum
}

var oggTable = func() (table [256]uint32) {
	for i := range table {
		sum := uint32(i) << 24
		for range 8 {
			if sum&(1<<31) != 0 {
				sum = sum<<1 ^ 0x04C11DB7
			} else {
				sum <<= 1
			}
		}
		table[i] = sum
	}
	return table
}()
