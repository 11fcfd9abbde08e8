package tf

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

const (
	// longestText is how many characters of a text a message shows, and longestName of a name.
	longestText = 1000
	longestName = 256
)

// commands breaks what a CI system takes for a command at the beginning of a line. Terraform breaks lines anywhere.
var commands = strings.NewReplacer("::", ": :", "##[", "# #[", "##vso[", "# #vso[")

// Text prepares a text of the platform, or one that somebody has given to it, for a message: on one line, with escapes in
// place of what a terminal would act on, and cut to 1,000 characters. It may be anything: the customer's identity provider
// chooses the names of groups and users.
func Text(text string) string {
	cut := cut(text, longestText)
	escaped := strconv.QuoteToGraphic(cut)
	escaped = strings.ReplaceAll(escaped[1:len(escaped)-1], `\"`, `"`)
	return commands.Replace(strings.ReplaceAll(escaped, `\\`, `\`)) + rest(text, cut)
}

// Quote is a name of the platform in quotes, prepared like Text and cut to 256 characters.
func Quote(name string) string {
	cut := cut(name, longestName)
	return commands.Replace(strconv.QuoteToGraphic(cut)) + rest(name, cut)
}

// QuoteAll enumerates names, each as Quote has it.
func QuoteAll(names []string) string {
	quoted := make([]string, 0, len(names))
	for _, name := range names {
		quoted = append(quoted, Quote(name))
	}
	return Enumerate(quoted)
}

func cut(text string, characters int) string {
	for i := range text {
		if characters == 0 {
			return text[:i]
		}
		characters--
	}
	return text
}

// rest says how much of a text is left out.
func rest(text, shown string) string {
	if left := utf8.RuneCountInString(text) - utf8.RuneCountInString(shown); left > 0 {
		return fmt.Sprintf("… (%d more characters)", left)
	}
	return ""
}
