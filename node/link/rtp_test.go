package link

import (
	"bytes"
	"testing"

	"github.com/pion/rtp"

	"github.com/parley-mesh/parley/node/router"
)

var testIDs = extensions{mid: 4, rid: 10, level: 1, transportCC: 3}

func TestRTPIsReadAsItIsWritten(t *testing.T) {
	t.Parallel()
	for _, profile := range []uint16{0xbede, 0x1000} {
		header := rtp.Header{
			Version: 2, Marker: true, PayloadType: 96, SequenceNumber: 65_535, Timestamp: 1 << 31, SSRC: 0xdeadbeef,
			CSRC: []uint32{1, 2}, Extension: true, ExtensionProfile: profile,
		}
		for id, value := range map[uint8][]byte{4: []byte("12"), 10: []byte("f"), 1: {0x80 | 17}, 3: {0xab, 0xcd}, 7: {1, 2, 3}} {
			if err := header.SetExtension(id, value); err != nil {
				t.Fatal(err)
			}
		}
		packet := rtp.Packet{Header: header, Payload: []byte("payload")}
		packet.Header.Padding, packet.PaddingSize = true, 5
		b, err := packet.Marshal()
		if err != nil {
			t.Fatal(err)
		}
		var p rtpPacket
		if !p.read(b, &testIDs) {
			t.Fatalf("profile %x is not read", profile)
		}
		if p.payloadType != 96 || !p.marker || p.seq != 65_535 || p.time != 1<<31 || p.ssrc != 0xdeadbeef ||
			string(p.mid) != "12" || string(p.rid) != "f" || p.level != 17 || !p.hasTransport || p.transport != 0xabcd ||
			string(p.payload) != "payload" {
			t.Errorf("profile %x: %+v", profile, p)
		}
	}
}

func TestPaddingAloneHasNoPayload(t *testing.T) {
	t.Parallel()
	b := append([]byte{0xa0, 96, 0, 1, 0, 0, 0, 0, 0, 0, 0, 9}, bytes.Repeat([]byte{255}, 255)...)
	var p rtpPacket
	if !p.read(b, &testIDs) || len(p.payload) != 0 || p.level != router.NoLevel || p.hasTransport {
		t.Errorf("%+v", p)
	}
}

func FuzzRTP(f *testing.F) {
	f.Add([]byte{0x90, 0xe0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3, 0xbe, 0xde, 0, 1, 0x31, 1, 2, 0, 'x'})
	f.Add([]byte{0xb0, 0x60, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3, 0x10, 0, 0, 1, 3, 2, 1, 2, 'x', 1})
	f.Fuzz(func(t *testing.T, b []byte) {
		var p rtpPacket
		if p.read(b, &testIDs) && len(p.payload) > len(b)-rtpHeaderSize {
			t.Error("there is more in it than came")
		}
	})
}
