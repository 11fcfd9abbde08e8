package retry_test

import (
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/retry"
)

// list is a list of names in pages of ten, with the number of the next page as its token.
type list struct {
	names   []string
	counts  bool // says how many there are
	fetched []string
	fail    map[string]error
	next    func(page int) string // overrides the token that follows a page
	// meanwhile changes the list before a page is given: the first, the second and so on of all that are fetched.
	meanwhile map[int]func(*list)
}

func newList(size int) *list {
	l := &list{counts: true}
	for i := range size {
		l.names = append(l.names, fmt.Sprint("item ", i))
	}
	return l
}

func (l *list) fetch(token string) (page retry.Page[string], err error) {
	l.fetched = append(l.fetched, token)
	if change := l.meanwhile[len(l.fetched)]; change != nil {
		change(l)
	}
	if err := l.fail[token]; err != nil {
		return retry.Page[string]{Items: []string{"ignored"}, Next: "ignored"}, err
	}
	number := 0
	if token != "" {
		if number, err = strconv.Atoi(token); err != nil {
			return page, err
		}
	}
	page.Items = l.names[min(len(l.names), number*10):min(len(l.names), number*10+10)]
	if number*10+10 < len(l.names) {
		page.Next = strconv.Itoa(number + 1)
	}
	if l.next != nil {
		page.Next = l.next(number)
	}
	if l.counts {
		page.Total = len(l.names)
	}
	return page, nil
}

func self(name string) string { return name }

// read reads a list to its end and returns every error that it meets.
func read(id func(string) string, fetch func(string) (retry.Page[string], error)) (items []string, errs []error) {
	for item, err := range retry.Pages(id, fetch) {
		if err != nil {
			errs = append(errs, err)
			continue
		}
		items = append(items, item)
	}
	return items, errs
}

func TestPagesReadsToTheEnd(t *testing.T) {
	t.Parallel()
	for size, pages := range map[int]int{0: 1, 1: 1, 9: 1, 10: 1, 11: 2, 20: 2, 21: 3, 95: 10} {
		for _, counts := range []bool{true, false} {
			l := newList(size)
			l.counts = counts
			items, errs := read(self, l.fetch)
			if len(errs) > 0 || !slices.Equal(items, l.names) {
				t.Errorf("%d items: got %v, %v", size, items, errs)
			}
			if len(l.fetched) != pages {
				t.Errorf("%d items: fetched %q, want %d pages", size, l.fetched, pages)
			}
		}
	}
}

func TestPagesEndsWithAnError(t *testing.T) {
	t.Parallel()
	l := newList(95)
	l.fail = map[string]error{"2": errors.New("no page")}
	items, errs := read(self, l.fetch)
	if len(items) != 20 || len(errs) != 1 || !errors.Is(errs[0], l.fail["2"]) {
		t.Errorf("got %d items and %v, want those of two pages and one error", len(items), errs)
	}
	if len(l.fetched) != 3 {
		t.Errorf("fetched %q after an error", l.fetched)
	}
}

func TestPagesRefusesACircle(t *testing.T) {
	t.Parallel()
	for name, next := range map[string]func(int) string{
		"the same page again":  func(int) string { return "1" },
		"two pages in turns":   func(page int) string { return strconv.Itoa(page%2 + 1) },
		"back to an early one": func(page int) string { return strconv.Itoa(page%5 + 1) },
	} {
		l := newList(95)
		l.next = next
		items, errs := read(self, l.fetch)
		if len(errs) != 1 || !errors.Is(errs[0], retry.ErrRepeated) {
			t.Errorf("%s: %v, want ErrRepeated", name, errs)
		}
		if len(l.fetched) > 15 { // three times round the biggest
			t.Errorf("%s: fetched %q", name, l.fetched)
		}
		if slices.Sort(items); len(slices.Compact(items)) != len(items) {
			t.Errorf("%s: gave items twice: %q", name, items)
		}
	}
}

