package store

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"fmt"
	"io"
	"math"
	"runtime"
	"runtime/debug"
	"sync/atomic"

	"golang.org/x/crypto/argon2"

	"github.com/parley-mesh/parley/pkg/meeting"
)

// What a new password is hashed with. A stored verifier brings its own.
const (
	argonMemoryKiB  = 19 << 10
	argonIterations = 2
	argonLanes      = 1

	pepperDomain = "parley/1/password\n"
)

// hasher turns passwords into verifiers. Each hash takes 19 MiB and a core for some 50 ms, so only as many run at once
// as there is room for, and only so many wait.
type hasher struct {
	pepper  [KeySize]byte
	rand    io.Reader
	slots   chan struct{}
	queue   int64
	waiting atomic.Int64
	done    atomic.Int64 // hashes computed, ever
}

// defaultHashers is one for each core, if they fit in a quarter of the memory that the process may use.
func defaultHashers() int {
	n := runtime.GOMAXPROCS(0)
	if limit := debug.SetMemoryLimit(-1); limit != math.MaxInt64 {
		n = min(n, int(limit/4/(argonMemoryKiB<<10)))
	}
	return max(n, 1)
}

// make returns a new verifier of a password.
func (h *hasher) make(ctx context.Context, password string) (meeting.PasswordVerifier, error) {
	v := newVerifier()
	if _, err := io.ReadFull(h.rand, v.Salt); err != nil {
		return meeting.PasswordVerifier{}, fmt.Errorf("draw a salt: %w", err)
	}
	hash, err := h.hash(ctx, v, password)
	if err != nil {
		return meeting.PasswordVerifier{}, err
	}
	v.Hash = hash
	return v, nil
}

func newVerifier() meeting.PasswordVerifier {
	return meeting.PasswordVerifier{
		Salt: make([]byte, meeting.SaltSize), Hash: make([]byte, meeting.HashSize),
		MemoryKiB: argonMemoryKiB, Iterations: argonIterations, Lanes: argonLanes,
	}
}

// check compares in constant time.
func (h *hasher) check(ctx context.Context, v meeting.PasswordVerifier, password string) (bool, error) {
	hash, err := h.hash(ctx, v, password)
	if err != nil {
		return false, err
	}
	return subtle.ConstantTimeCompare(hash, v.Hash) == 1, nil
}

func (h *hasher) hash(ctx context.Context, v meeting.PasswordVerifier, password string) ([]byte, error) {
	select {
	case h.slots <- struct{}{}:
	default:
		if err := h.wait(ctx); err != nil {
			return nil, err
		}
	}
	defer func() { <-h.slots }()
	h.done.Add(1)
	mac := hmac.New(sha256.New, h.pepper[:])
	mac.Write([]byte(pepperDomain))
	mac.Write([]byte(password))
	return argon2.IDKey(mac.Sum(nil), v.Salt, v.Iterations, v.MemoryKiB, v.Lanes, meeting.HashSize), nil
}

func (h *hasher) wait(ctx context.Context) error {
	defer h.waiting.Add(-1)
	if h.waiting.Add(1) > h.queue {
		return ErrBusy
	}
	select {
	case h.slots <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
