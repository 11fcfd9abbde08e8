package tf_test

import (
	"strings"
	"testing"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/provider/tf"
)

func TestText(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"":                                    "",
		`plain "text" C:\new Zoë 👍🏽`:          `plain "text" C:\new Zoë 👍🏽`,
		"one\ntwo\r\n\tthree":                 `one\ntwo\r\n\tthree`,
		"red\x1b[31m \a\x7f":                  `red\x1b[31m \a\x7f`,
		"a\u202eb\u200bc\u2028d\xffe":         `a\u202eb\u200bc\u2028d\xffe`,
		"::error::no ##[group] ##vso[task.x]": ": :error: :no # #[group] # #vso[task.x]",
	} {
		if got := tf.Text(text); got != want {
			t.Errorf("Text(%q) is %s, and should be %s", text, got, want)
		}
	}
	if got := tf.Quote("say \"hi\"\n"); got != `"say \"hi\"\n"` {
		t.Errorf("Quote gives %s", got)
	}
	if got := tf.Text(strings.Repeat("é", 5_000_000)); got != strings.Repeat("é", 1000)+"… (4999000 more characters)" {
		t.Errorf("a long text is not cut: %d bytes", len(got))
	}
	if got := tf.Quote(strings.Repeat("x", 257)); got != `"`+strings.Repeat("x", 256)+`"… (1 more characters)` {
		t.Errorf("a long name is not cut: %s", got)
	}
	if got := tf.QuoteAll([]string{"a", "b\n"}); got != `"a" and "b\n"` {
		t.Errorf("QuoteAll gives %s", got)
	}
}
