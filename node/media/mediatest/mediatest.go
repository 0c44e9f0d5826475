// Package mediatest has small pictures and sounds for tests and benchmarks, and
// writes the files that hold them. They were encoded once and are the same
// everywhere; nothing here needs an encoder.
package mediatest

import (
	"bytes"
	"context"
	"embed"
	"encoding/binary"
	"fmt"
	"time"

	"github.com/parley-mesh/parley/node/media"
	"github.com/parley-mesh/parley/node/media/webm"
)

//go:embed testdata/*.ivf testdata/*.ogg
var files embed.FS

// The pictures' rate and sizes.
const (
	PictureEvery = time.Second / 15
	SoundEvery   = 20 * time.Millisecond
	Layers       = media.MaxLayers
)

// Sizes are the layers' widths and heights, from the smallest.
var Sizes = [Layers][2]int{{40, 22}, {80, 44}, {160, 90}}

// Pictures returns four seconds of VP8 of a layer, 0 to 2: a key frame and what follows it.
func Pictures(layer int) []media.Frame {
	return frames(fmt.Sprintf("vp8-%dx%d.ivf", Sizes[layer][0], Sizes[layer][1]))
}

// PicturesVP9 returns two seconds of VP9, 160 × 90.
func PicturesVP9() []media.Frame { return frames("vp9-160x90.ivf") }

// Sounds returns two seconds of a tone in Opus, 20 ms and about 40 bytes each.
func Sounds() []media.Frame { return frames("opus.ogg") }

// frames reads a committed file, which cannot fail.
func frames(name string) []media.Frame {
	file, err := files.ReadFile("testdata/" + name)
	if err != nil {
		panic(err)
	}
	reader, err := media.Read(name, bytes.NewReader(file))
	if err != nil {
		panic(err)
	}
	var all []media.Frame
	for {
		frame, err := reader.Next(context.Background())
		if err != nil {
			return all
		}
		frame.Data = bytes.Clone(frame.Data)
		all = append(all, frame)
	}
}

// IVF writes pictures to an IVF file.
func IVF(codec media.Codec, pictures []media.Frame) []byte {
	first, _ := media.Inspect(codec, pictures[0].Data)
	b := append([]byte("DKIF"), 0, 0, 32, 0)
	b = append(b, map[media.Codec]string{media.VP8: "VP80", media.VP9: "VP90"}[codec]...)
	b = binary.LittleEndian.AppendUint16(b, uint16(first.Width))
	b = binary.LittleEndian.AppendUint16(b, uint16(first.Height))
	b = binary.LittleEndian.AppendUint32(b, 1000) // ticks
	b = binary.LittleEndian.AppendUint32(b, 1)    // a second
	b = binary.LittleEndian.AppendUint64(b, uint64(len(pictures)))
	for _, picture := range pictures {
		b = binary.LittleEndian.AppendUint32(b, uint32(len(picture.Data)))
		b = binary.LittleEndian.AppendUint64(b, uint64(picture.Time.Milliseconds()))
		b = append(b, picture.Data...)
	}
	return b
}

// OpusHead is the identification header of mono Opus (RFC 7845 section 5.1).
func OpusHead() []byte {
	return append([]byte("OpusHead\x01\x01\x00\x00"), 0x80, 0xBB, 0, 0, 0, 0, 0)
}

// WebM writes pictures and sounds, in the order of their times, to a file; either may be nil.
func WebM(codec media.Codec, pictures, sounds []media.Frame) []byte {
	var config webm.MuxerConfig
	if pictures != nil {
		first, _ := media.Inspect(codec, pictures[0].Data)
		name := map[media.Codec]string{media.VP8: webm.CodecVP8, media.VP9: webm.CodecVP9}[codec]
		config.Tracks = append(config.Tracks, webm.Track{Codec: name, Video: true, Width: first.Width, Height: first.Height})
	}
	if sounds != nil {
		config.Tracks = append(config.Tracks, webm.Track{Codec: webm.CodecOpus, Audio: true, Channels: 1, Private: OpusHead()})
	}
	m, file := webm.NewMuxer(config)
	var cluster []webm.Block
	flush := func() {
		if len(cluster) > 0 {
			file = append(file, m.Cluster(cluster)...)
			cluster = nil
		}
	}
	for len(pictures)+len(sounds) > 0 {
		block := webm.Block{Track: uint64(len(config.Tracks))}
		from := &sounds
		if len(sounds) == 0 || len(pictures) > 0 && pictures[0].Time <= sounds[0].Time {
			from, block.Track = &pictures, 1
		}
		frame := (*from)[0]
		*from = (*from)[1:]
		block.Time, block.Data, block.Key, block.Duration = frame.Time, frame.Data, frame.Key, frame.Duration
		if len(cluster) > 0 && block.Time-cluster[0].Time >= 500*time.Millisecond {
			flush()
		}
		cluster = append(cluster, block)
	}
	flush()
	tail, patches := m.Finish(true)
	file = append(file, tail...)
	for _, patch := range patches {
		copy(file[patch.Offset:], patch.Data)
	}
	return file
}
