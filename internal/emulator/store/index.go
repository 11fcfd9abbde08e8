package store

// Index finds the object of a table that has a key, such as a name, without looking at all of them. It follows the table,
// also when a write is undone. Keys are unique: whoever stores an object has checked that its key is free.
type Index[T any] struct {
	key func(*Row[T]) string // "" for an object that has none
	IDs map[string]string
}

// IndexBy adds an index to a table that is still empty.
func (t *Table[T]) IndexBy(key func(*Row[T]) string) *Index[T] {
	added := &Index[T]{key: key, IDs: map[string]string{}}
	t.indexes, t.followers = append(t.indexes, added), append(t.followers, added)
	return added
}

// Get returns the id of the object that has the key. Nothing has the key "".
func (i *Index[T]) Get(key string) (id string, found bool) {
	id, found = i.IDs[key]
	return id, found
}

func (i *Index[T]) swap(old, next *Row[T]) {
	if old != nil {
		if key := i.key(old); i.IDs[key] == old.ID {
			delete(i.IDs, key)
		}
	}
	if next != nil {
		if key := i.key(next); key != "" {
			i.IDs[key] = next.ID
		}
	}
}
