package store

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/parley-mesh/parley/pkg/identity"
	"github.com/parley-mesh/parley/pkg/meeting"
	"github.com/parley-mesh/parley/rendezvous/kv"
)

const (
	meetingPrefix  = "meeting/"
	tokenPrefix    = "token/"
	hostPrefix     = "host/"
	standingPrefix = "standing/"

	// safetyNet is how long after its expiry the engine drops a record by itself, if no sweep did.
	safetyNet = time.Hour
	// newestFirst is what times are subtracted from, in Unix milliseconds: 13 digits until the year 2286.
	newestFirst = 9_999_999_999_999
)

func meetingKey(id meeting.ID) string { return meetingPrefix + string(id) }

func tokenKey(hash []byte) string { return tokenPrefix + hex.EncodeToString(hash) }

func hostKey(host identity.PeerID, created time.Time, id meeting.ID) string {
	return hostPrefix + string(host) + "/" + hostEntry(created, id)
}

// hostEntry is a host key's last part, and a page's cursor.
func hostEntry(created time.Time, id meeting.ID) string {
	return fmt.Sprintf("%013d-%s", newestFirst-created.UnixMilli(), string(id))
}

func parseHostEntry(entry string) (created time.Time, id meeting.ID, ok bool) {
	falling, digits, found := strings.Cut(entry, "-")
	n, err := strconv.ParseInt(falling, 10, 64)
	if !found || err != nil || len(falling) != 13 || n < 0 {
		return time.Time{}, "", false
	}
	id, err = meeting.ParseID(digits)
	return time.UnixMilli(newestFirst - n), id, err == nil && string(id) == digits
}

func standingKey(id meeting.ID, peer identity.PeerID) string {
	return standingPrefix + string(id) + "/" + string(peer)
}

// tokenEntry is what a token's key holds.
type tokenEntry struct {
	Meeting meeting.ID `json:"meeting"`
	Since   time.Time  `json:"since"`
}

// timeToLive is a record's TTL at now.
func timeToLive(r *meeting.Record, now time.Time) time.Duration {
	if r.ExpiresAt == nil {
		return 0
	}
	return min(max(r.ExpiresAt.Sub(now), 0)+safetyNet, kv.MaxTTL)
}

func encodeRecord(r *meeting.Record) ([]byte, error) {
	if err := r.Validate(); err != nil {
		return nil, err
	}
	return json.Marshal(r)
}

func decodeRecord(entry kv.Entry) (*meeting.Record, error) {
	r := new(meeting.Record)
	if err := json.Unmarshal(entry.Value, r); err != nil {
		return nil, fmt.Errorf("%w: not JSON", meeting.ErrRecord)
	}
	if err := r.Validate(); err != nil {
		return nil, err
	}
	if entry.Key != meetingKey(r.ID) {
		return nil, fmt.Errorf("%w: under another meeting's key", meeting.ErrRecord)
	}
	return r, nil
}
