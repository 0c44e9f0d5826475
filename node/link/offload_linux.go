package link

import (
	"encoding/binary"
	"errors"
	"net"
	"sync"
	"sync/atomic"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// offload is the kernel's way to take and to give many datagrams of one flow in
// one piece: UDP_SEGMENT for sending, UDP_GRO for receiving.
type offload struct {
	segments  atomic.Bool
	coalesced bool
	raw       syscall.RawConn // nil: no call can take more than one burst
	ipv4      bool            // the socket speaks nothing else
}

// refusedBursts are errors by which a kernel or a device refuses segmentation,
// not the datagrams.
var refusedBursts = []error{unix.EIO, unix.EINVAL, unix.EOPNOTSUPP, unix.ENOPROTOOPT, unix.EMSGSIZE}

func (o *offload) detect(udp *net.UDPConn) {
	raw, err := udp.SyscallConn()
	if err != nil {
		return
	}
	_ = raw.Control(func(fd uintptr) {
		_, unknown := unix.GetsockoptInt(int(fd), unix.IPPROTO_UDP, unix.UDP_SEGMENT)
		o.segments.Store(unknown == nil)
		o.coalesced = unix.SetsockoptInt(int(fd), unix.IPPROTO_UDP, unix.UDP_GRO, 1) == nil
		domain, err := unix.GetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_DOMAIN)
		if o.ipv4 = domain == unix.AF_INET; err == nil {
			o.raw = raw
		}
	})
}

var segmentSize = sync.Pool{New: func() any {
	header := make([]byte, unix.CmsgSpace(2))
	h := (*unix.Cmsghdr)(unsafe.Pointer(&header[0]))
	h.Level, h.Type = unix.SOL_UDP, unix.UDP_SEGMENT
	h.SetLen(unix.CmsgLen(2))
	return &header
}}

// send sends a burst in one call. False: it has to go packet by packet.
func (o *offload) send(udp *net.UDPConn, b *burst) (bool, error) {
	if !o.segments.Load() {
		return false, nil
	}
	header, _ := segmentSize.Get().(*[]byte)
	binary.NativeEndian.PutUint16((*header)[unix.CmsgLen(0):], uint16(b.size))
	_, _, err := udp.WriteMsgUDPAddrPort(b.bytes, *header, b.to)
	segmentSize.Put(header)
	for _, refused := range refusedBursts {
		if errors.Is(err, refused) {
			// A path with a smaller MTU says so too, but there each packet
			// would be fragmented: bursts are no gain for long.
			o.segments.Store(false)
			return false, nil
		}
	}
	return true, err
}

// received gives the size of the datagrams that were received together, from
// the control message; 0: it was one.
func (o *offload) received(control []byte) int {
	for len(control) >= unix.SizeofCmsghdr {
		h := (*unix.Cmsghdr)(unsafe.Pointer(&control[0]))
		length := int(h.Len)
		if length < unix.CmsgLen(0) || length > len(control) {
			return 0
		}
		if h.Level == unix.SOL_UDP && h.Type == unix.UDP_GRO && length >= unix.CmsgLen(4) {
			return int(binary.NativeEndian.Uint32(control[unix.CmsgLen(0):]))
		}
		next := unix.CmsgSpace(length - unix.CmsgLen(0))
		if next > len(control) {
			return 0
		}
		control = control[next:]
	}
	return 0
}

const controlSize = 64
