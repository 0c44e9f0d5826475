//go:build !linux

package link

func (*offload) withoutSegments() {}
