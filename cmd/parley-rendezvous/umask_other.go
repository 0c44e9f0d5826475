//go:build !unix

package main

// keepFilesPrivate does nothing where files have no mode: the folder's own
// rights count.
func keepFilesPrivate() {}
