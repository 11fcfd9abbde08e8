package scalekit_test

import (
	"context"
	"errors"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/scalekit"
)

// pager is a list of numbers in pages of ten.
type pager struct {
	size    int
	fetched []string
	failAt  string
	next    func(page int) string // overrides the token that follows a page
}

var errPage = errors.New("no page")

func (p *pager) fetch(_ context.Context, token string) (items []int, next string, err error) {
	p.fetched = append(p.fetched, token)
	if p.failAt != "" && token == p.failAt {
		return []int{-1}, "ignored", errPage
	}
	page := 0
	if token != "" {
		if page, err = strconv.Atoi(token); err != nil {
			return nil, "", err
		}
	}
	for i := page * 10; i < min(p.size, page*10+10); i++ {
		items = append(items, i)
	}
	if page*10+10 < p.size {
		next = strconv.Itoa(page + 1)
	}
	if p.next != nil {
		next = p.next(page)
	}
	return items, next, nil
}

// collect reads a list to its end and returns every error that it meets.
func collect(t *testing.T, p *pager) (items []int, errs []error) {
	t.Helper()
	for item, err := range scalekit.Pages(t.Context(), p.fetch) {
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
		p := &pager{size: size}
		items, errs := collect(t, p)
		if len(errs) > 0 || len(items) != size || !slices.IsSorted(items) {
			t.Errorf("%d items: got %v, %v", size, items, errs)
		}
		if len(p.fetched) != pages {
			t.Errorf("%d items: fetched %q, want %d pages", size, p.fetched, pages)
		}
	}
}

func TestPagesEndsWithAnError(t *testing.T) {
	t.Parallel()
	p := &pager{size: 95, failAt: "2"}
	items, errs := collect(t, p)
	if len(items) != 20 || len(errs) != 1 || !errors.Is(errs[0], errPage) {
		t.Errorf("got %d items and %v, want those of two pages and one error", len(items), errs)
	}
	if len(p.fetched) != 3 {
		t.Errorf("fetched %q after an error", p.fetched)
	}
}

func TestPagesRefusesACircle(t *testing.T) {
	t.Parallel()
	for name, next := range map[string]func(int) string{
		"the same page again":  func(int) string { return "1" },
		"two pages in turns":   func(page int) string { return strconv.Itoa(page%2 + 1) },
		"back to an early one": func(page int) string { return strconv.Itoa(page%5 + 1) },
	} {
		p := &pager{size: 95, next: next}
		_, errs := collect(t, p)
		if len(errs) != 1 || !errors.Is(errs[0], scalekit.ErrPaging) {
			t.Errorf("%s: %v, want ErrPaging", name, errs)
		}
		if len(p.fetched) > 15 { // three times round the biggest
			t.Errorf("%s: fetched %q", name, p.fetched)
		}
	}
}

// Reading a long list holds no more than reading a short one: what is read is the reader's to keep.
//
//nolint:paralleltest // It measures the heap, so nothing may run beside it.
func TestPagesHoldsOnePage(t *testing.T) {
	const pageSize, tolerance = 30, 128 << 10
	held := map[int]uint64{}
	for _, pages := range []int{10, 10_000} {
		fetched, read := 0, 0
		fetch := func(context.Context, string) ([][]byte, string, error) {
			items := make([][]byte, pageSize)
			for i := range items {
				items[i] = make([]byte, 100)
			}
			if fetched++; fetched == pages {
				return items, "", nil
			}
			return items, strings.Repeat("token", 10) + strconv.Itoa(fetched), nil
		}
		before := heap()
		for _, err := range scalekit.Pages(t.Context(), fetch) {
			if err != nil {
				t.Fatal(err)
			}
			if read++; read == pages*pageSize {
				held[pages] = max(heap(), before) - before
			}
		}
		if read != pages*pageSize {
			t.Errorf("%d items are read, and should be %d", read, pages*pageSize)
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
	fetch := func(context.Context, string) ([]int, string, error) {
		fetched++
		return [][]int{{1}, {}, {2}}[fetched-1], []string{"a", "b", ""}[fetched-1], nil
	}
	var items []int
	for item, err := range scalekit.Pages(t.Context(), fetch) {
		if err != nil {
			t.Fatal(err)
		}
		items = append(items, item)
	}
	if !slices.Equal(items, []int{1, 2}) {
		t.Errorf("got %v", items)
	}
}

func TestPagesStopsFetchingWhenNobodyReads(t *testing.T) {
	t.Parallel()
	p := &pager{size: 95}
	read := 0
	for range scalekit.Pages(t.Context(), p.fetch) {
		if read++; read == 10 {
			break
		}
	}
	if !slices.Equal(p.fetched, []string{""}) {
		t.Errorf("fetched %q for the items of one page", p.fetched)
	}
}
