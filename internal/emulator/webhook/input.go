package webhook

import (
	"encoding/json"
	"strconv"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/emulator/web"
)

// svixInput is a request's body that is being read. What is wrong with it adds up. Fields that nobody asks for are
// ignored, as the published server ignores them [S].
type svixInput struct {
	fields   map[string]json.RawMessage
	problems []svixProblem
}

func newSvixInput(body []byte) *svixInput {
	in := &svixInput{}
	if err := json.Unmarshal(body, &in.fields); err != nil || in.fields == nil {
		in.fields = map[string]json.RawMessage{}
		in.problems = append(in.problems, svixProblem{
			Location: []string{"body"}, Message: "expected a JSON object", Type: jsonProblem,
		})
	}
	return in
}

func (in *svixInput) problem(kind, message string, path ...string) {
	in.problems = append(in.problems, svixProblem{
		Location: append([]string{"body"}, path...), Message: message, Type: kind,
	})
}

// missing notes that a field which must be sent is not, unless something else is wrong with it.
func (in *svixInput) missing(name string) {
	if _, there := in.fields[name]; !there {
		in.problem(jsonProblem, "missing field `"+name+"`", name)
	}
}

func (in *svixInput) err() error {
	if len(in.problems) == 0 {
		return nil
	}
	return svixInvalid(in.problems...)
}

// field reads a field. sent is whether it is there with a value of its type; nil is null, where that is allowed.
func field[T any](in *svixInput, name, expected string, nullable bool) (value *T, sent bool) {
	raw, ok := in.fields[name]
	if !ok {
		return nil, false
	}
	if string(raw) == "null" {
		if !nullable {
			in.problem(jsonProblem, "invalid type: null, expected "+expected, name)
		}
		return nil, nullable
	}
	value = new(T)
	if err := json.Unmarshal(raw, value); err != nil {
		in.problem(jsonProblem, "invalid type, expected "+expected, name)
		return nil, false
	}
	return value, true
}

// limit reads the query's limit of a list.
func (c *svixCall) limit() (int, error) {
	const usual, most = 50, 250
	text := c.query.Get("limit")
	if text == "" {
		return usual, nil
	}
	limit, err := strconv.Atoi(text)
	switch {
	case err != nil || limit < 1:
		return 0, svixInvalid(svixProblem{[]string{"query", "limit"}, "Given limit must be a positive number", valueProblem})
	case limit > most:
		return 0, svixInvalid(svixProblem{[]string{"query", "limit"}, "Given limit must not exceed 250", valueProblem})
	}
	return limit, nil
}

// svixList is one page of a list.
type svixList[T any] struct {
	Data         []T     `json:"data"`
	Done         bool    `json:"done"`
	Iterator     *string `json:"iterator"`
	PrevIterator *string `json:"prevIterator"`
}

// svixPage cuts a page out of all items in their order. id names an item in iterators; precedes is whether the item of
// the first id comes before that of the second, whether these items still exist or not. An iterator with a minus sign
// goes backwards. A page that is not empty always has both iterators: only done says that it is the last.
func svixPage[T any](
	call *svixCall, items []T, id func(T) string, precedes func(a, b string) bool,
) (*svixList[T], error) {
	limit, err := call.limit()
	if err != nil {
		return nil, err
	}
	from, to := 0, min(limit, len(items))
	out := &svixList[T]{Done: len(items) <= limit}
	if iterator := call.query.Get("iterator"); iterator != "" {
		position, backwards := iterator, iterator[0] == '-'
		if backwards {
			position = iterator[1:]
		}
		before, upTo := 0, 0 // how many items come before the position, and how many up to and with it
		for _, item := range items {
			if precedes(id(item), position) {
				before++
			}
			if !precedes(position, id(item)) {
				upTo++
			}
		}
		from, to = upTo, min(upTo+limit, len(items))
		out.Done = len(items)-upTo <= limit
		if backwards {
			from, to = max(before-limit, 0), before
			out.Done = before <= limit
		}
	}
	out.Data = web.NonNil(items[from:to])
	if len(out.Data) > 0 {
		out.Iterator, out.PrevIterator = new(id(items[to-1])), new("-"+id(items[from]))
	}
	return out, nil
}
