package record

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"time"

	"github.com/parley-mesh/parley/pkg/identity"
	"github.com/parley-mesh/parley/pkg/protocol"
)

// manifestName is the file that says who, when and in which file.
const manifestName = "meeting.json"

const (
	manifestVersion = 1
	maxManifest     = 16 << 20 // bytes
	maxName         = 256      // bytes of a participant's name
	maxSizes        = 256      // sizes noted of one file's picture
)

// manifest is meeting.json. Times are RFC 3339 in UTC, durations milliseconds.
type manifest struct {
	Version  int             `json:"version"`
	Meeting  string          `json:"meeting_id"`
	Title    string          `json:"title"`
	Recorder identity.PeerID `json:"recorder"`
	// Runs are the times in which it was recorded; one that a crash ended has no end.
	Runs         []run        `json:"runs"`
	Participants []person     `json:"participants"`
	Files        []*fileEntry `json:"files"`
}

type run struct {
	Started time.Time `json:"started"`
	Ended   time.Time `json:"ended,omitzero"`
	// Stopped says why it could not go on.
	Stopped string `json:"stopped,omitempty"`
}

type person struct {
	ID   identity.PeerID `json:"id"`
	Name string          `json:"name"`
}

// fileEntry is one file: a participant's part. Parts follow each other when what
// a participant sends changes in a way that one file cannot hold.
type fileEntry struct {
	File        string            `json:"file"`
	Participant identity.PeerID   `json:"participant"`
	Name        string            `json:"name"`
	Sources     []protocol.Source `json:"sources"`
	Part        int               `json:"part"`
	Started     time.Time         `json:"started"`
	Ended       time.Time         `json:"ended,omitzero"`
	Duration    int64             `json:"duration_ms"`
	// Sizes are the picture's, from when on; players scale to the first.
	Sizes []pictureSize `json:"sizes,omitempty"`
	// Repaired: the recorder did not end this file; it was given its end later.
	Repaired bool `json:"repaired,omitempty"`
	// Damaged: it could not be given an end.
	Damaged bool `json:"damaged,omitempty"`
}

type pictureSize struct {
	At     int64 `json:"at_ms"`
	Width  int   `json:"width"`
	Height int   `json:"height"`
}

// end notes that a file is complete.
func (e *fileEntry) end(duration time.Duration) {
	e.Duration = duration.Milliseconds()
	e.Ended = e.Started.Add(duration.Truncate(time.Millisecond))
}

// load reads meeting.json; a folder without one gives a new manifest.
func (f *folder) load(options Options) (*manifest, error) {
	file, err := f.root.Open(f.name(manifestName))
	if errors.Is(err, fs.ErrNotExist) {
		return &manifest{
			Version: manifestVersion, Meeting: options.Meeting, Title: options.Title, Recorder: options.Recorder,
			Runs: []run{}, Participants: []person{}, Files: []*fileEntry{}, // a list that is empty is one all the same
		}, nil
	}
	if err != nil {
		return nil, fmt.Errorf("record: %w", err)
	}
	defer func() { _ = file.Close() }() // it was only read
	var in io.Reader = file
	if f.key != nil {
		in, err = f.readAllSealed(file)
		if err != nil {
			return nil, err
		}
	}
	content, err := io.ReadAll(io.LimitReader(in, maxManifest+1))
	if err != nil {
		return nil, fmt.Errorf("record: reading %s: %w", manifestName, err)
	}
	var m manifest
	if len(content) > maxManifest || json.Unmarshal(content, &m) != nil || m.Version != manifestVersion {
		return nil, ErrManifest
	}
	if m.Meeting != options.Meeting {
		return nil, fmt.Errorf("%w: %s", ErrOtherMeeting, m.Meeting)
	}
	return &m, nil
}

// save writes meeting.json whole or not at all.
func (f *folder) save(m *manifest) error {
	content, err := json.MarshalIndent(m, "", "  ")
	if err == nil {
		err = f.replace(manifestName, append(content, '\n'))
	}
	if err != nil {
		return &StoppedError{File: manifestName, Err: err}
	}
	return nil
}

// named notes a participant's name and says whether that was news.
func (m *manifest) named(id identity.PeerID, name string) bool {
	at := slices.IndexFunc(m.Participants, func(p person) bool { return p.ID == id })
	switch {
	case at < 0:
		m.Participants = append(m.Participants, person{id, name})
	case m.Participants[at].Name == name || name == "":
		return false
	default:
		m.Participants[at].Name = name
	}
	return true
}

func (m *manifest) nameOf(id identity.PeerID) string {
	for _, p := range m.Participants {
		if p.ID == id {
			return p.Name
		}
	}
	return ""
}

// partsOf counts the files of what a participant sends of one kind.
func (m *manifest) partsOf(key groupKey) (count int) {
	for _, entry := range m.Files {
		if entry.Participant == key.from && len(entry.Sources) > 0 && isScreen(entry.Sources[0]) == key.screen {
			count++
		}
	}
	return count
}
