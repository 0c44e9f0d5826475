package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pion/rtp/codecs"

	"github.com/parley-mesh/parley/node/router"
	"github.com/parley-mesh/parley/pkg/protocol"
	"github.com/parley-mesh/parley/pkg/sframe"
)

// collector is an outlet that seals with one key and puts frames together again.
type collector struct {
	t      *testing.T
	key    *sframe.Key
	ctr    uint64
	plain  map[protocol.Source][][sha256.Size]byte
	frame  []byte
	opened map[protocol.Source]int
	keys   int
}

var errNotYet = errors.New("no key yet")

func (c *collector) Seal(dst []byte, source protocol.Source, codec sframe.Codec, frame []byte) ([]byte, error) {
	if c.ctr++; c.ctr <= 3 {
		return nil, errNotYet
	}
	n := sframe.Clear(codec, frame)
	c.plain[source] = append(c.plain[source], sha256.Sum256(frame))
	return c.key.Seal(append(dst, frame[:n]...), c.ctr, frame[:n], frame[n:]), nil
}

func (c *collector) Write(source protocol.Source, p *router.Packet) {
	if sent, ok := sentAt(p.Payload); !ok || time.Since(sent) != 0 {
		c.t.Errorf("a packet of %s says that it was sent %v ago", source, time.Since(sent))
	}
	if len(p.Payload) > videoBytes {
		c.t.Errorf("a packet of %d bytes", len(p.Payload))
	}
	body, codec := p.Payload[:len(p.Payload)-stampBytes], sframe.CodecOpus
	if source == protocol.SourceCamera {
		var vp8 codecs.VP8Packet
		data, err := vp8.Unmarshal(body)
		if err != nil {
			c.t.Fatal(err)
		}
		if vp8.S == 1 {
			c.frame = c.frame[:0]
			if data[0]&1 == 0 {
				c.keys++
			}
		}
		c.frame, codec = append(c.frame, data...), sframe.CodecVP8
		if !p.Marker {
			return
		}
		body = c.frame
	}
	n := sframe.Clear(codec, body)
	h, err := sframe.ParseHeader(body[n:])
	if err != nil {
		c.t.Fatal(err)
	}
	plain, err := c.key.Open(bytes.Clone(body[:n]), h, body[:n])
	if err != nil || sha256.Sum256(plain) != c.plain[source][len(c.plain[source])-1] {
		c.t.Fatalf("a frame of %s does not open as it was sealed: %v", source, err)
	}
	c.opened[source]++
}

func (c *collector) SenderReport(protocol.Source, int, uint64, uint32) {}
func (c *collector) Wanted(protocol.Source) []bool                     { return nil }

// Guards the load against being of another kind than what people send: its frames
// are sealed whole, fit the packets that they were made for, and open.
func TestLoadIsSealed(t *testing.T) {
	t.Parallel()
	for name, at := range map[string]pace{"full": full, "small": small} {
		synctest.Test(t, func(t *testing.T) {
			key, err := sframe.NewKey(sframe.AES128GCM, make([]byte, 32), 1<<47)
			if err != nil {
				t.Fatal(err)
			}
			c := &collector{t: t, key: key, plain: make(map[protocol.Source][][sha256.Size]byte), opened: make(map[protocol.Source]int)}
			ctx, cancel := context.WithTimeout(t.Context(), 4*time.Second)
			defer cancel()
			var wanted atomic.Bool
			generate(ctx, at, &wanted, (&sealing{out: c}).take)
			pictures := int(4*time.Second/at.every) - 4
			if c.opened[protocol.SourceCamera] < pictures || c.opened[protocol.SourceMic] < 190 || c.keys == 0 {
				t.Errorf("%s: opened %v, %d key frames", name, c.opened, c.keys)
			}
		})
	}
}
