package tf

import (
	"strings"

	"github.com/agext/levenshtein"
)

// maxTypos is how many typing errors are likely. Ids of one kind share most of their characters, so more would find one
// for any.
const maxTypos = 3

// Nearest returns the candidate that a mistyped name most likely means, empty if none is close.
func Nearest(name string, candidates []string) string {
	best, bestDistance := "", min(len([]rune(name))/3, maxTypos)+1
	for _, candidate := range candidates {
		if distance := levenshtein.Distance(strings.ToLower(name), strings.ToLower(candidate), nil); distance < bestDistance {
			best, bestDistance = candidate, distance
		}
	}
	return best
}

// DidYouMean proposes the nearest candidate as a sentence after a space; empty if none is close.
func DidYouMean(name string, candidates []string) string {
	if nearest := Nearest(name, candidates); nearest != "" {
		return " Did you mean " + Quote(nearest) + "?"
	}
	return ""
}
