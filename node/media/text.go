package media

import (
	"bytes"
	"io"
	"os"
	"unicode/utf8"
)

// playlists are texts that ffmpeg plays for good reason, by how they begin.
var playlists = [][]byte{[]byte("#EXTM3U"), []byte("ffconcat version"), []byte("v=0"), []byte("<")}

// plainText tells a file of words, which ffmpeg would gladly play as a terminal's
// picture (its tty format), from media.
func plainText(name string) bool {
	file, err := os.Open(name)
	if err != nil {
		return false
	}
	defer func() { _ = file.Close() }()
	begin, err := io.ReadAll(io.LimitReader(file, 1024))
	if err != nil {
		return false
	}
	for _, playlist := range playlists {
		if bytes.HasPrefix(begin, playlist) {
			return false
		}
	}
	for len(begin) > 0 {
		r, size := utf8.DecodeRune(begin)
		invalid := r == utf8.RuneError && size == 1 && len(begin) >= utf8.UTFMax
		if invalid || r < ' ' && r != '\n' && r != '\r' && r != '\t' {
			return false
		}
		begin = begin[size:]
	}
	return true
}
