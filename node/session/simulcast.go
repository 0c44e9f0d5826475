package session

import (
	"strconv"
	"strings"

	"github.com/parley-mesh/parley/node/router"
	"github.com/parley-mesh/parley/pkg/protocol"
)

// Towards an SFU a picture goes out in all its layers at once, for the SFU to
// choose from. The router gives a slot one layer of a source; so each layer is a
// source of its own there as well, which no view of anybody can name but this
// package, and goes out in a slot of its own.

// layerOf names one layer of a source of self's own.
func layerOf(source protocol.Source, layer int) protocol.Source {
	return source + protocol.Source("/"+strconv.Itoa(layer))
}

// whole is the source that a layer is of, or the source itself.
func whole(source protocol.Source) protocol.Source {
	before, _, _ := strings.Cut(string(source), "/")
	return protocol.Source(before)
}

// inLayers puts in the place of a view of a layered source of self's own views of
// its layers, the smallest first, up to the one that is large enough.
func inLayers(views []protocol.View, own router.Key, of Published) []protocol.View {
	var out []protocol.View
	for _, v := range views {
		if v.From != own.From || v.Source != own.Source {
			out = append(out, v)
			continue
		}
		for layer := range of.Layers {
			out = append(out, protocol.View{From: v.From, Source: layerOf(v.Source, layer)})
			scale := 1 << (of.Layers - 1 - layer)
			// Nobody sees that up to half of the pixels are missing.
			if area := (of.Width / scale) * (of.Height / scale); v.Width > 0 && v.Height > 0 && 2*area >= v.Width*v.Height {
				break
			}
		}
	}
	return out
}
