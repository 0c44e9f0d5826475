package media

import (
	"bytes"
	"io"
	"os"
	"slices"
	"unicode/utf8"
)

// playlists are texts that ffmpeg plays for good reason, by how they begin.
var playlists = [][]byte{[]byte("#EXTM3U"), []byte("ffconcat version"), []byte("v=0"), []byte("<")}

// pictures are files of one picture, by how they begin: JPEG and PNG.
var pictures = [][]byte{[]byte("\xFF\xD8\xFF"), []byte("\x89PNG\r\n\x1A\n")}

func isPicture(begin []byte) bool {
	return slices.ContainsFunc(pictures, func(magic []byte) bool { return bytes.HasPrefix(begin, magic) })
}

// beginning is how a file begins, nil when it cannot be read.
func beginning(name string) []byte {
	file, err := os.Open(name)
	if err != nil {
		return nil
	}
	defer func() { _ = file.Close() }()
	begin, err := io.ReadAll(io.LimitReader(file, 1024))
	if err != nil {
		return nil
	}
	return begin
}

// plainText tells words, which ffmpeg would gladly play as a terminal's picture
// (its tty format), from media.
func plainText(begin []byte) bool {
	if len(begin) == 0 {
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
