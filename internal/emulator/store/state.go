package store

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/emulator/strictjson"
)

const (
	stateVersion = 1

	// temporary ends the name of a file that is to become the state file.
	temporary = ".tmp"
)

// stateFile is the form of the state file.
type stateFile struct {
	Version  int                    `json:"version"`
	LastTick int64                  `json:"last_tick"` // of the newest id, see IDSource
	Tables   map[string][]storedRow `json:"tables"`
}

// Load fills the empty store from the state file, and says whether there was one.
func (s *Store) Load() (found bool, err error) {
	if s.stateFile == "" {
		return false, nil
	}
	removeLeftovers(s.stateFile)
	content, err := os.ReadFile(s.stateFile)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("read the state file: %w", err)
	}
	if err := s.Decode(content); err != nil {
		return false, fmt.Errorf("state file %s is damaged or not one of this program's: %w", s.stateFile, err)
	}
	return true, nil
}

// Decode fills the empty store from the content of a state file.
func (s *Store) Decode(content []byte) error {
	var state stateFile
	if err := strictjson.Decode(content, &state); err != nil {
		return err
	}
	switch {
	case state.Version != stateVersion:
		return fmt.Errorf("version is %d, want %d", state.Version, stateVersion)
	case state.LastTick < 0 || state.LastTick > maxTick:
		return fmt.Errorf("last_tick: %d is no time of an id", state.LastTick)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for name := range state.Tables {
		if !slices.ContainsFunc(s.tables, func(t storedTable) bool { return t.kind() == name }) {
			return fmt.Errorf("tables.%s: unknown kind of object", name)
		}
	}
	ids := map[string]bool{"": true}
	for _, table := range s.tables {
		if err := table.Decode(state.Tables[table.kind()]); err != nil {
			return err
		}
		for _, row := range state.Tables[table.kind()] {
			ids[row.ID] = true
		}
	}
	for name, rows := range state.Tables {
		for i, row := range rows {
			if !ids[row.Parent] {
				return fmt.Errorf("%s[%d] (%s): it belongs to %q, which is not there", name, i, row.ID, row.Parent)
			}
		}
	}
	s.IDs.resume(state.LastTick)
	return nil
}

// Encode is the content of the state file.
func (s *Store) Encode() ([]byte, error) {
	var to bytes.Buffer
	fmt.Fprintf(&to, `{"version":%d,"last_tick":%d,"tables":{`, stateVersion, s.IDs.last())
	for i, table := range s.tables {
		if i > 0 {
			to.WriteByte(',')
		}
		fmt.Fprintf(&to, "\n%q:[", table.kind())
		if err := table.Encode(&to); err != nil {
			return nil, err
		}
		to.WriteByte(']')
	}
	to.WriteString("}}\n")
	return to.Bytes(), nil
}

// save writes the state file, where there is one. Whoever reads it, also after a crash, finds the state before or after
// the change, never a part: the content goes to a file beside it, to the disk, and then takes the name.
func (s *Store) save() error {
	if s.stateFile == "" {
		return nil
	}
	content, err := s.Encode()
	if err != nil {
		return err
	}
	err = replaceFile(s.stateFile, content)
	switch {
	case err != nil && !s.unsaved:
		s.notice(fmt.Sprintf("the state file cannot be written, so nothing can be changed until it can: %v", err))
	case err == nil && s.unsaved:
		s.notice("the state file can be written again")
	}
	s.unsaved = err != nil
	if err != nil {
		return fmt.Errorf("write the state file: %w", err)
	}
	return nil
}

// replaceFile is readable by its owner alone: the state has secrets.
func replaceFile(name string, content []byte) (err error) {
	dir := filepath.Dir(name)
	file, err := os.CreateTemp(dir, filepath.Base(name)+".*"+temporary)
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.Remove(file.Name()))
		}
	}()
	_, err = file.Write(content)
	if err == nil {
		err = file.Sync()
	}
	if err = errors.Join(err, file.Close()); err != nil {
		return err
	}
	if err = os.Rename(file.Name(), name); err != nil {
		return err
	}
	syncDir(dir)
	return nil
}

// syncDir makes a rename last. It is a help, not a promise: not every system can do it, and the rename has happened.
func syncDir(dir string) {
	handle, err := os.Open(dir)
	if err != nil {
		return
	}
	_ = handle.Sync()
	_ = handle.Close()
}

// removeLeftovers removes the files beside the state file that an emulator which was killed had not finished.
func removeLeftovers(name string) {
	dir, base := filepath.Split(name)
	entries, err := os.ReadDir(filepath.Clean(dir))
	if err != nil {
		return
	}
	for _, entry := range entries {
		middle, isOurs := strings.CutPrefix(entry.Name(), base+".")
		middle, isTemporary := strings.CutSuffix(middle, temporary)
		if _, err := strconv.ParseUint(middle, 10, 64); err == nil && isOurs && isTemporary {
			_ = os.Remove(filepath.Join(dir, entry.Name()))
		}
	}
}
