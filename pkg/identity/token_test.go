package identity_test

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"pgregory.net/rapid"

	"github.com/parley-mesh/parley/pkg/identity"
)

const audience = "https://meet.example.org"

var tokenTime = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

var tokenSentinels = []error{
	identity.ErrTokenMalformed, identity.ErrTokenSignature, identity.ErrTokenAudience,
	identity.ErrTokenExpired, identity.ErrTokenLifetime, identity.ErrTokenNotYet,
}

// RFC 8037 appendices A.4 (signing) and A.5 (validation).
func TestEdDSAOfRFC8037(t *testing.T) {
	t.Parallel()
	const (
		d         = "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A"
		x         = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"
		input     = "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc"
		signature = "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg"
	)
	b64 := base64.RawURLEncoding
	seed, err := b64.DecodeString(d)
	if err != nil {
		t.Fatal(err)
	}
	id := identity.FromSeed([32]byte(seed))
	key, err := id.PeerID().PublicKey()
	if err != nil {
		t.Fatal(err)
	}
	if got := b64.EncodeToString(key); got != x {
		t.Errorf("public key = %s, want %s", got, x)
	}
	if got := b64.EncodeToString(id.Sign([]byte(input))); got != signature {
		t.Errorf("signature = %s, want %s", got, signature)
	}
	raw, err := b64.DecodeString(signature)
	if err != nil {
		t.Fatal(err)
	}
	if err := id.PeerID().Verify([]byte(input), raw); err != nil {
		t.Errorf("the RFC's signature: %v", err)
	}
	// Its payload is a sentence, so it is a valid JWS and no token.
	if _, err := identity.VerifyToken(input+"."+signature, []string{audience}, tokenTime); !errors.Is(err, identity.ErrTokenMalformed) {
		t.Errorf("VerifyToken = %v, want ErrTokenMalformed", err)
	}
}

// sign makes a token out of any header and claims, as an attacker with a key
// of their own can.
func sign(t testing.TB, header, claims string) string {
	t.Helper()
	b64 := base64.RawURLEncoding
	input := b64.EncodeToString([]byte(header)) + "." + b64.EncodeToString([]byte(claims))
	return input + "." + b64.EncodeToString(specIdentity(t).Sign([]byte(input)))
}

