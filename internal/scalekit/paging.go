package scalekit

import (
	"context"
	"errors"
	"iter"
)

// ErrPaging says that a list gave the same page token twice, and so would never end.
var ErrPaging = errors.New("the API repeats a page of the list, which therefore cannot be read to its end")

// Pages reads a list to its end, page by page, as it is consumed. The function fetches the page of a token, the first
// with an empty one, and returns the token of the next, empty at the end. After an error the sequence ends.
func Pages[T any](ctx context.Context, fetch func(ctx context.Context, token string) (items []T, next string, err error)) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		var none T
		seen := map[string]bool{}
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
			if seen[next] {
				yield(none, ErrPaging)
				return
			}
			seen[next] = true
			token = next
		}
	}
}
