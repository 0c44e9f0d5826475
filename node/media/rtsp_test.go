package media_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"net/textproto"
	"os/exec"
	"strings"
	"sync"
	"testing"

	"github.com/pion/rtp"

	"github.com/parley-mesh/parley/node/media"
	"github.com/parley-mesh/parley/node/media/mediatest"
)

// camera serves RTSP over TCP (RFC 2326) as a network camera does: VP8 and Opus,
// for who has its password. Each session plays the film that it has, and ends.
type camera struct {
	listener net.Listener
	film     []byte
	wait     sync.WaitGroup
}

func newCamera(t *testing.T, film []byte) *camera {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	c := &camera{listener: listener, film: film}
	ctx, cancel := context.WithCancel(t.Context())
	c.wait.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			c.wait.Go(func() {
				defer context.AfterFunc(ctx, func() { _ = conn.Close() })()
				defer conn.Close()
				c.serve(ctx, conn)
			})
		}
	})
	t.Cleanup(func() {
		cancel()
		_ = listener.Close()
		c.wait.Wait()
	})
	return c
}

func (c *camera) url(user string) string {
	return fmt.Sprintf("rtsp://%s@%s/live", user, c.listener.Addr())
}

const cameraSDP = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=Camera\r\nc=IN IP4 0.0.0.0\r\nt=0 0\r\n" +
	"m=video 0 RTP/AVP 96\r\na=rtpmap:96 VP8/90000\r\na=control:track0\r\n" +
	"m=audio 0 RTP/AVP 97\r\na=rtpmap:97 opus/48000/2\r\na=control:track1\r\n"

// serve answers requests until PLAY.
func (c *camera) serve(ctx context.Context, conn net.Conn) {
	in := bufio.NewReader(conn)
	for {
		line, err := in.ReadString('\n')
		if err != nil {
			return
		}
		header, err := textproto.NewReader(in).ReadMIMEHeader()
		if err != nil {
			return
		}
		method, _, _ := strings.Cut(line, " ")
		status, more, body := "200 OK", "", ""
		switch {
		case header.Get("Authorization") != "Basic dmlld2VyOmhpZGRlbg==": // viewer:hidden
			status, more = "401 Unauthorized", "WWW-Authenticate: Basic realm=\"camera\"\r\n"
		case method == "OPTIONS":
			more = "Public: OPTIONS, DESCRIBE, SETUP, PLAY, TEARDOWN\r\n"
		case method == "DESCRIBE":
			more, body = "Content-Type: application/sdp\r\n", cameraSDP
		case method == "SETUP":
			more = "Transport: " + header.Get("Transport") + "\r\n"
		}
		fmt.Fprintf(conn, "RTSP/1.0 %s\r\nCSeq: %s\r\nSession: 1\r\n%sContent-Length: %d\r\n\r\n%s", status, header.Get("CSeq"), more, len(body), body)
		if method == "PLAY" && status == "200 OK" {
			c.play(ctx, conn, in)
			return
		}
	}
}

func (c *camera) play(ctx context.Context, conn net.Conn, in io.Reader) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	c.wait.Go(func() {
		_, _ = io.Copy(io.Discard, in) // reports, and TEARDOWN
		cancel()
	})
	reader, err := media.Read("film", bytes.NewReader(c.film))
	if err != nil {
		return
	}
	_ = media.NewPlayer(reader, media.PlayerConfig{Handler: interleaved{conn}}).Run(ctx)
}

// interleaved writes packets between the answers (RFC 2326 section 10.12).
type interleaved struct{ w io.Writer }

func (interleaved) Seal(dst []byte, _ int, _ media.Codec, frame []byte) ([]byte, error) {
	return append(dst, frame...), nil
}

func (i interleaved) Packet(p *media.Packet) {
	packet := rtp.Packet{
		Header:  rtp.Header{Version: 2, PayloadType: uint8(96 + p.Track), Marker: p.Marker, SequenceNumber: p.Seq, Timestamp: p.Time, SSRC: uint32(1 + p.Track)},
		Payload: p.Payload,
	}
	data, err := packet.Marshal()
	if err != nil {
		return
	}
	head := binary.BigEndian.AppendUint16([]byte{'$', byte(2 * p.Track)}, uint16(len(data)))
	_, _ = i.w.Write(append(head, data...))
}

func (interleaved) SenderReport(int, int, uint64, uint32) {}

// Guards a camera in the network: its pictures and sounds come, a session that ends
// is begun anew, and its password is in nothing that is said.
func TestRTSP(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("ffmpeg"); err != nil {
		t.Skip("ffmpeg is not installed: what goes through it is not tested")
	}
	c := newCamera(t, mediatest.WebM(media.VP8, mediatest.Pictures(2)[:30], mediatest.Sounds()))
	r, err := media.Open(t.Context(), c.url("viewer:hidden"), media.Options{Layers: 2, Loop: true})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = r.Close() }()
	for round := range 2 {
		count := map[[2]int]int{}
		for {
			frame, err := r.Next(t.Context())
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				t.Fatal(err)
			}
			count[[2]int{frame.Track, frame.Layer}]++
		}
		if count[[2]int{0, 0}] < 15 || count[[2]int{0, 1}] < 15 || count[[2]int{1, 0}] < 50 {
			t.Errorf("round %d: %v", round, count)
		}
		if err := r.Rewind(); err != nil {
			t.Fatal(err)
		}
	}

	_, err = media.Open(t.Context(), c.url("viewer:wrongword"), media.Options{})
	if !errors.Is(err, media.ErrNoMedia) || !strings.Contains(err.Error(), "401") || strings.Contains(err.Error(), "wrongword") {
		t.Errorf("with another password: %v", err)
	}
}
