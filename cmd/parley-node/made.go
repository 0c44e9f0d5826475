package main

import (
	"bufio"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"

	"github.com/parley-mesh/parley/node"
	"github.com/parley-mesh/parley/pkg/client"
)

// madeSuffix is what the key file's name is followed by in the name of the file
// beside it: which meetings this identity made. Who made a meeting is its host,
// whatever a rendezvous says later, and need not take its word.
const madeSuffix = ".meetings"

// maxMade bounds the file, in bytes: some ten thousand meetings.
const maxMade = 1 << 20

var errMade = errors.New("this meeting is not noted as made here, its host is whom the rendezvous names")

// noteMade notes a meeting beside the key file: a line of rendezvous, ID and the
// invitation's fingerprint, which opens nothing.
func noteMade(keyFile string, m client.Created) error {
	f, err := os.OpenFile(keyFile+madeSuffix, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("%w: %w", errMade, err)
	}
	line := strings.Join([]string{m.Invitation.Base, m.MeetingID.String(), fingerprint(m.Invitation.Token.Reveal())}, " ")
	if _, err := fmt.Fprintln(f, line); err != nil {
		return errors.Join(fmt.Errorf("%w: %w", errMade, err), f.Close())
	}
	return f.Close()
}

// isMade tells whether a door leads into a meeting that was made here, by the
// meeting's ID or by the invitation that it was made with.
func isMade(keyFile string, door node.Door) (bool, error) {
	f, err := os.Open(keyFile + madeSuffix)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("%w: %w", errMade, err)
	}
	defer f.Close()
	invitation := ""
	if door.Join.InvitationToken != "" {
		invitation = fingerprint(door.Join.InvitationToken)
	}
	lines := bufio.NewScanner(io.LimitReader(f, maxMade))
	for lines.Scan() {
		of := strings.Fields(lines.Text())
		if len(of) != 3 || of[0] != strings.TrimSuffix(door.Rendezvous, "/") {
			continue
		}
		if of[1] == door.Join.MeetingID || of[2] == invitation {
			return true, nil
		}
	}
	return false, lines.Err()
}

// fingerprint tells an invitation from others without opening its door.
func fingerprint(token string) string {
	sum := sha256.Sum256([]byte("parley/1/made " + token))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}
