package acctest

import (
	"fmt"
	"strings"
	"unicode"
)

// HCL is a text as a configuration writes it, quotes included.
func HCL(text string) string {
	var quoted strings.Builder
	quoted.WriteByte('"')
	runes := []rune(text)
	for i, r := range runes {
		switch {
		case r == '\n':
			quoted.WriteString(`\n`)
		case r == '\r':
			quoted.WriteString(`\r`)
		case r == '\t':
			quoted.WriteString(`\t`)
		case r == '"' || r == '\\':
			quoted.WriteRune('\\')
			quoted.WriteRune(r)
		case (r == '$' || r == '%') && i+1 < len(runes) && runes[i+1] == '{':
			quoted.WriteRune(r) // Doubled, it begins no template.
			quoted.WriteRune(r)
		case unicode.IsGraphic(r):
			quoted.WriteRune(r)
		case r > 0xffff:
			fmt.Fprintf(&quoted, `\U%08x`, r)
		default:
			fmt.Fprintf(&quoted, `\u%04x`, r)
		}
	}
	quoted.WriteByte('"')
	return quoted.String()
}
