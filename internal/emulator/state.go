package emulator

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
)

const stateVersion = 1

// stateFile is the form of the state file.
type stateFile struct {
	Version  int                    `json:"version"`
	LastTick int64                  `json:"last_tick"` // of the newest id, see idSource
	Tables   map[string][]storedRow `json:"tables"`
}

// load fills the empty store from the state file, and says whether there was one.
func (s *store) load() (found bool, err error) {
	if s.stateFile == "" {
		return false, nil
	}
	content, err := os.ReadFile(s.stateFile)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("read the state file: %w", err)
	}
	if err := s.decode(content); err != nil {
		return false, fmt.Errorf("state file %s is damaged or not one of this program's: %w", s.stateFile, err)
	}
	return true, nil
}

func (s *store) decode(content []byte) error {
	var state stateFile
	if err := decodeStrict(content, &state); err != nil {
		return err
	}
	if state.Version != stateVersion {
		return fmt.Errorf("version is %d, want %d", state.Version, stateVersion)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for name := range state.Tables {
		if !slices.ContainsFunc(s.tables, func(t storedTable) bool { return t.kind() == name }) {
			return fmt.Errorf("tables.%s: unknown kind of object", name)
		}
	}
	for _, table := range s.tables {
		if err := table.decode(state.Tables[table.kind()]); err != nil {
			return err
		}
	}
	s.ids.resume(state.LastTick)
	return nil
}

// save writes the state file, where there is one. Whoever reads it, also after a crash, finds the state before or after
// the change, never a part: the content goes to a file beside it, to the disk, and then takes the name.
func (s *store) save() error {
	if s.stateFile == "" {
		return nil
	}
	state := stateFile{Version: stateVersion, LastTick: s.ids.last(), Tables: map[string][]storedRow{}}
	for _, table := range s.tables {
		rows, err := table.encode()
		if err != nil {
			return err
		}
		state.Tables[table.kind()] = rows
	}
	content, err := json.Marshal(state)
	if err != nil {
		return err
	}
	if err := replaceFile(s.stateFile, content); err != nil {
		return fmt.Errorf("write the state file: %w", err)
	}
	return nil
}

// replaceFile is readable by its owner alone: the state has secrets.
func replaceFile(name string, content []byte) (err error) {
	dir := filepath.Dir(name)
	file, err := os.CreateTemp(dir, filepath.Base(name)+".*.tmp")
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
