package store

import (
	"crypto/hkdf"
	"crypto/hpke"
	"crypto/sha256"
	"fmt"

	"github.com/parley-mesh/parley/pkg/meeting"
)

const (
	sealKeyDomain  = "parley/1/invitation-key"
	sealInfoDomain = "parley/1/invitation-password\n"
)

// invitationKey is the key pair that only the token's holder can derive.
func invitationKey(token meeting.Token) (hpke.PrivateKey, error) {
	secret := token.Bytes()
	seed, err := hkdf.Key(sha256.New, secret[:], nil, sealKeyDomain, 32)
	if err != nil {
		return nil, err
	}
	return hpke.MLKEM768X25519().DeriveKeyPair(seed)
}

// sealInvitation makes what is kept of a token, with the password sealed to it.
func sealInvitation(token meeting.Token, id meeting.ID, password string) (*meeting.SealedInvitation, error) {
	key, err := invitationKey(token)
	if err != nil {
		return nil, fmt.Errorf("derive the invitation's key: %w", err)
	}
	hash := token.Hash()
	invitation := &meeting.SealedInvitation{Hash: hash[:], PublicKey: key.PublicKey().Bytes()}
	return invitation, resealPassword(invitation, id, password)
}

// resealPassword seals another password to an invitation whose token nobody here has.
func resealPassword(invitation *meeting.SealedInvitation, id meeting.ID, password string) error {
	public, err := hpke.MLKEM768X25519().NewPublicKey(invitation.PublicKey)
	if err != nil {
		return fmt.Errorf("read the invitation's key: %w", err)
	}
	sealed, err := hpke.Seal(public, hpke.HKDFSHA256(), hpke.AES256GCM(), sealInfo(id), []byte(password))
	if err != nil {
		return fmt.Errorf("seal the password: %w", err)
	}
	invitation.Sealed = sealed
	return nil
}

// openPassword gives the token's holder the password.
func openPassword(token meeting.Token, invitation *meeting.SealedInvitation, id meeting.ID) (string, error) {
	key, err := invitationKey(token)
	if err != nil {
		return "", fmt.Errorf("derive the invitation's key: %w", err)
	}
	password, err := hpke.Open(key, hpke.HKDFSHA256(), hpke.AES256GCM(), sealInfo(id), invitation.Sealed)
	if err != nil {
		return "", fmt.Errorf("open the sealed password: %w", err)
	}
	return string(password), nil
}

// sealInfo binds a sealed password to its meeting.
func sealInfo(id meeting.ID) []byte { return []byte(sealInfoDomain + string(id)) }
