package scalekit

import (
	"context"
	"errors"
	"iter"
)

// ErrPaging says that a list gave the same page token again, and so would never end.
var ErrPaging = errors.New("the API repeats a page of the list, which therefore cannot be read to its end")

// Pages reads a list to its end, page by page, as it is consumed: no more than a page is held at a time, however long
// the list is. The function fetches the page of a token, the first with an empty one, and returns the token of the next,
// empty at the end. After an error the sequence ends.
func Pages[T any](ctx context.Context, fetch func(ctx context.Context, token string) (items []T, next string, err error)) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		var none T
		// A token that comes again is found by Brent's algorithm: one token is remembered, for twice as many pages each time.
		remembered, age, lifetime := "", 0, 1
		for token := ""; ; {
			items, next, err := fetch(ctx, token)
			if err != nil {
				yield(none, err)
				return
			}
			for _, item := range items {
				if !yield(item, nil) {
					return
				}
			}
			if next == "" {
				return
			}
			if next == remembered {
				yield(none, ErrPaging)
				return
			}
			if age++; age == lifetime {
				remembered, age, lifetime = next, 0, 2*lifetime
			}
			token = next
		}
	}
}
