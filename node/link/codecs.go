package link

import (
	"fmt"

	"github.com/pion/webrtc/v4"

	"github.com/parley-mesh/parley/node/router"
)

// codec is one that a link negotiates, with the payload type it offers.
type codec struct {
	codec      router.Codec
	mime       string
	clock      uint32
	channels   uint16
	parameters string
	number     webrtc.PayloadType
}

// codecs in the order of preference. What else a peer offers is not taken.
var codecs = [...]codec{
	{router.Opus, webrtc.MimeTypeOpus, 48_000, 2, "minptime=10;useinbandfec=1", 111},
	{router.VP8, webrtc.MimeTypeVP8, 90_000, 0, "", 96},
	{router.VP9, webrtc.MimeTypeVP9, 90_000, 0, "profile-id=0", 98},
}

func kindOf(media router.Media) webrtc.RTPCodecType {
	if media == router.Audio {
		return webrtc.RTPCodecTypeAudio
	}
	return webrtc.RTPCodecTypeVideo
}

func feedbackOf(media router.Media) []webrtc.RTCPFeedback {
	all := []webrtc.RTCPFeedback{{Type: webrtc.TypeRTCPFBTransportCC}}
	if media == router.Video {
		all = append(all,
			webrtc.RTCPFeedback{Type: webrtc.TypeRTCPFBCCM, Parameter: "fir"},
			webrtc.RTCPFeedback{Type: webrtc.TypeRTCPFBNACK},
			webrtc.RTCPFeedback{Type: webrtc.TypeRTCPFBNACK, Parameter: "pli"})
	}
	return all
}

func (c codec) capability() webrtc.RTPCodecCapability {
	return webrtc.RTPCodecCapability{
		MimeType: c.mime, ClockRate: c.clock, Channels: c.channels, SDPFmtpLine: c.parameters,
		RTCPFeedback: feedbackOf(c.codec.Media()),
	}
}

func registerMedia(engine *webrtc.MediaEngine) error {
	for _, c := range codecs {
		parameters := webrtc.RTPCodecParameters{RTPCodecCapability: c.capability(), PayloadType: c.number}
		if err := engine.RegisterCodec(parameters, kindOf(c.codec.Media())); err != nil {
			return fmt.Errorf("link: register %s: %w", c.mime, err)
		}
	}
	for _, extension := range []struct {
		uri   string
		media []router.Media
	}{
		{midURI, []router.Media{router.Audio, router.Video}},
		{ridURI, []router.Media{router.Video}},
		{levelURI, []router.Media{router.Audio}},
		{transportCCURI, []router.Media{router.Audio, router.Video}},
	} {
		for _, media := range extension.media {
			capability := webrtc.RTPHeaderExtensionCapability{URI: extension.uri}
			if err := engine.RegisterHeaderExtension(capability, kindOf(media)); err != nil {
				return fmt.Errorf("link: register %s: %w", extension.uri, err)
			}
		}
	}
	return nil
}
