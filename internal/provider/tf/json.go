package tf

import (
	"context"
	"encoding/json"
	"reflect"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
)

// SameJSON keeps the state's spelling of a text that holds a JSON object or array, when the configuration spells the
// same value otherwise. Configuration that Terraform generates writes every such text with jsonencode, which has a
// spelling of its own.
func SameJSON() planmodifier.String { return sameJSON{} }

type sameJSON struct{}

func (sameJSON) Description(context.Context) string {
	return "JSON objects and arrays that mean the same are no change."
}

func (m sameJSON) MarkdownDescription(ctx context.Context) string { return m.Description(ctx) }

func (sameJSON) PlanModifyString(_ context.Context, req planmodifier.StringRequest, resp *planmodifier.StringResponse) {
	planned, ok := jsonValue(resp.PlanValue.ValueString())
	if !ok {
		return
	}
	if stored, ok := jsonValue(req.StateValue.ValueString()); ok && reflect.DeepEqual(planned, stored) {
		resp.PlanValue = req.StateValue
	}
}

// jsonValue decodes a text that is a JSON object or array. Numbers stay as they are written, since no difference may be
// lost.
func jsonValue(text string) (any, bool) {
	if trimmed := strings.TrimSpace(text); !strings.HasPrefix(trimmed, "{") && !strings.HasPrefix(trimmed, "[") {
		return nil, false
	}
	var value any
	decoder := json.NewDecoder(strings.NewReader(text))
	decoder.UseNumber()
	if decoder.Decode(&value) != nil || decoder.More() {
		return nil, false
	}
	return value, true
}
