package badgerkv

import (
	"io/fs"
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

// freeSpace is what an ordinary process may still write to the file system of dir, in bytes.
func freeSpace(dir string) (int64, error) {
	var stat unix.Statfs_t
	if err := unix.Statfs(dir, &stat); err != nil {
		return 0, err
	}
	return int64(stat.Bavail) * stat.Bsize, nil
}

// occupy gives the file real blocks.
func occupy(f *os.File, size int64) error { return unix.Fallocate(int(f.Fd()), 0, 0, size) }

// occupied is what the file takes on disk: the engine's files are sparse.
func occupied(info fs.FileInfo) int64 {
	if stat, ok := info.Sys().(*syscall.Stat_t); ok {
		return stat.Blocks * 512
	}
	return info.Size()
}
