package link

import (
	"encoding/binary"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/pion/interceptor/pkg/twcc"
	"github.com/pion/rtcp"
)

func readRTCP(t *testing.T, packet rtcp.Packet) rtcpPacket {
	t.Helper()
	b, err := packet.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	var p rtcpPacket
	if rest, ok := p.read(b); !ok || len(rest) != 0 {
		t.Fatalf("%T is not read", packet)
	}
	return p
}

func TestRTCPIsReadAsItIsWritten(t *testing.T) {
	t.Parallel()
	const mine = 0xcafe
	seqs := []uint16{65_530, 65_535, 0, 3, 40}
	nack := readRTCP(t, &rtcp.TransportLayerNack{MediaSSRC: mine, Nacks: rtcp.NackPairsFromSequenceNumbers(seqs)})
	if diff := cmp.Diff(seqs, nack.nacked()); diff != "" {
		t.Error(diff)
	}
	for _, packet := range []rtcp.Packet{
		&rtcp.PictureLossIndication{MediaSSRC: mine},
		&rtcp.FullIntraRequest{FIR: []rtcp.FIREntry{{SSRC: 1}, {SSRC: mine}}},
	} {
		p := readRTCP(t, packet)
		for ssrc, want := range map[uint32]bool{mine: true, 2: false} {
			if got := p.eachKeyFrame(func(of uint32) bool { return of == ssrc }); got != want {
				t.Errorf("%T asks %d: %v", packet, ssrc, got)
			}
		}
	}
	blocks := []rtcp.ReceptionReport{
		{SSRC: 1, FractionLost: 2, Jitter: 3, LastSenderReport: 4, Delay: 5},
		{SSRC: mine, FractionLost: 12, Jitter: 13, LastSenderReport: 14, Delay: 15},
	}
	for _, packet := range []rtcp.Packet{
		&rtcp.ReceiverReport{Reports: blocks},
		&rtcp.SenderReport{SSRC: 7, NTPTime: 1 << 40, RTPTime: 99, Reports: blocks},
	} {
		p := readRTCP(t, packet)
		var got []reportBlock
		p.eachReport(func(b reportBlock) { got = append(got, b) })
		if !slices.Equal(got, []reportBlock{{1, 2, 3, 4, 5}, {mine, 12, 13, 14, 15}}) {
			t.Errorf("%T: %+v", packet, got)
		}
		if ssrc, ntp, at, ok := p.clocks(); p.kind == rtcpSenderReport && (!ok || ssrc != 7 || ntp != 1<<40 || at != 99) {
			t.Errorf("its clocks are %d %d %d", ssrc, ntp, at)
		}
	}
}

// What pion's recorder writes is what is read, packet by packet.
func TestTransportFeedbackIsRead(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 2))
	recorder := twcc.NewRecorder(1)
	at := map[uint16]time.Duration{}
	clock := 100 * time.Second
	first := uint16(65_000)
	for i := range uint16(1500) {
		clock += time.Duration(random.IntN(100_000)) * time.Microsecond
		if seq := first + i; random.IntN(10) > 0 {
			recorder.Record(7, seq, clock.Microseconds())
			at[seq] = clock
		}
	}
	known := 0
	for _, packet := range recorder.BuildFeedbackPacket() {
		p := readRTCP(t, packet)
		var f transportFeedback
		if !f.begin(p.body[8:]) {
			t.Fatal("it does not begin")
		}
		for {
			s, ok := f.next()
			if !ok {
				break
			}
			want, came := at[s.seq]
			if came != s.received || came && (s.at-want).Abs() > deltaUnit {
				t.Fatalf("%d: received %v at %v, and was %v at %v", s.seq, s.received, s.at, came, want)
			}
			if came {
				known++
			}
		}
	}
	if known < len(at)/2 {
		t.Errorf("only %d of %d are told", known, len(at))
	}
}

// Guards the lock of what is sent: a packet of a few bytes, in which each run of
// statuses stands for thousands, would hold it for milliseconds.
func TestTransportFeedbackIsNoLongerThanWhatIsRemembered(t *testing.T) {
	t.Parallel()
	feedback := func(count uint16) []byte {
		b := make([]byte, feedbackHeader, feedbackHeader+64)
		binary.BigEndian.PutUint16(b[2:], count)
		for range 9 {
			b = append(b, 0x1f, 0xff) // a run of 8191 that did not arrive
		}
		return b
	}
	var f transportFeedback
	if !f.begin(feedback(sentPackets)) {
		t.Error("what is remembered is refused")
	}
	if f.begin(feedback(sentPackets + 1)) {
		t.Error("more than is remembered is read")
	}
}

// Guards the goroutine that reads RTCP: whatever an authenticated peer sends
// ends, and stays in its bounds.
func FuzzRTCP(f *testing.F) {
	for _, packet := range []rtcp.Packet{
		&rtcp.TransportLayerNack{MediaSSRC: 1, Nacks: []rtcp.NackPair{{PacketID: 1, LostPackets: 0xffff}}},
		&rtcp.PictureLossIndication{MediaSSRC: 1},
		&rtcp.ReceiverReport{Reports: []rtcp.ReceptionReport{{SSRC: 1}}},
		&rtcp.SenderReport{SSRC: 1},
	} {
		b, err := packet.Marshal()
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Add([]byte{0x8f, 205, 0, 5, 0, 0, 0, 1, 0, 0, 0, 2, 0, 1, 0xff, 0xff, 0, 0, 0, 0, 0, 0, 0, 0})
	f.Fuzz(func(t *testing.T, b []byte) {
		in := newIncoming(newEnd(t), nil, newOutgoing(nil, [4]int{}, func() time.Duration { return 0 }), func() time.Duration { return 0 }, nil, nil)
		in.rtcp(b)
		var p rtcpPacket
		if _, ok := p.read(b); ok && len(p.body) >= 8 && len(p.nacked()) > 512 {
			t.Error("more is asked for than may be")
		}
	})
}
