package link

// withoutSegments is a kernel that knows sendmmsg and not UDP_SEGMENT.
func (o *offload) withoutSegments() { o.segments.Store(false) }
