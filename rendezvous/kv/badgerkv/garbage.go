package badgerkv

import (
	"sync"
	"time"
)

// garbage knows when there is something on disk that should no longer be.
type garbage struct {
	mu     sync.Mutex
	now    bool   // something was deleted or replaced
	expiry uint64 // the next expiry of what is stored, in Unix seconds; 0 if nothing expires
}

func (g *garbage) add() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.now = true
}

// addAt notes something that expires at a time in Unix seconds, 0 for never.
func (g *garbage) addAt(expiry uint64) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if expiry != 0 && (g.expiry == 0 || expiry < g.expiry) {
		g.expiry = expiry
	}
}

// collect reports whether there is garbage, and forgets it: the caller erases it, and notes again what expires later.
func (g *garbage) collect(at time.Time) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	if !g.now && (g.expiry == 0 || uint64(max(at.Unix(), 0)) < g.expiry) {
		return false
	}
	g.now, g.expiry = false, 0
	return true
}
