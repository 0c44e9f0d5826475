package room

import "github.com/parley-mesh/parley/pkg/elect"

// call is how the acting host calls for helpers.
type call struct {
	since int64 // since when they are needed; 0 when they are not
	at    int64 // when they may be called again
	count int64 // calls in a row
}

// short tells whether the room lacks somebody to serve it, or to stand by.
func (d *draft) short(choice elect.Choice) bool {
	sfu := d.member(choice.SFU)
	if sfu == nil {
		return d.rules.Short(choice, "")
	}
	return d.rules.Short(choice, sfu.Kind) || d.overloaded(sfu)
}

// seekHelp calls for helpers while the room is short of them, less and less
// often: there may be none to come.
func (d *draft) seekHelp(short bool) {
	if !short {
		d.call.since = 0
		return
	}
	if d.call.since == 0 {
		d.call.since = d.now
		if d.now >= d.call.at+CallMost {
			d.call.count = 0
		}
	}
	if d.now < d.call.since+GrowAfter || d.now < d.call.at {
		return
	}
	d.call.at = d.now + min(int64(CallLeast)<<min(d.call.count, 16), CallMost)
	d.call.count++
	d.act(CallHelper{})
}
