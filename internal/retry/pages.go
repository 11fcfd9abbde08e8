package retry

import (
	"errors"
	"iter"
)

const (
	// maxBarrenPages is how many pages in a row may bring nothing new. A few may, where the server filters after it has cut
	// the list into pages.
	maxBarrenPages = 100
	// maxReadings is how often a list is read that changes while it is read.
	maxReadings = 3
)

// Errors of lists that cannot be read to their end.
var (
	ErrRepeated = errors.New("the server repeats pages of the list, which therefore cannot be read to its end")
	ErrBarren   = errors.New("the server keeps giving pages of the list that bring nothing new, so that it cannot be read to its end")
	ErrShifting = errors.New("the list lost items each time it was read, so that some of those that remain may have been missed: try again")
)

// Page is one page of a list.
type Page[T any] struct {
	Items []T
	// Next is the token of the next page, empty at the end.
	Next string
	// Total is how many items the server says that the list has; zero if it does not say.
	Total int
}

// Pages reads a list to its end, page by page, as it is consumed. The function fetches the page of a token, the first with
// an empty one. After an error the sequence ends.
//
// The id tells items apart; empty is unknown. An item that has moved to a later page meanwhile is not given again. Where
// items have gone from the list meanwhile, others may have moved to a page that was read before: the list is read once
// more, for what was missed.
func Pages[T any](id func(T) string, fetch func(token string) (Page[T], error)) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		r := reading[T]{id: id, fetch: fetch, met: map[string]int{}}
		for r.number = 1; ; r.number++ {
			more, err := r.read(func(item T) bool { return yield(item, nil) })
			if more && err == nil && r.number == maxReadings {
				err = ErrShifting
			}
			if err != nil {
				yield(*new(T), err)
				return
			}
			if !more {
				return
			}
		}
	}
}

// reading is one reading of a list.
type reading[T any] struct {
	id     func(T) string
	fetch  func(token string) (Page[T], error)
	number int            // from one
	met    map[string]int // the reading in which an id was met last
}

// read gives what no reading has given before. It reports whether something may have been missed.
func (r *reading[T]) read(give func(T) bool) (missed bool, err error) {
	// A token that comes again is found by Brent's algorithm: one token is remembered, for twice as many pages each time.
	remembered, age, lifetime := "", 0, 1
	var count, given, barren, total int
	shrunk, first := false, 0
	for token := ""; ; {
		page, err := r.fetch(token)
		if err != nil {
			return false, err
		}
		if token == "" {
			first, total = page.Total, page.Total
		}
		shrunk, total = shrunk || page.Total < total, page.Total
		barren++
		for _, item := range page.Items {
			id := r.id(item)
			last := r.met[id]
			if id != "" {
				if last == r.number {
					continue
				}
				r.met[id] = r.number
			}
			count, barren = count+1, 0
			if last != 0 {
				continue
			}
			if given++; !give(item) {
				return false, nil
			}
		}
		switch {
		case page.Next == "":
			// A total that counts otherwise is believed no longer once another reading brings nothing new.
			isShort := count < first && (r.number == 1 || given > 0)
			return len(r.met) > 0 && (shrunk || isShort), nil
		case page.Next == remembered:
			return false, ErrRepeated
		case barren > maxBarrenPages:
			return false, ErrBarren
		}
		if age++; age == lifetime {
			remembered, age, lifetime = page.Next, 0, 2*lifetime
		}
		token = page.Next
	}
}
