package tf

import (
	"slices"
	"strings"
	"sync"
)

// Set is a set of ids for use by several goroutines.
type Set struct{ ids sync.Map }

// Add puts an id into the set and reports whether it is new there.
func (s *Set) Add(id string) bool {
	_, known := s.ids.LoadOrStore(id, true)
	return !known
}

// Has reports whether the set holds the id.
func (s *Set) Has(id string) bool {
	_, ok := s.ids.Load(id)
	return ok
}

// After returns what follows the prefix in those that begin with it, sorted.
func (s *Set) After(prefix string) []string {
	var rests []string
	s.ids.Range(func(id, _ any) bool {
		if rest, ok := strings.CutPrefix(id.(string), prefix); ok {
			rests = append(rests, rest)
		}
		return true
	})
	slices.Sort(rests)
	return rests
}