// Tokens that are always new are no progress, neither with empty pages nor with the same items.
func TestPagesRefusesPagesThatBringNothing(t *testing.T) {
	t.Parallel()
	for name, items := range map[string][]string{"empty": nil, "the same": {"a", "b"}} {
		fetched := 0
		got, errs := read(self, func(string) (retry.Page[string], error) {
			fetched++
			return retry.Page[string]{Items: items, Next: strconv.Itoa(fetched)}, nil
		})
		if len(errs) != 1 || !errors.Is(errs[0], retry.ErrBarren) || fetched > 102 {
			t.Errorf("%s: %v after %d pages", name, errs, fetched)
		}
		if !slices.Equal(got, items) {
			t.Errorf("%s: got %q", name, got)
		}
	}
	// A hundred pages in a row may bring nothing.
	fetched := 0
	items, errs := read(self, func(string) (retry.Page[string], error) {
		switch fetched++; fetched {
		case 1, 102:
			return retry.Page[string]{Items: []string{strconv.Itoa(fetched)}, Next: strconv.Itoa(fetched)}, nil
		case 203:
			return retry.Page[string]{Items: []string{"last"}}, nil
		}
		return retry.Page[string]{Next: strconv.Itoa(fetched)}, nil
	})
	if len(errs) > 0 || !slices.Equal(items, []string{"1", "102", "last"}) {
		t.Errorf("with two times a hundred empty pages: %q, %v", items, errs)
	}
}

// Whatever happens to the list meanwhile, no item is given twice, and those that stay are given.
func TestPagesOfAListThatShifts(t *testing.T) {
	t.Parallel()
	drop := func(at int) func(*list) {
		return func(l *list) { l.names = slices.Delete(slices.Clone(l.names), at, at+1) }
	}
	insert := func(l *list) { l.names = slices.Insert(slices.Clone(l.names), 0, fmt.Sprint("new ", len(l.fetched))) }
	for name, test := range map[string]struct {
		meanwhile map[int]func(*list)
		pages     int
		err       error
	}{
		"one comes":                    {map[int]func(*list){2: insert}, 3, nil},
		"one comes on every page":      {map[int]func(*list){1: insert, 2: insert, 3: insert}, 4, nil},
		"one goes from an early page":  {map[int]func(*list){2: drop(3)}, 6, nil},
		"one goes before the last":     {map[int]func(*list){3: drop(3)}, 6, nil},
		"one goes in each of two":      {map[int]func(*list){2: drop(3), 5: drop(4)}, 9, nil},
		"one goes each time":           {map[int]func(*list){2: drop(3), 5: drop(4), 8: drop(5)}, 9, retry.ErrShifting},
		"one comes and two go":         {map[int]func(*list){2: func(l *list) { insert(l); drop(3)(l); drop(4)(l) }}, 6, nil},
		"one goes, then one comes":     {map[int]func(*list){2: drop(3), 3: insert}, 6, nil},
		"one goes before it was begun": {map[int]func(*list){1: drop(3)}, 3, nil},
	} {
		l := newList(28)
		l.meanwhile = test.meanwhile
		items, errs := read(self, l.fetch)
		if test.err == nil && len(errs) > 0 || test.err != nil && (len(errs) != 1 || !errors.Is(errs[0], test.err)) {
			t.Errorf("%s: %v, want %v", name, errs, test.err)
		}
		if len(l.fetched) != test.pages {
			t.Errorf("%s: fetched %q, want %d pages", name, l.fetched, test.pages)
		}
		sorted := slices.Sorted(slices.Values(items))
		if len(slices.Compact(sorted)) != len(items) {
			t.Errorf("%s: gave items twice: %q", name, items)
		}
		for _, stays := range l.names {
			if test.err == nil && strings.HasPrefix(stays, "item") && !slices.Contains(items, stays) {
				t.Errorf("%s: %s was dropped", name, stays)
			}
		}
	}
}

