package emulator

import "google.golang.org/protobuf/proto"

// index finds the object of a table that has a key, such as a name, without looking at all of them. It follows the table,
// also when a write is undone. Keys are unique: whoever stores an object has checked that its key is free.
type index[T proto.Message] struct {
	key func(*row[T]) string // "" for an object that has none
	ids map[string]string
}

// indexBy adds an index to a table that is still empty.
func (t *table[T]) indexBy(key func(*row[T]) string) *index[T] {
	added := &index[T]{key: key, ids: map[string]string{}}
	t.indexes, t.followers = append(t.indexes, added), append(t.followers, added)
	return added
}

// get returns the id of the object that has the key. Nothing has the key "".
func (i *index[T]) get(key string) (id string, found bool) {
	id, found = i.ids[key]
	return id, found
}

func (i *index[T]) swap(old, next *row[T]) {
	if old != nil {
		if key := i.key(old); i.ids[key] == old.id {
			delete(i.ids, key)
		}
	}
	if next != nil {
		if key := i.key(next); key != "" {
			i.ids[key] = next.id
		}
	}
}
