//go:build !linux

package badgerkv

import (
	"io/fs"
	"math"
	"os"
)

// freeSpace is known on Linux only: elsewhere a full disk is met by the engine itself.
func freeSpace(string) (int64, error) { return math.MaxInt64, nil }

func occupy(f *os.File, size int64) error {
	_, err := f.Write(make([]byte, size))
	return err
}

func occupied(info fs.FileInfo) int64 { return info.Size() }