// A total that counts something else costs a second reading, and is no error.
func TestPagesDoubtsTheTotal(t *testing.T) {
	t.Parallel()
	for _, total := range []int{1, 1000} {
		l := newList(28)
		items, errs := read(self, func(token string) (retry.Page[string], error) {
			page, err := l.fetch(token)
			page.Total = total
			return page, err
		})
		if len(errs) > 0 || !slices.Equal(items, l.names) {
			t.Errorf("a total of %d: %q, %v", total, items, errs)
		}
		if want := map[int]int{1: 3, 1000: 6}[total]; len(l.fetched) != want {
			t.Errorf("a total of %d: fetched %q", total, l.fetched)
		}
	}
}

// Items without an id cannot be told apart, so all are given.
func TestPagesWithoutIDs(t *testing.T) {
	t.Parallel()
	l := newList(15)
	l.meanwhile = map[int]func(*list){2: func(l *list) { l.names = append([]string{"new"}, l.names...) }}
	items, errs := read(func(string) string { return "" }, func(token string) (retry.Page[string], error) {
		page, err := l.fetch(token)
		page.Total = 1000
		return page, err
	})
	if len(errs) > 0 || len(items) != 16 || items[10] != "item 9" || len(l.fetched) != 2 {
		t.Errorf("got %q, %v of pages %q", items, errs, l.fetched)
	}
}

// Reading a long list holds no more of it than reading a short one but the ids: what is read is the reader's to keep.
//
//nolint:paralleltest // It measures the heap, so nothing may run beside it.
func TestPagesHoldsOnePage(t *testing.T) {
	const pageSize, tolerance = 30, 128 << 10
	held := map[int]uint64{}
	for _, pages := range []int{10, 10_000} {
		fetched, given := 0, 0
		fetch := func(string) (retry.Page[[]byte], error) {
			items := make([][]byte, pageSize)
			for i := range items {
				items[i] = make([]byte, 100)
			}
			if fetched++; fetched == pages {
				return retry.Page[[]byte]{Items: items}, nil
			}
			return retry.Page[[]byte]{Items: items, Next: strings.Repeat("token", 10) + strconv.Itoa(fetched)}, nil
		}
		before := heap()
		for _, err := range retry.Pages(func([]byte) string { return "" }, fetch) {
			if err != nil {
				t.Fatal(err)
			}
			if given++; given == pages*pageSize {
				held[pages] = max(heap(), before) - before
			}
		}
		if given != pages*pageSize {
			t.Errorf("%d items are read, and should be %d", given, pages*pageSize)
		}
	}
	t.Logf("held at the end: %d B of 10 pages, %d B of 10,000", held[10], held[10_000])
	if held[10_000] > held[10]+tolerance {
		t.Errorf("10,000 pages hold %d B, and 10 only %d B", held[10_000], held[10])
	}
}

// heap is how many bytes are in use.
func heap() uint64 {
	runtime.GC()
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return stats.HeapAlloc
}

// An empty page in the middle is not the end: only an empty token is.
func TestPagesGoesOnAfterAnEmptyPage(t *testing.T) {
	t.Parallel()
	fetched := 0
	items, errs := read(self, func(string) (retry.Page[string], error) {
		fetched++
		return retry.Page[string]{Items: [][]string{{"1"}, {}, {"2"}}[fetched-1], Next: []string{"a", "b", ""}[fetched-1]}, nil
	})
	if len(errs) > 0 || !slices.Equal(items, []string{"1", "2"}) {
		t.Errorf("got %q, %v", items, errs)
	}
}

func TestPagesStopsFetchingWhenNobodyReads(t *testing.T) {
	t.Parallel()
	l := newList(95)
	given := 0
	for range retry.Pages(self, l.fetch) {
		if given++; given == 10 {
			break
		}
	}
	if !slices.Equal(l.fetched, []string{""}) {
		t.Errorf("fetched %q for the items of one page", l.fetched)
	}
}
