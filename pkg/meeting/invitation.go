package meeting

import (
	"log/slog"
	"regexp"
	"strings"
)

// MaxInvitation bounds the text of an invitation link, in bytes.
const MaxInvitation = 2048

const joinPath = "/join/"

// Invitation is an invitation link taken apart.
type Invitation struct {
	// Base is the public URL of the rendezvous: http or https, a host in small
	// letters, and perhaps a port and a path, without a slash at its end.
	Base   string
	Token  Token
	Secret *Secret // nil when the link has nothing behind #
}

// basePattern is what a rendezvous' public URL may look like: scheme, host,
// port, path. It is narrower than RFC 3986, so that every client takes the
// same links for invitations and writes the same base.
var basePattern = regexp.MustCompile(
	`^(?i)(https?)://([a-z0-9._-]+|\[[0-9a-f:.]+\])(:[0-9]{1,5})?((?:/[a-z0-9_~-][a-z0-9._~-]*)*)$`)

// ParseInvitation takes a link apart as people paste it: white space around it
// and one slash after the token do not matter, a query is ignored. It fails
// with [ErrNotInvitation], [ErrNoToken], [ErrBrokenToken] or [ErrBrokenSecret].
func ParseInvitation(s string) (Invitation, error) {
	if len(s) > MaxInvitation {
		return Invitation{}, ErrNotInvitation
	}
	link, fragment, _ := strings.Cut(strings.TrimSpace(s), "#")
	link, _, _ = strings.Cut(link, "?")
	link = strings.TrimSuffix(link, "/")

	bare, noToken := strings.CutSuffix(link, strings.TrimSuffix(joinPath, "/"))
	text := ""
	if !noToken {
		at := strings.LastIndex(link, joinPath)
		if at < 0 {
			return Invitation{}, ErrNotInvitation
		}
		bare, text = link[:at], link[at+len(joinPath):]
	}
	base, ok := parseBase(bare)
	if !ok {
		return Invitation{}, ErrNotInvitation
	}
	if text == "" {
		return Invitation{}, ErrNoToken
	}
	token, err := ParseToken(text)
	if err != nil {
		return Invitation{}, ErrBrokenToken
	}
	inv := Invitation{Base: base, Token: token}
	if fragment != "" {
		secret, err := ParseSecret(fragment)
		if err != nil {
			return Invitation{}, ErrBrokenSecret
		}
		inv.Secret = &secret
	}
	return inv, nil
}

// parseBase returns a base as browsers write its origin: scheme and host in
// small letters, no default port.
func parseBase(s string) (string, bool) {
	m := basePattern.FindStringSubmatch(s)
	if m == nil {
		return "", false
	}
	scheme, host, port, path := strings.ToLower(m[1]), strings.ToLower(m[2]), m[3], m[4]
	if scheme == "https" && port == ":443" || scheme == "http" && port == ":80" {
		port = ""
	}
	return scheme + "://" + host + port + path, true
}

// String returns the whole link, with the secret: it is made to be shown to
// its owner and handed on. Logs get [Invitation.LogValue].
func (i Invitation) String() string {
	link := i.Base + joinPath + i.Token.Reveal()
	if i.Secret != nil {
		link += "#" + i.Secret.Reveal()
	}
	return link
}

// LogValue is the link with its token and secret covered.
func (i Invitation) LogValue() slog.Value {
	return slog.StringValue(i.Base + joinPath + i.Token.String())
}
