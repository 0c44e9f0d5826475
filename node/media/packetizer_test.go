package media_test

import (
	"bytes"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/pion/rtp/codecs"

	"github.com/parley-mesh/parley/node/media"
	"github.com/parley-mesh/parley/node/media/mediatest"
)

// large returns a frame of a size, of which only the beginning is a picture.
func large(from media.Frame, size int) media.Frame {
	from.Data = append(bytes.Clone(from.Data), bytes.Repeat([]byte{7}, size)...)[:size]
	return from
}

// sealed is longer than the frame, begins as it, and says nothing true behind.
func sealed(frame media.Frame) []byte {
	whole := append(bytes.Clone(frame.Data), bytes.Repeat([]byte{0xEE}, 27)...)
	for i := min(10, len(frame.Data)); i < len(whole); i++ {
		whole[i] ^= 0xAA
	}
	return whole
}

// Guards what receivers rely on: a sealed picture in packets within the MTU, marked
// at its end, numbered without a gap, key frames told by their first packet.
func TestPacketizePictures(t *testing.T) {
	t.Parallel()
	for codec, pictures := range map[media.Codec][]media.Frame{media.VP8: mediatest.Pictures(2), media.VP9: mediatest.PicturesVP9()} {
		pictures = append(slices.Clip(pictures[:4]), large(pictures[0], 5000), large(pictures[1], media.MTU), large(pictures[1], 1))
		p := media.NewPacketizer(3, 1, codec, 42)
		var last media.Packet
		var lastID uint16
		for i, picture := range pictures {
			at := time.Duration(i) * 40 * time.Millisecond
			packets := p.Packetize(nil, picture, sealed(picture), at)
			var whole []byte
			for n, packet := range packets {
				if len(packet.Payload) > media.MTU || packet.Track != 3 || packet.Layer != 1 || packet.Codec != codec || packet.Level != media.NoLevel {
					t.Fatalf("%s %d: %+v", codec, i, packet)
				}
				if packet.Marker != (n == len(packets)-1) || packet.Key != picture.Key {
					t.Errorf("%s picture %d packet %d of %d: marker %v key %v", codec, i, n, len(packets), packet.Marker, packet.Key)
				}
				if i+n > 0 && packet.Seq != last.Seq+1 {
					t.Errorf("%s picture %d: sequence number %d after %d", codec, i, packet.Seq, last.Seq)
				}
				if want := p.Timestamp(0) + uint32(i)*40*90; packet.Time != want {
					t.Errorf("%s picture %d: time %d, want %d", codec, i, packet.Time, want)
				}
				last = packet
				payload, id := unpack(t, codec, packet.Payload, n == 0, packet.Marker, picture.Key)
				if i > 0 && n == 0 && id != (lastID+1)&0x7FFF {
					t.Errorf("%s picture %d: picture id %d after %d", codec, i, id, lastID)
				}
				lastID = id
				whole = append(whole, payload...)
			}
			if !bytes.Equal(whole, sealed(picture)) {
				t.Errorf("%s picture %d changed on the way", codec, i)
			}
		}
	}
}

// unpack reads a payload with pion's parsers and checks what it says of itself.
func unpack(t *testing.T, codec media.Codec, payload []byte, first, last, key bool) (data []byte, id uint16) {
	t.Helper()
	if codec == media.VP8 {
		var p codecs.VP8Packet
		data, err := p.Unmarshal(payload)
		if err != nil || p.I != 1 || payload[2]&0x80 == 0 || (p.S == 1) != first {
			t.Fatalf("VP8 descriptor %+v, %v", p, err)
		}
		return data, p.PictureID
	}
	var p codecs.VP9Packet
	data, err := p.Unmarshal(payload)
	if err != nil || !p.I || !p.F || p.B != first || p.E != last || p.P == key || p.V != (first && key) {
		t.Fatalf("VP9 descriptor %+v, %v", p, err)
	}
	if p.V && !cmp.Equal([][]uint16{p.Width, p.Height}, [][]uint16{{160}, {90}}) {
		t.Errorf("VP9 structure says %v × %v", p.Width, p.Height)
	}
	if p.P && !cmp.Equal(p.PDiff, []uint8{1}) {
		t.Errorf("VP9 refers to %v", p.PDiff)
	}
	return data, p.PictureID
}

// Guards sound: one packet a frame, its timestamps by 48 kHz, silence told from sound.
func TestPacketizeSound(t *testing.T) {
	t.Parallel()
	p := media.NewPacketizer(0, 0, media.Opus, 1)
	silence := media.Frame{Data: []byte{0xF8, 0xFF, 0xFE}, Key: true}
	var got []string
	for i, frame := range []media.Frame{mediatest.Sounds()[5], mediatest.Sounds()[6], silence, silence, mediatest.Sounds()[7]} {
		packets := p.Packetize(nil, frame, sealed(frame), time.Duration(i)*20*time.Millisecond)
		if len(packets) != 1 || packets[0].Time != p.Timestamp(0)+uint32(i)*960 || !bytes.Equal(packets[0].Payload, sealed(frame)) {
			t.Fatalf("%+v", packets)
		}
		word := "sound"
		if packets[0].Level == 127 {
			word = "silence"
		}
		if packets[0].Marker {
			word += " begins"
		}
		got = append(got, word)
	}
	if diff := cmp.Diff([]string{"sound begins", "sound", "silence", "silence", "sound begins"}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if packets := p.Packetize(nil, media.Frame{Data: make([]byte, media.MaxOpusPacket+1)}, []byte{0}, 0); len(packets) != 0 {
		t.Errorf("a packet of %d bytes went out", len(packets[0].Payload))
	}
}

// Guards timestamps over days: no overflow, no drift.
func TestTimestampOfDays(t *testing.T) {
	t.Parallel()
	p := media.NewPacketizer(0, 0, media.VP8, 1)
	const days = 40
	at := days*24*time.Hour + time.Second/2
	if got, want := p.Timestamp(at)-p.Timestamp(0), uint32((days*24*3600*90_000+45_000)&0xFFFFFFFF); got != want {
		t.Errorf("got %d, want %d", got, want)
	}
}
