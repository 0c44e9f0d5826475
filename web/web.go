// Package web holds the built web client, so that a rendezvous is one file.
//
// It owns the bytes of dist and nothing else: what is served where, with which
// headers, is the rendezvous' affair. The build is committed; CI rebuilds it
// and refuses a difference.
package web

import (
	"embed"
	"io/fs"
)

//go:embed all:dist
var dist embed.FS

// Files returns the client as it is served: index.html, the icon and the
// manifest at the top, and under assets/ files whose names contain a hash of
// their content, which therefore never change.
func Files() fs.FS {
	files, err := fs.Sub(dist, "dist")
	if err != nil {
		panic("web: the embedded build has no folder dist: " + err.Error())
	}
	return files
}
