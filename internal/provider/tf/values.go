package tf

import (
	"encoding/json"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"google.golang.org/protobuf/types/known/timestamppb"
)

// OptionalString is the state of a string that the API may leave out. The API's empty string means the same.
func OptionalString(value string) types.String {
	if value == "" {
		return types.StringNull()
	}
	return types.StringValue(value)
}

// Timestamp is the state of a time: RFC 3339 in UTC, null if the API gives none.
func Timestamp(value *timestamppb.Timestamp) types.String {
	if value == nil {
		return types.StringNull()
	}
	return types.StringValue(value.AsTime().Format(time.RFC3339Nano))
}

// StringMap is the state of a map, which on the wire cannot be told from an absent one when it is empty: then it is
// what it was before, an empty map or null.
func StringMap(values map[string]string, before types.Map) types.Map {
	if len(values) == 0 {
		if !before.IsNull() && !before.IsUnknown() && len(before.Elements()) == 0 {
			return before
		}
		return types.MapNull(types.StringType)
	}
	elements := make(map[string]attr.Value, len(values))
	for key, value := range values {
		elements[key] = types.StringValue(value)
	}
	return types.MapValueMust(types.StringType, elements)
}

// Strings returns a map's values for the API.
func Strings(value types.Map) map[string]string {
	values := make(map[string]string, len(value.Elements()))
	for key, element := range value.Elements() {
		if text, ok := element.(types.String); ok {
			values[key] = text.ValueString()
		}
	}
	return values
}

// StableJSON is JSON whose spaces and order do not change from one reading to the next, as protojson's do on purpose.
func StableJSON(encoded []byte, err error) (string, error) {
	if err != nil {
		return "", err
	}
	var value any
	if err := json.Unmarshal(encoded, &value); err != nil {
		return "", err
	}
	stable, err := json.Marshal(value)
	return string(stable), err
}