func TestVerifyToken(t *testing.T) {
	t.Parallel()
	now := tokenTime.Unix()
	const header = `{"alg":"EdDSA","typ":"JWT"}`
	claims := func(aud string, iat, exp int64, more string) string {
		return fmt.Sprintf(`{"sub":%q,"aud":%s,"iat":%d,"exp":%d%s}`, specPeerID, aud, iat, exp, more)
	}
	const day, aud = int64(24 * 60 * 60), `"` + audience + `"`
	hmac, err := jwt.NewWithClaims(jwt.SigningMethodHS256, jwt.MapClaims{
		"sub": specPeerID, "aud": audience, "iat": now, "exp": now + 60,
	}).SignedString(unhex(t, specPublic)) // the public key as an HMAC secret
	if err != nil {
		t.Fatal(err)
	}
	good := sign(t, header, claims(aud, now, now+60, ""))
	parts := strings.Split(good, ".")
	other := identity.FromSeed([32]byte{9})
	otherSigned := parts[0] + "." + parts[1] + "." +
		base64.RawURLEncoding.EncodeToString(other.Sign([]byte(parts[0]+"."+parts[1])))

	for name, c := range map[string]struct {
		token string
		want  error
	}{
		"good":                        {good, nil},
		"a whole day":                 {sign(t, header, claims(aud, now, now+day, "")), nil},
		"audience with a slash":       {sign(t, header, claims(`"`+audience+`/"`, now, now+60, "")), nil},
		"one of several audiences":    {sign(t, header, claims(`["https://a.example",`+aud+`]`, now, now+60, "")), nil},
		"within leeway after the end": {sign(t, header, claims(aud, now-119, now-59, "")), nil},
		"within leeway before it":     {sign(t, header, claims(aud, now+60, now+90, "")), nil},
		"unknown claims":              {sign(t, header, claims(aud, now, now+60, `,"name":"x"`)), nil},
		"empty":                       {"", identity.ErrTokenMalformed},
		"two segments":                {parts[0] + "." + parts[1], identity.ErrTokenMalformed},
		"four segments":               {good + "." + parts[2], identity.ErrTokenMalformed},
		"many segments":               {strings.Repeat(".", 2000), identity.ErrTokenMalformed},
		"oversize":                    {strings.Repeat("a", identity.MaxToken+1), identity.ErrTokenMalformed},
		"HS256 with the public key":   {hmac, identity.ErrTokenMalformed},
		"alg none, no signature":      {none(t, claims(aud, now, now+60, "")), identity.ErrTokenMalformed},
		"alg none, signed":            {sign(t, `{"alg":"none"}`, claims(aud, now, now+60, "")), identity.ErrTokenMalformed},
		"alg in other letters":        {sign(t, `{"alg":"eddsa"}`, claims(aud, now, now+60, "")), identity.ErrTokenMalformed},
		"alg ES256":                   {sign(t, `{"alg":"ES256"}`, claims(aud, now, now+60, "")), identity.ErrTokenMalformed},
		"no alg":                      {sign(t, `{}`, claims(aud, now, now+60, "")), identity.ErrTokenMalformed},
		"header null":                 {sign(t, `null`, claims(aud, now, now+60, "")), identity.ErrTokenMalformed},
		"claims null":                 {sign(t, header, `null`), identity.ErrTokenMalformed},
		"claims a list":               {sign(t, header, `[]`), identity.ErrTokenMalformed},
		"critical extension":          {sign(t, `{"alg":"EdDSA","crit":["b64"],"b64":false}`, claims(aud, now, now+60, "")), identity.ErrTokenMalformed},
		"padded":                      {good + "==", identity.ErrTokenMalformed},
		"signed by somebody else":     {otherSigned, identity.ErrTokenSignature},
		"no signature":                {parts[0] + "." + parts[1] + ".", identity.ErrTokenSignature},
		"no subject":                  {sign(t, header, `{"aud":`+aud+`,"iat":1,"exp":2}`), identity.ErrTokenMalformed},
		"no audience":                 {sign(t, header, fmt.Sprintf(`{"sub":%q,"iat":%d,"exp":%d}`, specPeerID, now, now+60)), identity.ErrTokenAudience},
		"another audience":            {sign(t, header, claims(`"https://meet.example.org.evil"`, now, now+60, "")), identity.ErrTokenAudience},
		"no iat":                      {sign(t, header, fmt.Sprintf(`{"sub":%q,"aud":%s,"exp":%d}`, specPeerID, aud, now+60)), identity.ErrTokenMalformed},
		"no exp":                      {sign(t, header, fmt.Sprintf(`{"sub":%q,"aud":%s,"iat":%d}`, specPeerID, aud, now)), identity.ErrTokenMalformed},
		"exp beyond any calendar":     {sign(t, header, fmt.Sprintf(`{"sub":%q,"aud":%s,"iat":%d,"exp":1e300}`, specPeerID, aud, now)), identity.ErrTokenMalformed},
		"iat before any calendar":     {sign(t, header, fmt.Sprintf(`{"sub":%q,"aud":%s,"iat":-1e300,"exp":%d}`, specPeerID, aud, now)), identity.ErrTokenMalformed},
		"exp a string":                {sign(t, header, fmt.Sprintf(`{"sub":%q,"aud":%s,"iat":%d,"exp":"soon"}`, specPeerID, aud, now)), identity.ErrTokenMalformed},
		"longer than a day":           {sign(t, header, claims(aud, now, now+day+1, "")), identity.ErrTokenLifetime},
		"ends before it begins":       {sign(t, header, claims(aud, now, now-1, "")), identity.ErrTokenLifetime},
		"expired":                     {sign(t, header, claims(aud, now-120, now-60, "")), identity.ErrTokenExpired},
		"from the future":             {sign(t, header, claims(aud, now+61, now+120, "")), identity.ErrTokenNotYet},
		"nbf in the future":           {sign(t, header, claims(aud, now, now+600, fmt.Sprintf(`,"nbf":%d`, now+61))), identity.ErrTokenNotYet},
	} {
		id, err := identity.VerifyToken(c.token, []string{"https://b.example", audience}, tokenTime)
		if !errors.Is(err, c.want) {
			t.Errorf("%s: err = %v, want %v", name, err, c.want)
		}
		if (err == nil) != (id == specPeerID) || (err != nil && id != "") {
			t.Errorf("%s: peer ID = %q with err = %v", name, id, err)
		}
	}
}

func none(t testing.TB, claims string) string {
	t.Helper()
	return strings.TrimRight(sign(t, `{"alg":"none","typ":"JWT"}`, claims), "-_0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")
}

