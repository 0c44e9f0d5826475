package webm

import (
	"encoding/binary"
	"time"
)

// MuxerConfig says what a file is about to hold.
type MuxerConfig struct {
	Tracks []Track // numbered from 1 in their order, whatever their Number says
	App    string  // the writing program, at most 24 bytes
	Date   time.Time
}

// Patch is bytes that replace as many at a place that was written before.
type Patch struct {
	Offset int64
	Data   []byte
}

// Muxer turns frames into a file's bytes. It is pure: the caller writes what it
// returns, in that order, at the end of the file.
type Muxer struct {
	config MuxerConfig
	layout layout
	index
	before index // as it was before the last cluster
}

// layout is where the patchable parts of a file are.
type layout struct {
	segment int64 // of the segment's content
	info    int64
	tracks  int64
	sizes   []int64 // per track, of its picture's width and height; 0 for sound
}

// index is what Finish needs to know of the clusters.
type index struct {
	end      int64         // of the file so far
	duration time.Duration // end of the last frame
	cues     []cue
}

type cue struct {
	at      time.Duration
	track   uint64
	cluster int64 // offset in the file
}

const (
	seekArea     = 80         // bytes kept for the SeekHead
	sizeField    = 8          // bytes before segment's content that hold its size
	durationSize = 2 + 1 + 8  // bytes of a Duration element
	tickLength   = 1_000_000  // nanoseconds a tick
	maxApp       = 24         // so that Info's size has one byte
	soundCues    = 5          // seconds between cues of a file without pictures
	maxCues      = 100_000    // about a day of key frames a second; later ones are not indexed
	opusPreRoll  = 80_000_000 // nanoseconds, RFC 7845 section 4.6
	clockOpus    = 48_000
)

// NewMuxer returns a muxer and the file's beginning.
func NewMuxer(config MuxerConfig) (*Muxer, []byte) {
	if len(config.App) > maxApp {
		config.App = config.App[:maxApp]
	}
	m := &Muxer{config: config}
	head := appendHead(nil)
	m.layout.segment = int64(len(head))
	head = appendVoid(head, seekArea)
	m.layout.info = int64(len(head))
	head = appendElement(head, idInfo, m.info())
	m.layout.tracks = int64(len(head))
	head = m.appendTracks(head)
	m.end = int64(len(head))
	return m, head
}

// appendHead writes everything before the segment's content.
func appendHead(b []byte) []byte {
	var ebml []byte
	ebml = appendUint(ebml, idEBMLVersion, 1)
	ebml = appendUint(ebml, idEBMLReadVersion, 1)
	ebml = appendUint(ebml, idEBMLMaxID, 4)
	ebml = appendUint(ebml, idEBMLMaxSize, 8)
	ebml = appendString(ebml, idDocType, "webm")
	ebml = appendUint(ebml, idDocVersion, 4)
	ebml = appendUint(ebml, idDocReadVersion, 2)
	b = appendElement(b, idEBML, ebml)
	return appendWideSize(appendID(b, idSegment), unknownSize)
}

// info begins with the place of the duration, so that it is found again.
func (m *Muxer) info() []byte {
	b := appendVoid(nil, durationSize)
	b = appendUint(b, idScale, tickLength)
	epoch := time.Date(2001, 1, 1, 0, 0, 0, 0, time.UTC)
	b = appendFixedUint(b, idDate, uint64(m.config.Date.Sub(epoch)), 8)
	b = appendString(b, idMuxingApp, m.config.App)
	return appendString(b, idWritingApp, m.config.App)
}

// appendTracks writes Tracks and notes where each picture's size stands.
func (m *Muxer) appendTracks(b []byte) []byte {
	var tracks []byte
	m.layout.sizes = make([]int64, len(m.config.Tracks))
	for i, t := range m.config.Tracks {
		entry, size := trackEntry(uint64(i+1), t)
		tracks = appendSize(appendID(tracks, idTrackEntry), uint64(len(entry)))
		if size > 0 {
			m.layout.sizes[i] = int64(len(tracks) + size)
		}
		tracks = append(tracks, entry...)
	}
	b = appendSize(appendID(b, idTracks), uint64(len(tracks)))
	for i := range m.layout.sizes {
		if m.layout.sizes[i] > 0 {
			m.layout.sizes[i] += int64(len(b))
		}
	}
	return append(b, tracks...)
}

// trackEntry returns a TrackEntry's content and where in it the picture's size
// stands, 0 for sound.
func trackEntry(number uint64, t Track) (entry []byte, size int) {
	b := appendUint(nil, idTrackNumber, number)
	b = appendUint(b, idTrackUID, number)
	b = appendUint(b, idFlagLacing, 0)
	b = appendString(b, idCodecID, t.Codec)
	if len(t.Private) > 0 {
		b = appendElement(b, idCodecPrivate, t.Private)
	}
	if t.Video {
		b = appendUint(b, idTrackType, typeVideo)
		picture := pictureSize(t)
		b = appendSize(appendID(b, idVideo), uint64(len(picture)))
		return append(b, picture...), len(b)
	}
	b = appendUint(b, idTrackType, typeAudio)
	b = appendUint(b, idSeekPreRoll, opusPreRoll)
	sound := appendFloat(nil, idSampling, clockOpus)
	sound = appendUint(sound, idChannels, uint64(max(1, t.Channels)))
	return appendElement(b, idAudio, sound), 0
}

