package identity

import (
	"crypto/ed25519"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

const (
	// MaxTokenLifetime is the longest time from a token's iat to its exp.
	MaxTokenLifetime = 24 * time.Hour

	// TokenLeeway is how far two clocks may be apart.
	TokenLeeway = 60 * time.Second

	// MaxToken bounds a token's text, in bytes.
	MaxToken = 2048

	maxAudience = 512

	// maxTime is the last second of the year 9999. Dates after it are refused,
	// which keeps the arithmetic on them from overflowing.
	maxTime = 253402300799
)

// NewToken signs a bearer token: a JWT with the header {"alg":"EdDSA",
// "typ":"JWT"} and the claims sub (the peer ID of id), aud (one string), iat
// and exp in whole seconds. audience is the public URL of the rendezvous it is
// meant for. It fails with [ErrAudience], or with [ErrTokenLifetime] if ttl
// is not between one second and [MaxTokenLifetime].
func NewToken(id *Identity, audience string, now time.Time, ttl time.Duration) (string, error) {
	if audience == "" || len(audience) > maxAudience {
		return "", ErrAudience
	}
	if ttl < time.Second || ttl > MaxTokenLifetime {
		return "", ErrTokenLifetime
	}
	iat := now.Unix()
	claims := jwt.MapClaims{
		"sub": string(id.id),
		"aud": audience,
		"iat": iat,
		"exp": iat + int64(ttl/time.Second),
	}
	token, err := jwt.NewWithClaims(jwt.SigningMethodEdDSA, claims).SignedString(id.key)
	if err != nil {
		return "", fmt.Errorf("identity: sign token: %w", err)
	}
	return token, nil
}

// VerifyToken returns the identity that signed token for one of audiences,
// which are compared without a slash at their end. iat and exp are required,
// nbf is heeded; clocks may differ by [TokenLeeway]. The only algorithm is
// EdDSA with the key that sub contains: no header can choose another, and no
// extension marked critical (RFC 7515 section 4.1.11) is understood. The error
// is one of the ErrToken sentinels.
func VerifyToken(token string, audiences []string, now time.Time) (PeerID, error) {
	if len(token) > MaxToken {
		return "", ErrTokenMalformed
	}
	var claims jwt.RegisteredClaims
	parser := jwt.NewParser(
		jwt.WithValidMethods([]string{jwt.SigningMethodEdDSA.Alg()}),
		jwt.WithStrictDecoding(),
		jwt.WithoutClaimsValidation(), // checked below, to say which one it is
	)
	parsed, err := parser.ParseWithClaims(token, &claims, subjectKey)
	switch {
	case err == nil:
	case isEdDSA(parsed) && errors.Is(err, jwt.ErrTokenSignatureInvalid):
		return "", ErrTokenSignature
	default:
		return "", ErrTokenMalformed
	}
	if !containsAudience(audiences, claims.Audience) {
		return "", ErrTokenAudience
	}
	if err := checkTimes(claims, now); err != nil {
		return "", err
	}
	return PeerID(claims.Subject), nil
}

// subjectKey takes the verification key out of the token's own subject.
func subjectKey(token *jwt.Token) (any, error) {
	if _, critical := token.Header["crit"]; critical {
		return nil, ErrTokenMalformed
	}
	claims, ok := token.Claims.(*jwt.RegisteredClaims)
	if !ok {
		return nil, ErrTokenMalformed
	}
	key, err := PeerID(claims.Subject).PublicKey()
	if err != nil {
		return nil, err
	}
	return ed25519.PublicKey(key), nil
}

func isEdDSA(token *jwt.Token) bool {
	return token != nil && token.Method == jwt.SigningMethodEdDSA
}

func containsAudience(want []string, have jwt.ClaimStrings) bool {
	for _, h := range have {
		for _, w := range want {
			if h != "" && strings.TrimSuffix(h, "/") == strings.TrimSuffix(w, "/") {
				return true
			}
		}
	}
	return false
}

func checkTimes(claims jwt.RegisteredClaims, now time.Time) error {
	if claims.IssuedAt == nil || claims.ExpiresAt == nil {
		return ErrTokenMalformed
	}
	for _, date := range []*jwt.NumericDate{claims.IssuedAt, claims.ExpiresAt, claims.NotBefore} {
		if date != nil && (date.Unix() < 0 || date.Unix() > maxTime) {
			return ErrTokenMalformed
		}
	}
	lifetime := claims.ExpiresAt.Sub(claims.IssuedAt.Time)
	switch {
	case lifetime <= 0 || lifetime > MaxTokenLifetime:
		return ErrTokenLifetime
	case !now.Before(claims.ExpiresAt.Add(TokenLeeway)):
		return ErrTokenExpired
	case now.Before(claims.IssuedAt.Add(-TokenLeeway)):
		return ErrTokenNotYet
	case claims.NotBefore != nil && now.Before(claims.NotBefore.Add(-TokenLeeway)):
		return ErrTokenNotYet
	}
	return nil
}
