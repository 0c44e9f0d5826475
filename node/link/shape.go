package link

import (
	"strconv"

	"github.com/parley-mesh/parley/node/router"
	"github.com/parley-mesh/parley/pkg/protocol"
	"github.com/parley-mesh/parley/pkg/room"
)

// The data channels, negotiated by their numbers.
const (
	controlLabel = "control"
	controlID    = uint16(0)
	beatLabel    = "beat"
	beatID       = uint16(1)
)

// ownLines are the lines that every link begins with, by their source.
const ownLines = 4

// maxLayers bounds simulcast. A layer's number rises with its size.
const maxLayers = 3

// rids are the restriction identifiers (RFC 8851) of simulcast layers, the
// smallest picture first.
var rids = [maxLayers]string{"q", "h", "f"}

func mediaOf(line int, extra room.Slots) router.Media {
	switch {
	case line < ownLines:
		if s := protocol.Sources()[line]; s == protocol.SourceMic || s == protocol.SourceScreenAudio {
			return router.Audio
		}
		return router.Video
	case line < ownLines+extra.Audio:
		return router.Audio
	default:
		return router.Video
	}
}

// linesOf lists a link's lines as one end sees them.
func linesOf(shape room.Shape, extra room.Slots) []Line {
	lines := make([]Line, ownLines+extra.Audio+extra.Video)
	for i := range lines {
		lines[i] = Line{Mid: strconv.Itoa(i), Media: mediaOf(i, extra), Send: true, Receive: true}
		if i < ownLines {
			lines[i].Source = protocol.Sources()[i]
			continue
		}
		lines[i].Send = shape == room.ShapeServe
		lines[i].Receive = shape == room.ShapeSFU
	}
	return lines
}