func pictureSize(t Track) []byte {
	b := appendFixedUint(nil, idPixelWidth, uint64(t.Width), 2)
	return appendFixedUint(b, idPixelHeight, uint64(t.Height), 2)
}

// SetSize tells the size of a track's largest picture, which Finish fills in.
func (m *Muxer) SetSize(track uint64, width, height int) {
	t := &m.config.Tracks[track-1]
	t.Width, t.Height = min(width, maxPixels), min(height, maxPixels)
}

// Cluster returns the bytes of a cluster with frames in the order of their
// times, which lie less than half a minute apart. Their Track counts from 1.
func (m *Muxer) Cluster(blocks []Block) []byte {
	m.before = m.index
	start := blocks[0].Time / tickLength
	content := appendUint(nil, idTimestamp, uint64(start))
	for _, block := range blocks {
		m.note(block, m.end)
		content = appendSize(appendID(content, idSimpleBlock), uint64(4+len(block.Data)))
		content = append(content, 0x80|byte(block.Track))
		content = binary.BigEndian.AppendUint16(content, uint16(int16(block.Time/tickLength-start)))
		var flags byte
		if block.Key {
			flags = 0x80
		}
		content = append(append(content, flags), block.Data...)
	}
	cluster := appendWideSize(appendID(nil, idCluster), uint64(len(content)))
	cluster = append(cluster, content...)
	m.end += int64(len(cluster))
	return cluster
}

// Undo forgets the last cluster, which could not be written.
func (m *Muxer) Undo() { m.index = m.before }

// note takes a frame of the cluster at an offset into the index.
func (m *Muxer) note(block Block, cluster int64) {
	m.duration = max(m.duration, block.Time+block.Duration)
	if !block.Key || len(m.cues) >= maxCues {
		return
	}
	if !m.config.Tracks[block.Track-1].Video {
		far := len(m.cues) == 0 || block.Time-m.cues[len(m.cues)-1].at >= soundCues*time.Second
		if m.hasVideo() || !far {
			return
		}
	}
	m.cues = append(m.cues, cue{block.Time, block.Track, cluster})
}

func (m *Muxer) hasVideo() bool {
	for _, t := range m.config.Tracks {
		if t.Video {
			return true
		}
	}
	return false
}

// Size is the file's size so far, in bytes.
func (m *Muxer) Size() int64 { return m.end }

// Duration is the end of the last frame.
func (m *Muxer) Duration() time.Duration { return m.duration }

// Finish returns the file's last bytes and the patches that complete it, to be
// made in their order once the last bytes are written: the last patch is the one
// that calls the file complete. Without cues there are no last bytes, for a disk
// that is full.
func (m *Muxer) Finish(withCues bool) (tail []byte, patches []Patch) {
	cuesAt := m.end
	var cues []byte
	for _, c := range m.cues {
		place := appendUint(nil, idCueTrack, c.track)
		place = appendUint(place, idCueCluster, uint64(c.cluster-m.layout.segment))
		point := appendUint(nil, idCueTime, uint64(c.at/tickLength))
		cues = appendElement(cues, idCuePoint, appendElement(point, idCueTrackAt, place))
	}
	targets := []seekTarget{{idInfo, m.layout.info}, {idTracks, m.layout.tracks}}
	if withCues && len(cues) > 0 {
		tail = appendElement(nil, idCues, cues)
		targets = append(targets, seekTarget{idCues, cuesAt})
	}
	size := uint64(cuesAt + int64(len(tail)) - m.layout.segment)
	patches = []Patch{
		{m.durationAt(), appendFloat(nil, idDuration, float64(m.duration)/tickLength)},
		{m.layout.segment, m.seekHead(targets)},
	}
	for i, at := range m.layout.sizes {
		if at > 0 {
			patches = append(patches, Patch{at, pictureSize(m.config.Tracks[i])})
		}
	}
	return tail, append(patches, Patch{m.layout.segment - sizeField, appendWideSize(nil, size)})
}

// durationAt is behind Info's ID and its size of one byte.
func (m *Muxer) durationAt() int64 { return m.layout.info + 4 + 1 }

type seekTarget struct {
	id uint32
	at int64
}

// seekHead fills the whole of its area.
func (m *Muxer) seekHead(targets []seekTarget) []byte {
	var seeks []byte
	for _, t := range targets {
		seek := appendElement(nil, idSeekID, appendID(nil, t.id))
		seek = appendFixedUint(seek, idSeekPos, uint64(t.at-m.layout.segment), 8)
		seeks = appendElement(seeks, idSeek, seek)
	}
	b := appendElement(nil, idSeekHead, seeks)
	return appendVoid(b, seekArea-len(b))
}
