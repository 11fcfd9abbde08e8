package store

import "slices"

// Grouping keeps the rows of a table by what they belong to, oldest first, so that a list of some objects does not look
// at all of them. It follows the table, also when a write is undone. A row may belong to several groups.
type Grouping[T any] struct {
	keys func(*Row[T]) []string
	rows map[string][]*Row[T]
}

// GroupBy adds a grouping to a table that is still empty.
func (t *Table[T]) GroupBy(keys func(*Row[T]) []string) *Grouping[T] {
	added := &Grouping[T]{keys: keys, rows: map[string][]*Row[T]{}}
	t.followers = append(t.followers, added)
	return added
}

// Of returns the rows of a group, oldest first. They are the grouping's own: not to be changed, nor kept over a write.
func (g *Grouping[T]) Of(key string) []*Row[T] { return g.rows[key] }

func (g *Grouping[T]) swap(old, next *Row[T]) {
	if old != nil {
		for _, key := range g.keys(old) {
			at, _ := position(g.rows[key], old.Sequence)
			g.rows[key] = slices.Delete(g.rows[key], at, at+1)
			if len(g.rows[key]) == 0 {
				delete(g.rows, key)
			}
		}
	}
	if next != nil {
		for _, key := range g.keys(next) {
			at, _ := position(g.rows[key], next.Sequence)
			g.rows[key] = slices.Insert(g.rows[key], at, next)
		}
	}
}
