package webm

import (
	"errors"
	"io"
	"time"
)

// The codecs that this package writes, by their names in the container.
const (
	CodecVP8  = "V_VP8"
	CodecVP9  = "V_VP9"
	CodecOpus = "A_OPUS"
)

// Track describes one stream of a file.
type Track struct {
	Number        uint64
	Codec         string // CodecVP8, … or another of Matroska's names
	Video         bool
	Audio         bool
	Width, Height int           // pixels; 0 when the file does not say
	Channels      int           // of sound
	Private       []byte        // the codec's own header
	FrameDuration time.Duration // 0 when the file does not say
}

// readHeader reads up to Tracks, which every file has before its first cluster.
func (r *Reader) readHeader() error {
	id, size, err := r.readElement()
	if err != nil || id != idEBML {
		return ErrNotWebM
	}
	content, err := r.readContent(0, size, maxMaster)
	if err != nil {
		return err
	}
	if docType := string(find(content, idDocType)); docType != "webm" && docType != "matroska" {
		return ErrNotWebM
	}
	for {
		at := r.offset
		id, size, err := r.readElement()
		if errors.Is(err, io.EOF) {
			return &Error{Offset: at, Why: "the file ends before its tracks", err: io.ErrUnexpectedEOF}
		}
		if err != nil {
			return err
		}
		switch id {
		case idSegment:
		case idInfo:
			if content, err = r.readContent(at, size, maxMaster); err != nil {
				return err
			}
			if err := r.parseInfo(at, content); err != nil {
				return err
			}
		case idTracks:
			if content, err = r.readContent(at, size, maxMaster); err != nil {
				return err
			}
			return r.parseTracks(at, content)
		case idVoid, idCRC32, idSeekHead, idCues, idTags, idAttachments, idChapters:
			if err := r.skip(at, size); err != nil {
				return err
			}
		default:
			return &Error{Offset: at, Why: "frames come before the tracks are described"}
		}
	}
}

// find returns the content of the first element with an ID in a master's content.
func find(content []byte, id uint32) []byte {
	for {
		e, rest, ok := next(content)
		if !ok {
			return nil
		}
		if e.id == id {
			return e.content
		}
		content = rest
	}
}

func (r *Reader) parseInfo(at int64, content []byte) error {
	for {
		e, rest, ok := next(content)
		if !ok {
			return nil
		}
		switch e.id {
		case idScale:
			scale, ok := e.number()
			if !ok || scale == 0 || scale > uint64(time.Second) {
				return &Error{Offset: at, Why: "an absurd unit of time"}
			}
			r.scale = scale
		case idDuration:
			r.duration = e.float()
		}
		content = rest
	}
}

func (r *Reader) parseTracks(at int64, content []byte) error {
	for {
		e, rest, ok := next(content)
		if !ok {
			break
		}
		content = rest
		if e.id != idTrackEntry {
			continue
		}
		if len(r.tracks) == maxTracks {
			return &Error{Offset: at, Why: "more tracks than anything has"}
		}
		r.tracks = append(r.tracks, parseTrack(e.content))
	}
	if len(r.tracks) == 0 {
		return &Error{Offset: at, Why: "no tracks are described"}
	}
	return nil
}

func parseTrack(content []byte) Track {
	var t Track
	for {
		e, rest, ok := next(content)
		if !ok {
			return t
		}
		content = rest
		n, _ := e.number()
		switch e.id {
		case idTrackNumber:
			t.Number = n
		case idTrackType:
			t.Video, t.Audio = n == typeVideo, n == typeAudio
		case idCodecID:
			t.Codec = string(e.content)
		case idCodecPrivate:
			t.Private = append([]byte(nil), e.content...)
		case idDefaultDuration:
			t.FrameDuration = time.Duration(min(n, uint64(time.Hour)))
		case idVideo:
			t.Width = int(min(masterNumber(e.content, idPixelWidth), maxPixels))
			t.Height = int(min(masterNumber(e.content, idPixelHeight), maxPixels))
		case idAudio:
			t.Channels = int(min(masterNumber(e.content, idChannels), 255))
		}
	}
}

const (
	typeVideo = 1
	typeAudio = 2
	maxPixels = 1<<16 - 1 // of a side; VP8 has 14 bits, VP9 16
)

func masterNumber(content []byte, id uint32) uint64 {
	n, _ := element{content: find(content, id)}.number()
	return n
}