func TestNewTokenRefuses(t *testing.T) {
	t.Parallel()
	id := specIdentity(t)
	for name, c := range map[string]struct {
		audience string
		ttl      time.Duration
		want     error
	}{
		"no audience":       {"", time.Hour, identity.ErrAudience},
		"a long audience":   {strings.Repeat("a", 513), time.Hour, identity.ErrAudience},
		"no time":           {audience, 0, identity.ErrTokenLifetime},
		"a negative time":   {audience, -time.Hour, identity.ErrTokenLifetime},
		"longer than a day": {audience, 24*time.Hour + 1, identity.ErrTokenLifetime},
	} {
		if _, err := identity.NewToken(id, c.audience, tokenTime, c.ttl); !errors.Is(err, c.want) {
			t.Errorf("%s: err = %v, want %v", name, err, c.want)
		}
	}
}

// Guards against a token that its maker's own verifier refuses, and against
// one that outlives the time it was made for.
func TestTokenRoundTrip(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		id := identity.FromSeed([32]byte(rapid.SliceOfN(rapid.Byte(), 32, 32).Draw(t, "seed")))
		now := time.Unix(rapid.Int64Range(0, 1<<37).Draw(t, "now"), rapid.Int64Range(0, 999999999).Draw(t, "ns"))
		ttl := time.Duration(rapid.Int64Range(int64(time.Second), int64(identity.MaxTokenLifetime)).Draw(t, "ttl"))
		aud := rapid.StringMatching(`https?://[a-z]{1,20}(:[1-9][0-9]{1,3})?`).Draw(t, "audience")
		token, err := identity.NewToken(id, aud, now, ttl)
		if err != nil {
			t.Fatal(err)
		}
		if len(token) > identity.MaxToken {
			t.Fatalf("token of %d bytes", len(token))
		}
		for _, at := range []time.Time{now, now.Add(-30 * time.Second), now.Add(ttl)} {
			if got, err := identity.VerifyToken(token, []string{aud}, at); err != nil || got != id.PeerID() {
				t.Fatalf("VerifyToken at %v = %s, %v", at.Sub(now), got, err)
			}
		}
		if _, err := identity.VerifyToken(token, []string{aud}, now.Add(ttl+identity.TokenLeeway)); !errors.Is(err, identity.ErrTokenExpired) {
			t.Fatalf("after its end: err = %v", err)
		}
		if _, err := identity.VerifyToken(token, []string{aud + "x"}, now); !errors.Is(err, identity.ErrTokenAudience) {
			t.Fatalf("at another audience: err = %v", err)
		}
		// Whatever single bit changes, the token is worth nothing.
		changed := []byte(token)
		changed[rapid.IntRange(0, len(changed)-1).Draw(t, "byte")] ^= 1 << rapid.IntRange(0, 7).Draw(t, "bit")
		if _, err := identity.VerifyToken(string(changed), []string{aud}, now); err == nil {
			t.Fatalf("accepted %q, changed from %q", changed, token)
		}
	})
}

// Guards against a panic, an error without a sentinel, and an accepted token
// whose subject did not sign it with EdDSA.
func FuzzVerifyToken(f *testing.F) {
	good, err := identity.NewToken(specIdentity(f), audience, tokenTime, time.Hour)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(good)
	f.Add(good + ".x")
	f.Add(strings.Repeat(".", identity.MaxToken+1))
	f.Add(sign(f, `{"alg":"none"}`, `{"sub":"`+specPeerID+`"}`))
	f.Add(sign(f, `{"alg":"HS256"}`, `{"exp":1e999}`))
	f.Fuzz(func(t *testing.T, token string) {
		id, err := identity.VerifyToken(token, []string{audience}, tokenTime)
		if err != nil {
			for _, sentinel := range tokenSentinels {
				if errors.Is(err, sentinel) {
					return
				}
			}
			t.Fatalf("err = %v is no sentinel", err)
		}
		parts := strings.Split(token, ".")
		header, _ := base64.RawURLEncoding.DecodeString(parts[0])
		var h struct{ Alg string }
		if err := json.Unmarshal(header, &h); err != nil || h.Alg != "EdDSA" {
			t.Fatalf("accepted the header %s (%v)", header, err)
		}
		signature, _ := base64.RawURLEncoding.DecodeString(parts[2])
		if err := id.Verify([]byte(parts[0]+"."+parts[1]), signature); err != nil {
			t.Fatalf("accepted a token of %s: %v", id, err)
		}
	})
}
