package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/pion/rtcp"
	"github.com/pion/rtp"
	"github.com/pion/webrtc/v4"
)

// bareHall is the minimal forwarder and everybody who is connected to it.
type bareHall struct {
	process    *process
	api        *webrtc.API
	publishers int
	guests     []*webrtc.PeerConnection
}

func startBareHall(ctx context.Context, publishers int) (hall, error) {
	process, err := startBare(ctx, "bare-forwarder", "--publishers", strconv.Itoa(publishers))
	if err != nil {
		return nil, err
	}
	api, err := bareAPI()
	if err != nil {
		return nil, errors.Join(err, process.stop())
	}
	return &bareHall{process: process, api: api, publishers: publishers}, nil
}

func (h *bareHall) forwarder() *process { return h.process }

func (h *bareHall) stop() error {
	for _, guest := range h.guests {
		_ = guest.Close()
	}
	return h.process.stop()
}

func (h *bareHall) publish(ctx context.Context, n int, m *meter) error {
	var wanted atomic.Bool
	video, err := webrtc.NewTrackLocalStaticRTP(vp8Codec.RTPCodecCapability, "video", "load")
	if err != nil {
		return err
	}
	audio, err := webrtc.NewTrackLocalStaticRTP(opusCodec.RTPCodecCapability, "audio", "load")
	if err != nil {
		return err
	}
	connection, err := h.connect(ctx, n, h.publishers-1, m, func(connection *webrtc.PeerConnection) error {
		for _, track := range []*webrtc.TrackLocalStaticRTP{audio, video} {
			sender, err := connection.AddTrack(track)
			if err != nil {
				return err
			}
			go hear(sender, &wanted)
		}
		return nil
	})
	if err != nil {
		return err
	}
	go generate(ctx, full, &wanted, func(p packet) {
		track, kind := audio, opusCodec.PayloadType
		if p.video {
			track, kind = video, vp8Codec.PayloadType
		}
		header := rtp.Header{Version: 2, PayloadType: uint8(kind), SequenceNumber: p.seq, Timestamp: p.time, Marker: p.marker}
		_ = track.WriteRTP(&rtp.Packet{Header: header, Payload: p.payload}) // ends with the connection
	})
	return connected(ctx, connection)
}

func (h *bareHall) receive(ctx context.Context, m *meter) (time.Duration, error) {
	began := time.Now()
	first, arrived := once()
	_, err := h.connect(ctx, -1, h.publishers, m, func(*webrtc.PeerConnection) error { return nil }, arrived)
	if err != nil {
		return 0, err
	}
	select {
	case <-first:
		return time.Since(began), nil
	case <-ctx.Done():
		return 0, ctx.Err()
	}
}

// connect makes a connection that publishes what publish adds, as publisher n,
// and can receive so many others.
func (h *bareHall) connect(ctx context.Context, n, others int, m *meter, publish func(*webrtc.PeerConnection) error, arrived ...func()) (*webrtc.PeerConnection, error) {
	connection, err := h.api.NewPeerConnection(webrtc.Configuration{})
	if err != nil {
		return nil, err
	}
	h.guests = append(h.guests, connection)
	if err := publish(connection); err != nil {
		return nil, err
	}
	if n >= 0 {
		others-- // what is sent on can be received on as well
	}
	for range others {
		for _, kind := range []webrtc.RTPCodecType{webrtc.RTPCodecTypeAudio, webrtc.RTPCodecTypeVideo} {
			only := webrtc.RTPTransceiverInit{Direction: webrtc.RTPTransceiverDirectionRecvonly}
			if _, err := connection.AddTransceiverFromKind(kind, only); err != nil {
				return nil, err
			}
		}
	}
	connection.OnTrack(func(track *webrtc.TrackRemote, _ *webrtc.RTPReceiver) { drain(track, m, arrived) })
	offer, err := described(connection, func() (webrtc.SessionDescription, error) { return connection.CreateOffer(nil) })
	if err != nil {
		return nil, err
	}
	answer, err := h.ask(ctx, n, offer)
	if err != nil {
		return nil, err
	}
	return connection, connection.SetRemoteDescription(answer)
}

func (h *bareHall) ask(ctx context.Context, n int, offer *webrtc.SessionDescription) (answer webrtc.SessionDescription, err error) {
	body, err := json.Marshal(offer)
	if err != nil {
		return answer, err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, fmt.Sprintf("%s/join?publisher=%d", h.process.url, n), bytes.NewReader(body))
	if err != nil {
		return answer, err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return answer, err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return answer, fmt.Errorf("the bare forwarder answered %s", response.Status)
	}
	return answer, json.NewDecoder(response.Body).Decode(&answer)
}

// drain reads a track to its end.
func drain(track *webrtc.TrackRemote, m *meter, arrived []func()) {
	for {
		packet, _, err := track.ReadRTP()
		if err != nil {
			return
		}
		for _, tell := range arrived {
			tell()
		}
		m.take(packet.Payload)
	}
}

// hear listens for wishes for key frames.
func hear(sender *webrtc.RTPSender, wanted *atomic.Bool) {
	for {
		packets, _, err := sender.ReadRTCP()
		if err != nil {
			return
		}
		for _, packet := range packets {
			if _, ok := packet.(*rtcp.PictureLossIndication); ok {
				wanted.Store(true)
			}
		}
	}
}

func connected(ctx context.Context, connection *webrtc.PeerConnection) error {
	up, told := once()
	connection.OnConnectionStateChange(func(state webrtc.PeerConnectionState) {
		if state == webrtc.PeerConnectionStateConnected {
			told()
		}
	})
	if connection.ConnectionState() == webrtc.PeerConnectionStateConnected {
		return nil
	}
	select {
	case <-up:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
