package emulator

import (
	"slices"

	"google.golang.org/protobuf/proto"
)

// grouping keeps the rows of a table by what they belong to, oldest first, so that a list of some objects does not look
// at all of them. It follows the table, also when a write is undone. A row may belong to several groups.
type grouping[T proto.Message] struct {
	keys func(*row[T]) []string
	rows map[string][]*row[T]
}

// groupBy adds a grouping to a table that is still empty.
func (t *table[T]) groupBy(keys func(*row[T]) []string) *grouping[T] {
	added := &grouping[T]{keys: keys, rows: map[string][]*row[T]{}}
	t.followers = append(t.followers, added)
	return added
}

// of returns the rows of a group, oldest first. They are the grouping's own: not to be changed, nor kept over a write.
func (g *grouping[T]) of(key string) []*row[T] { return g.rows[key] }

func (g *grouping[T]) swap(old, next *row[T]) {
	if old != nil {
		for _, key := range g.keys(old) {
			at, _ := position(g.rows[key], old.sequence)
			g.rows[key] = slices.Delete(g.rows[key], at, at+1)
			if len(g.rows[key]) == 0 {
				delete(g.rows, key)
			}
		}
	}
	if next != nil {
		for _, key := range g.keys(next) {
			at, _ := position(g.rows[key], next.sequence)
			g.rows[key] = slices.Insert(g.rows[key], at, next)
		}
	}
}
