package protocol

import (
	"fmt"
	"regexp"
)

// A kind is one sort of value and its bound. Fields name their kind in an `is`
// tag; elements of a list name theirs in an `each` tag.
type kind struct {
	base    string         // "string", "integer", "number" or "array"
	min     int            // characters, value or items
	max     int            // characters, value or items
	pattern *regexp.Regexp // of a string; nil when any text is fine
	text    bool           // shown to people: no control characters
	enum    []string       // the only strings allowed
	says    string         // the bound as the end of the sentence "FIELD …"
}

func text(minChars, maxChars int) kind {
	return kind{base: "string", min: minChars, max: maxChars, text: true, says: fmt.Sprintf("must be %d to %d characters of plain text with no spaces around it", minChars, maxChars)}
}

func opaque(minChars, maxChars int) kind {
	return kind{base: "string", min: minChars, max: maxChars, says: fmt.Sprintf("must be %d to %d characters long", minChars, maxChars)}
}

func shaped(maxChars int, pattern, says string) kind {
	return kind{base: "string", min: 1, max: maxChars, pattern: regexp.MustCompile(pattern), says: says}
}

func oneOf(words ...string) kind {
	return kind{base: "string", min: 1, max: 32, enum: words, says: "must be one of " + list(words)}
}

func integer(low, high int) kind {
	return kind{base: "integer", min: low, max: high, says: fmt.Sprintf("must be a whole number from %d to %d", low, high)}
}

func items(low, high int) kind {
	return kind{base: "array", min: low, max: high, says: fmt.Sprintf("must have %d to %d entries", low, high)}
}

func list(words []string) string {
	out := ""
	for i, w := range words {
		switch {
		case i == 0:
		case i == len(words)-1:
			out += " or "
		default:
			out += ", "
		}
		out += w
	}
	return out
}

// kinds is every bound of the protocol.
var kinds = map[string]kind{
	"title":      text(1, 120),
	"name":       text(1, 60),
	"password":   text(6, 64),
	"chat":       {base: "string", min: 1, max: 4000, says: "must be 1 to 4000 characters"},
	"detail":     text(1, 400),
	"code":       shaped(48, `^[a-z][a-z0-9-]*$`, "must be a word of small letters, digits and dashes"),
	"field":      shaped(120, `^[a-z][a-z0-9_.\[\]]*$`, "must be the path of a member"),
	"meeting":    shaped(11, `^[0-9]{3}-?[0-9]{3}-?[0-9]{3}$`, "must be nine digits, as in 123-456-789"),
	"token":      shaped(43, `^[A-Za-z0-9_-]{43}$`, "must be the 43 characters after /join/ in an invitation"),
	"peer":       shaped(52, `^12D3KooW[1-9A-HJ-NP-Za-km-z]{44}$`, "must be the peer ID of an Ed25519 key"),
	"ticket":     opaque(1, 1024),
	"signature":  shaped(86, `^[A-Za-z0-9_-]{86}$`, "must be an Ed25519 signature in unpadded base64url"),
	"url":        opaque(1, 2048),
	"cursor":     opaque(1, 256),
	"box":        opaque(1, MaxBox),
	"body":       opaque(1, MaxEnvelope),
	"sdp":        opaque(1, 40<<10),
	"candidate":  opaque(0, 1024),
	"ufrag":      opaque(1, 256),
	"mid":        shaped(16, `^[A-Za-z0-9_-]{1,16}$`, "must be a media line's identification tag"),
	"link":       shaped(22, `^[A-Za-z0-9_-]{22}$`, "must be 16 bytes in unpadded base64url"),
	"kind":       oneOf("browser", "node", "helper"),
	"role":       oneOf("host", "co-host", "participant"),
	"via":        oneOf("invitation", "password"),
	"entry":      oneOf("any", "invitation"),
	"who":        oneOf("everyone", "host"),
	"source":     oneOf("mic", "camera", "screen", "screen-audio"),
	"topology":   oneOf("mesh", "star", "tree"),
	"left":       oneOf("left", "lost", "removed", "denied", "ended"),
	"bye":        oneOf("elsewhere", "removed", "denied", "ended", "slow", "restart", "protocol", "expired"),
	"envelope":   oneOf("directive", "chat", "capacity"),
	"capacity":   integer(2, MaxRoster),
	"mesh_max":   integer(2, 8),
	"number":     integer(0, MaxInt),
	"count":      integer(0, MaxRoster),
	"line":       integer(0, 255),
	"port":       integer(0, 65535),
	"pixels":     integer(0, 8192),
	"kbps":       integer(0, 10_000_000),
	"millis":     integer(0, 600_000),
	"seconds":    integer(0, 86_400*366),
	"level":      integer(0, 127),
	"status":     integer(400, 599),
	"roster":     items(0, MaxRoster),
	"names":      items(0, 12),
	"history":    items(0, MaxHistory),
	"views":      items(0, MaxViews),
	"slots":      items(0, MaxSlots),
	"candidates": items(1, 64),
	"meetings":   items(0, 100),
	"servers":    items(0, 16),
	"urls":       items(1, 16),
	"rtts":       items(0, MaxRoster),
}
