package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"sync"

	"github.com/pion/interceptor"
	"github.com/pion/rtcp"
	"github.com/pion/webrtc/v4"
)

// bareForwarderCommand is the yardstick of forwarding: what one writes in an
// afternoon with pion/webrtc, its default interceptors and nothing else. POST
// /join?publisher=N answers an offer: what comes on it is publisher N's, and
// every other publisher's tracks go out on it. Without a publisher it receives
// alone.
type bareForwarderCommand struct {
	Publishers int `default:"1"`
}

func (c *bareForwarderCommand) Run(ctx context.Context) error {
	api, err := bareAPI()
	if err != nil {
		return err
	}
	f := &bareForwarder{api: api}
	for i := range c.Publishers {
		var of forwarded
		if of.audio, err = webrtc.NewTrackLocalStaticRTP(opusCodec.RTPCodecCapability, fmt.Sprint("audio", i), fmt.Sprint("publisher", i)); err != nil {
			return err
		}
		if of.video, err = webrtc.NewTrackLocalStaticRTP(vp8Codec.RTPCodecCapability, fmt.Sprint("video", i), fmt.Sprint("publisher", i)); err != nil {
			return err
		}
		f.sources = append(f.sources, &of)
	}
	return serveBare(ctx, func(string) http.Handler {
		mux := http.NewServeMux()
		mux.HandleFunc("POST /join", f.join)
		return mux
	})
}

var (
	opusCodec = webrtc.RTPCodecParameters{
		RTPCodecCapability: webrtc.RTPCodecCapability{MimeType: webrtc.MimeTypeOpus, ClockRate: 48000, Channels: 2, SDPFmtpLine: "minptime=10;useinbandfec=1"},
		PayloadType:        111,
	}
	vp8Codec = webrtc.RTPCodecParameters{
		RTPCodecCapability: webrtc.RTPCodecCapability{MimeType: webrtc.MimeTypeVP8, ClockRate: 90000, RTCPFeedback: []webrtc.RTCPFeedback{
			{Type: "nack"}, {Type: "nack", Parameter: "pli"}, {Type: "transport-cc"},
		}},
		PayloadType: 96,
	}
)

// bareAPI is pion's usual assembly for two codecs.
func bareAPI() (*webrtc.API, error) {
	media := new(webrtc.MediaEngine)
	if err := media.RegisterCodec(opusCodec, webrtc.RTPCodecTypeAudio); err != nil {
		return nil, err
	}
	if err := media.RegisterCodec(vp8Codec, webrtc.RTPCodecTypeVideo); err != nil {
		return nil, err
	}
	registry := new(interceptor.Registry)
	if err := webrtc.RegisterDefaultInterceptors(media, registry); err != nil {
		return nil, err
	}
	var settings webrtc.SettingEngine
	settings.SetIncludeLoopbackCandidate(true)
	return webrtc.NewAPI(webrtc.WithMediaEngine(media), webrtc.WithInterceptorRegistry(registry), webrtc.WithSettingEngine(settings)), nil
}

type bareForwarder struct {
	api     *webrtc.API
	sources []*forwarded
}

// forwarded is what one publisher sends.
type forwarded struct {
	audio, video *webrtc.TrackLocalStaticRTP

	mu       sync.Mutex
	keyFrame func()
}

func (of *forwarded) askKeyFrame() {
	of.mu.Lock()
	ask := of.keyFrame
	of.mu.Unlock()
	if ask != nil {
		ask()
	}
}

func (f *bareForwarder) join(w http.ResponseWriter, r *http.Request) {
	var offer webrtc.SessionDescription
	if err := json.NewDecoder(io.LimitReader(r.Body, 1<<20)).Decode(&offer); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	publisher := -1
	if n, err := strconv.Atoi(r.URL.Query().Get("publisher")); err == nil && n >= 0 && n < len(f.sources) {
		publisher = n
	}
	answer, err := f.answer(publisher, offer)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	_ = json.NewEncoder(w).Encode(answer)
}

func (f *bareForwarder) answer(publisher int, offer webrtc.SessionDescription) (*webrtc.SessionDescription, error) {
	connection, err := f.api.NewPeerConnection(webrtc.Configuration{})
	if err != nil {
		return nil, err
	}
	connection.OnConnectionStateChange(func(state webrtc.PeerConnectionState) {
		if state == webrtc.PeerConnectionStateFailed || state == webrtc.PeerConnectionStateDisconnected {
			go connection.Close()
		}
	})
	if publisher >= 0 {
		of := f.sources[publisher]
		connection.OnTrack(func(track *webrtc.TrackRemote, _ *webrtc.RTPReceiver) { of.forward(connection, track) })
	}
	for i, of := range f.sources {
		if i == publisher {
			continue
		}
		for _, track := range []*webrtc.TrackLocalStaticRTP{of.audio, of.video} {
			sender, err := connection.AddTrack(track)
			if err != nil {
				return nil, err
			}
			go of.listen(sender)
		}
	}
	if err := connection.SetRemoteDescription(offer); err != nil {
		return nil, err
	}
	return described(connection, func() (webrtc.SessionDescription, error) { return connection.CreateAnswer(nil) })
}

// described sets what make returns and gives it back with its candidates.
func described(connection *webrtc.PeerConnection, make func() (webrtc.SessionDescription, error)) (*webrtc.SessionDescription, error) {
	gathered := webrtc.GatheringCompletePromise(connection)
	description, err := make()
	if err != nil {
		return nil, err
	}
	if err := connection.SetLocalDescription(description); err != nil {
		return nil, err
	}
	<-gathered
	return connection.LocalDescription(), nil
}

// forward copies a publisher's packets to everybody.
func (of *forwarded) forward(connection *webrtc.PeerConnection, track *webrtc.TrackRemote) {
	to := of.audio
	if track.Kind() == webrtc.RTPCodecTypeVideo {
		to = of.video
		of.mu.Lock()
		of.keyFrame = func() {
			_ = connection.WriteRTCP([]rtcp.Packet{&rtcp.PictureLossIndication{MediaSSRC: uint32(track.SSRC())}})
		}
		of.mu.Unlock()
	}
	for {
		packet, _, err := track.ReadRTP()
		if err != nil {
			return
		}
		if err := to.WriteRTP(packet); err != nil {
			return
		}
	}
}

// listen reads what a receiver reports, so that the interceptors see it, and
// passes its wishes for key frames on.
func (of *forwarded) listen(sender *webrtc.RTPSender) {
	for {
		packets, _, err := sender.ReadRTCP()
		if err != nil {
			return
		}
		for _, packet := range packets {
			if _, ok := packet.(*rtcp.PictureLossIndication); ok {
				of.askKeyFrame()
			}
		}
	}
}
