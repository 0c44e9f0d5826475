package record

import (
	"bytes"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"filippo.io/age"
)

// A sealed file is a line of text, the recording's key, and records:
//
//	"parley sealed recording 1, open it with: parley-node unseal\n"
//	length (4 bytes, big-endian) · age file: the key, sealed by the passphrase (scrypt)
//	length (4 bytes, big-endian) · age file: a record, sealed for the key (X25519)
//	…
//
// A record is the file's own random id (16 bytes), the record's number from 0
// (8), a kind (1), an offset (8) and data. Replayed in their order the records
// make the plain file. age proves a file whole only at its end; a chain of small
// ones is whole at each, so that a crash loses only what was being written. The
// id and the numbers show records that were moved, repeated or left out; that the
// end is there, the last record shows.
const (
	sealedMagic = "parley sealed recording 1, open it with: parley-node unseal\n"

	recordHead  = fileIDSize + 8 + 1 + 8
	fileIDSize  = 16
	maxSealed   = 64 << 20 // bytes of one record, of which the largest are some pictures
	maxKeyBlob  = 4 << 10
	scryptLimit = 20 // log2 of the work that opening may ask for: a second or two and 1 GiB
)

// kinds of records.
const (
	recordWrite byte = iota + 1
	recordTruncate
	recordEnd
)

// sealKey is what seals a recording: one key for all its files, so that the
// passphrase is stretched once.
type sealKey struct {
	identity *age.X25519Identity
	blob     []byte // identity, sealed by the passphrase
}

// newSealKey makes a recording's key; work is scrypt's, 0 for age's default.
func newSealKey(passphrase []byte, work int) (*sealKey, error) {
	identity, err := age.GenerateX25519Identity()
	if err != nil {
		return nil, fmt.Errorf("record: making a key: %w", err)
	}
	recipient, err := age.NewScryptRecipient(string(passphrase))
	if err != nil {
		return nil, fmt.Errorf("record: the passphrase: %w", err)
	}
	if work > 0 {
		recipient.SetWorkFactor(work)
	}
	blob, err := seal([]byte(identity.String()), recipient)
	if err != nil {
		return nil, err
	}
	return &sealKey{identity, blob}, nil
}

// openSealKey reads a sealed file's beginning and opens its key.
func openSealKey(in io.Reader, passphrase []byte) (*sealKey, error) {
	magic := make([]byte, len(sealedMagic))
	if _, err := io.ReadFull(in, magic); err != nil || string(magic) != sealedMagic {
		return nil, ErrNotSealed
	}
	blob, err := readSealed(in, maxKeyBlob)
	if err != nil {
		return nil, ErrNotSealed
	}
	identity, err := age.NewScryptIdentity(string(passphrase))
	if err != nil {
		return nil, ErrPassphrase
	}
	identity.SetMaxWorkFactor(scryptLimit)
	text, err := unseal(blob, identity)
	if err != nil {
		var mismatch *age.NoIdentityMatchError
		if errors.As(err, &mismatch) {
			return nil, ErrPassphrase
		}
		return nil, ErrSealedDamaged
	}
	key, err := age.ParseX25519Identity(strings.TrimSpace(string(text)))
	if err != nil {
		return nil, ErrSealedDamaged
	}
	return &sealKey{key, blob}, nil
}

func seal(content []byte, recipient age.Recipient) ([]byte, error) {
	var out bytes.Buffer
	w, err := age.Encrypt(&out, recipient)
	if err == nil {
		_, err = w.Write(content)
	}
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		return nil, fmt.Errorf("record: sealing: %w", err)
	}
	return out.Bytes(), nil
}

func unseal(content []byte, identity age.Identity) ([]byte, error) {
	r, err := age.Decrypt(bytes.NewReader(content), identity)
	if err != nil {
		return nil, err
	}
	return io.ReadAll(r)
}

// readSealed reads a length and as many bytes. io.EOF says that there is none,
// io.ErrUnexpectedEOF that it is not all there.
func readSealed(in io.Reader, bound uint32) ([]byte, error) {
	var head [4]byte
	if _, err := io.ReadFull(in, head[:]); err != nil {
		return nil, err
	}
	length := binary.BigEndian.Uint32(head[:])
	if length > bound {
		return nil, ErrSealedDamaged
	}
	// Grown as it comes: a length alone allocates nothing.
	content, err := io.ReadAll(io.LimitReader(in, int64(length)))
	if err != nil {
		return nil, err
	}
	if len(content) < int(length) {
		return nil, io.ErrUnexpectedEOF
	}
	return content, nil
}

// sealedStore is a store whose writes are records.
type sealedStore struct {
	file   *os.File
	key    *sealKey
	id     [fileIDSize]byte
	number uint64
	size   int64 // of the sealed file
	ended  bool
}

// newSealedStore begins a sealed file.
func newSealedStore(file *os.File, key *sealKey) (*sealedStore, error) {
	s := &sealedStore{file: file, key: key}
	_, _ = rand.Read(s.id[:]) // never fails
	head := append([]byte(sealedMagic), binary.BigEndian.AppendUint32(nil, uint32(len(key.blob)))...)
	if err := s.append(append(head, key.blob...)); err != nil {
		return nil, err
	}
	return s, nil
}

// append writes bytes whole or leaves the file as it was.
func (s *sealedStore) append(content []byte) error {
	if _, err := s.file.WriteAt(content, s.size); err != nil {
		_ = s.file.Truncate(s.size)
		return err
	}
	s.size += int64(len(content))
	return nil
}

func (s *sealedStore) record(kind byte, offset int64, data []byte) error {
	content := append(make([]byte, 0, recordHead+len(data)), s.id[:]...)
	content = binary.BigEndian.AppendUint64(content, s.number)
	content = append(content, kind)
	content = binary.BigEndian.AppendUint64(content, uint64(offset))
	sealed, err := seal(append(content, data...), s.key.identity.Recipient())
	if err != nil {
		return err
	}
	if err := s.append(append(binary.BigEndian.AppendUint32(nil, uint32(len(sealed))), sealed...)); err != nil {
		return err
	}
	s.number++
	return nil
}

func (s *sealedStore) write(offset int64, data []byte) error {
	return s.record(recordWrite, offset, data)
}

func (s *sealedStore) truncate(size int64) error { return s.record(recordTruncate, size, nil) }
func (s *sealedStore) sync() error               { return s.file.Sync() }
func (s *sealedStore) close() error              { return s.file.Close() }

func (s *sealedStore) end() error {
	if err := s.record(recordEnd, 0, nil); err != nil {
		return err
	}
	s.ended = true
	return s.file.Sync()
}
