package kv

import (
	"fmt"
	"time"
)

// Bounds that every engine keeps.
const (
	MaxKey     = 256      // bytes
	MaxValue   = 64 << 10 // bytes
	MaxPage    = 1000     // entries
	WatchQueue = 256      // events
	MinTTL     = time.Second
	MaxTTL     = 100 * 365 * 24 * time.Hour
)

// ValidKey reports whether key is 1 to [MaxKey] bytes of letters, digits and -/_=. and neither begins nor ends with a dot:
// the characters that NATS subjects allow too.
func ValidKey(key string) bool {
	return key != "" && validChars(key) && key[0] != '.' && key[len(key)-1] != '.'
}

func validChars(s string) bool {
	if len(s) > MaxKey {
		return false
	}
	for i := range len(s) {
		switch c := s[i]; {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9':
		case c == '-', c == '/', c == '_', c == '=', c == '.':
		default:
			return false
		}
	}
	return true
}

// CheckKey returns an error wrapping ErrInvalid unless key is valid. It does not echo the key.
func CheckKey(key string) error {
	if !ValidKey(key) {
		return fmt.Errorf("%w: a key is 1 to %d bytes of letters, digits and -/_=. without a dot at its ends", ErrInvalid, MaxKey)
	}
	return nil
}

// CheckPut checks the arguments of [Store.Put].
func CheckPut(key string, value []byte, ttl time.Duration) error {
	if err := CheckKey(key); err != nil {
		return err
	}
	if len(value) > MaxValue {
		return fmt.Errorf("%w: a value is at most %d bytes, this has %d", ErrInvalid, MaxValue, len(value))
	}
	if ttl != 0 && (ttl < MinTTL || ttl > MaxTTL) {
		return fmt.Errorf("%w: a TTL is 0 or %v to %v, not %v", ErrInvalid, MinTTL, MaxTTL, ttl)
	}
	return nil
}

// CheckList checks the arguments of [Store.List]; a prefix may be empty.
func CheckList(prefix, cursor string, limit int) error {
	if !validChars(prefix) || !validChars(cursor) {
		return fmt.Errorf("%w: prefix and cursor are parts of keys", ErrInvalid)
	}
	if limit < 1 || limit > MaxPage {
		return fmt.Errorf("%w: a page has 1 to %d entries, not %d", ErrInvalid, MaxPage, limit)
	}
	return nil
}
