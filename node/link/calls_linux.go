package link

import (
	"encoding/binary"
	"net/netip"
	"unsafe"

	"golang.org/x/sys/unix"
)

// calls is what sendmmsg(2) is told of a flight: a header for each burst, and
// what the headers point to.
type calls struct {
	headers  [flightSize]header
	pieces   [flightSize]unix.Iovec
	names    [flightSize]unix.RawSockaddrInet6 // or of IPv4, which is shorter
	controls [flightSize]control

	from, to int // what is still to be sent
	refusal  unix.Errno
	try      func(fd uintptr) (done bool) // send, kept so that it is made once
}

// header is struct mmsghdr.
type header struct {
	message unix.Msghdr
	sent    uint32
}

// control is the control message that tells how long each packet is.
type control struct {
	head unix.Cmsghdr
	size uint16
}

// sendAll sends a flight in as few calls as it takes, and tells how many of its
// bursts are dealt with; the rest has to go one by one.
func (s *socket) sendAll(f *flight) int {
	if f.taken < 2 || s.offload.raw == nil {
		return 0
	}
	c := &f.calls
	if c.try == nil {
		c.try = c.send
	}
	defer c.forget(f.taken)
	for i, b := range f.batches[:f.taken] {
		if !c.prepare(i, &b.held, &s.offload) {
			return 0
		}
	}
	for c.from, c.to = 0, f.taken; c.from < c.to; c.from++ {
		c.refusal = 0
		if err := s.offload.raw.Write(c.try); err != nil || c.from == c.to {
			return c.to // closed, or all is done
		}
		if c.refusal == unix.ENOSYS {
			return c.from
		}
		// Alone it is told what to do about that.
		_ = s.sendBurst(&f.batches[c.from].held)
	}
	return c.to
}

// prepare describes a burst. False: it is none for this kind of call.
func (c *calls) prepare(i int, b *burst, o *offload) bool {
	length, ok := name(&c.names[i], b.to, o.ipv4)
	if !ok || b.packets > 1 && !o.segments.Load() {
		return false
	}
	c.pieces[i].Base = &b.bytes[0]
	c.pieces[i].SetLen(len(b.bytes))
	c.headers[i] = header{message: unix.Msghdr{Name: (*byte)(unsafe.Pointer(&c.names[i])), Namelen: length, Iov: &c.pieces[i]}}
	message := &c.headers[i].message
	message.SetIovlen(1)
	if b.packets > 1 {
		c.controls[i] = control{head: unix.Cmsghdr{Level: unix.SOL_UDP, Type: unix.UDP_SEGMENT}, size: uint16(b.size)}
		c.controls[i].head.SetLen(unix.CmsgLen(2))
		message.Control = (*byte)(unsafe.Pointer(&c.controls[i]))
		message.SetControllen(unix.CmsgSpace(2))
	}
	return true
}

// name writes an address as the socket's family has it.
func name(to *unix.RawSockaddrInet6, addr netip.AddrPort, ipv4 bool) (length uint32, ok bool) {
	ip := addr.Addr()
	if ipv4 {
		if !ip.Is4() {
			return 0, false
		}
		*(*unix.RawSockaddrInet4)(unsafe.Pointer(to)) = unix.RawSockaddrInet4{Family: unix.AF_INET, Port: networkOrder(addr.Port()), Addr: ip.As4()}
		return unix.SizeofSockaddrInet4, true
	}
	if ip.Zone() != "" {
		return 0, false
	}
	*to = unix.RawSockaddrInet6{Family: unix.AF_INET6, Port: networkOrder(addr.Port()), Addr: ip.As16()}
	return unix.SizeofSockaddrInet6, true
}

func networkOrder(port uint16) uint16 {
	return binary.NativeEndian.Uint16([]byte{byte(port >> 8), byte(port)})
}

// send sends until all is sent, one is refused, or the socket has no room.
func (c *calls) send(fd uintptr) bool {
	for c.from < c.to {
		n, _, errno := unix.Syscall6(unix.SYS_SENDMMSG, fd, uintptr(unsafe.Pointer(&c.headers[c.from])), uintptr(c.to-c.from), 0, 0, 0)
		switch errno {
		case 0:
			c.from += int(n)
		case unix.EINTR:
		case unix.EAGAIN:
			return false
		default:
			c.refusal = errno
			return true
		}
	}
	return true
}

// forget lets go of the bursts' bytes.
func (c *calls) forget(used int) {
	clear(c.headers[:used])
	clear(c.pieces[:used])
}
