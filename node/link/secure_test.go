package link

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"github.com/pion/rtcp"
	"github.com/pion/rtp"
	"github.com/pion/srtp/v3"

	"github.com/parley-mesh/parley/pkg/protocol"
)

// keyPair are the keys of both ends, and what the first has sent.
func keyPair(t testing.TB, profile srtp.ProtectionProfile) (here, there *keys, sent *[]byte) {
	t.Helper()
	keyed := func(b byte) ([]byte, []byte) {
		key, err := profile.KeyLen()
		if err != nil {
			t.Fatal(err)
		}
		salt, err := profile.SaltLen()
		if err != nil {
			t.Fatal(err)
		}
		return bytes.Repeat([]byte{b}, key), bytes.Repeat([]byte{b + 1}, salt)
	}
	var mine, theirs srtp.SessionKeys
	mine.LocalMasterKey, mine.LocalMasterSalt = keyed(1)
	mine.RemoteMasterKey, mine.RemoteMasterSalt = keyed(3)
	theirs.LocalMasterKey, theirs.LocalMasterSalt = mine.RemoteMasterKey, mine.RemoteMasterSalt
	theirs.RemoteMasterKey, theirs.RemoteMasterSalt = mine.LocalMasterKey, mine.LocalMasterSalt
	packet := make([]byte, 0, receiveMTU)
	send := func(b []byte) error {
		packet = append(packet[:0], b...)
		return nil
	}
	here, err := keysOf(mine, profile, send)
	if err != nil {
		t.Fatal(err)
	}
	if there, err = keysOf(theirs, profile, nil); err != nil {
		t.Fatal(err)
	}
	return here, there, &packet
}

func headerOf(t testing.TB, seq uint16) *rtp.Header {
	t.Helper()
	h := &rtp.Header{Version: 2, PayloadType: 96, SSRC: 7, SequenceNumber: seq}
	if err := h.SetExtension(4, []byte{1, 2}); err != nil {
		t.Fatal(err)
	}
	return h
}

func TestWhatIsSealedIsOpened(t *testing.T) {
	t.Parallel()
	for _, profile := range profiles {
		here, there, sent := keyPair(t, srtp.ProtectionProfile(profile))
		payload := bytes.Repeat([]byte("x"), 1200)
		if err := here.sealRTP(headerOf(t, 1), payload); err != nil {
			t.Fatal(err)
		}
		if bytes.Contains(*sent, payload[:16]) {
			t.Errorf("%v: it is in the clear", profile)
		}
		once := bytes.Clone(*sent)
		opened, err := there.openRTP(*sent)
		if err != nil || !bytes.HasSuffix(opened, payload) {
			t.Errorf("%v: %v", profile, err)
		}
		if _, err := there.openRTP(once); err == nil {
			t.Errorf("%v: it is opened twice", profile)
		}
		if err := here.sealRTCP([]rtcp.Packet{&rtcp.PictureLossIndication{SenderSSRC: 1, MediaSSRC: 7}}); err != nil {
			t.Fatal(err)
		}
		if opened, err := there.openRTCP(*sent); err != nil || opened[1] != rtcpPayload {
			t.Errorf("%v: %v", profile, err)
		}
		if err := here.sealRTP(headerOf(t, 2), make([]byte, receiveMTU)); !errors.Is(err, ErrSize) {
			t.Errorf("%v: one that is too large: %v", profile, err)
		}
	}
}

// What comes late because it was lost and asked for again is opened still: pion's
// own window of 64 packets is a quarter of a second of a large picture.
func TestALateRetransmissionIsOpened(t *testing.T) {
	t.Parallel()
	here, there, sent := keyPair(t, srtp.ProtectionProfile(profiles[0]))
	var late []byte
	for seq := range uint16(replayWindow) {
		if err := here.sealRTP(headerOf(t, seq), []byte("x")); err != nil {
			t.Fatal(err)
		}
		if seq == 1 {
			late = bytes.Clone(*sent)
		} else if _, err := there.openRTP(*sent); err != nil {
			t.Fatal(seq, err)
		}
	}
	if _, err := there.openRTP(late); err != nil {
		t.Error(err)
	}
}

// Guards the hot path: at a hundred receivers each allocation is made twenty
// thousand times a second.
func TestSealingDoesNotAllocate(t *testing.T) {
	here, there, sent := keyPair(t, srtp.ProtectionProfile(profiles[0]))
	payload, header := make([]byte, 1200), headerOf(t, 0)
	if n := testing.AllocsPerRun(1000, func() {
		header.SequenceNumber++
		if err := here.sealRTP(header, payload); err != nil {
			t.Fatal(err)
		}
		if _, err := there.openRTP(*sent); err != nil {
			t.Fatal(err)
		}
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func TestFingerprintsAreReadAsTheyAreWritten(t *testing.T) {
	t.Parallel()
	var c certificate
	_, own, err := c.now()
	if err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]bool{
		"sha-256 " + own.String():                  true,
		"SHA-256 " + strings.ToLower(own.String()): true,
		"sha-1 " + own.String():                    false,
		"sha-256 " + own.String()[3:]:              false,
		"sha-256 " + own.String() + ":00":          false,
		"sha-256 " + strings.ReplaceAll(own.String(), ":", "") + strings.Repeat("0", 31): false,
		"": false,
	} {
		if f, ok := parseFingerprint(text); ok != want || (ok && f != own) {
			t.Errorf("%q: %v %v", text, f, ok)
		}
	}
}

// Somebody in between who changes a fingerprint, or has another certificate than
// the one that was named, is no peer: no link, no media, no channel.
func TestWhoHasAnotherCertificateIsRefused(t *testing.T) {
	t.Parallel()
	p := newPair(t, loopback(t), loopback(t), pairOptions{altered: func(s protocol.LinkSignal) protocol.LinkSignal {
		if answer, ok := s.(protocol.Answer); ok {
			at := strings.Index(answer.SDP, "a=fingerprint:sha-256 ") + len("a=fingerprint:sha-256 ")
			other := "AA"
			if answer.SDP[at:at+2] == other {
				other = "BB"
			}
			answer.SDP = answer.SDP[:at] + other + answer.SDP[at+2:]
			return answer
		}
		return s
	}})
	wait(t, "the offerer's end", p.offerer.broken)
	wait(t, "the answerer's end", p.answerer.broken)
	if len(p.offerer.opened)+len(p.answerer.opened) > 0 {
		t.Error("it has opened")
	}
}

// Whatever comes to the port of an open link, it goes on.
func TestJunkIsNothing(t *testing.T) {
	t.Parallel()
	p := newPair(t, loopback(t), loopback(t), pairOptions{})
	p.waitOpen(t)
	for first := range 256 {
		for _, size := range []int{0, 1, 2, 11, 12, 13, 40, receiveMTU} {
			junk := bytes.Repeat([]byte{byte(first)}, size)
			p.answerer.link.connection.receive(junk)
		}
	}
	sendsAll(t, p.offerer)
}

// What no host candidate carries goes through ICE's own connection, as it does
// through a relay.
func TestWithoutARouteItGoesThroughICE(t *testing.T) {
	t.Parallel()
	p := newPair(t, loopback(t), loopback(t), pairOptions{})
	p.waitOpen(t)
	for _, e := range []*end{p.offerer, p.answerer} {
		if e.link.connection.route.Load() == nil {
			t.Error("a host candidate has no route")
		}
		e.link.connection.route.Store(nil)
	}
	sendsAll(t, p.offerer)
}
