package tf

import "strings"

// maxTypos is how many typing errors are likely. Ids of one kind share most of their characters, so more would find one
// for any.
const maxTypos = 3

// Nearest returns the candidate that a mistyped name most likely means, empty if none is close.
func Nearest(name string, candidates []string) string {
	best, bestDistance := "", min(len([]rune(name))/2, maxTypos)+1
	for _, candidate := range candidates {
		if distance := editDistance(strings.ToLower(name), strings.ToLower(candidate)); distance < bestDistance {
			best, bestDistance = candidate, distance
		}
	}
	return best
}

// DidYouMean proposes the nearest candidate as a sentence after a space; empty if none is close.
func DidYouMean(name string, candidates []string) string {
	if nearest := Nearest(name, candidates); nearest != "" {
		return " Did you mean \"" + nearest + "\"?"
	}
	return ""
}

// editDistance counts the insertions, deletions and substitutions that lead from one text to the other.
func editDistance(from, to string) int {
	source, target := []rune(from), []rune(to)
	row := make([]int, len(target)+1)
	for j := range row {
		row[j] = j
	}
	for i, wanted := range source {
		diagonal := row[0]
		row[0] = i + 1
		for j, got := range target {
			substituted := diagonal
			if wanted != got {
				substituted++
			}
			diagonal = row[j+1]
			row[j+1] = min(substituted, diagonal+1, row[j]+1)
		}
	}
	return row[len(target)]
}
