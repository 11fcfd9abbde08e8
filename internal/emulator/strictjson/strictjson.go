// Package strictjson reads JSON that people write, and says where in it something is wrong.
package strictjson

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"
	"strings"
	"time"
)

// Decode decodes one JSON value into target. A field that the target does not have, a field that is there twice
// and a value of the wrong kind are errors that name their path, for example "organizations[0].metadata.plan".
// time.Duration is a Go duration string such as "1.5s".
func Decode(content []byte, target any) error {
	decoder := json.NewDecoder(bytes.NewReader(content))
	var raw json.RawMessage
	if err := decoder.Decode(&raw); err != nil {
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			return errors.New("not JSON: it ends too early")
		}
		return fmt.Errorf("not JSON: %w", err)
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return errors.New("there is something after the JSON value")
	}
	return decodeValue("", raw, reflect.ValueOf(target).Elem())
}

var (
	durationType = reflect.TypeFor[time.Duration]()
	rawType      = reflect.TypeFor[json.RawMessage]()
)

func decodeValue(path string, raw json.RawMessage, target reflect.Value) error {
	if target.Type() == rawType {
		target.SetBytes(bytes.Clone(raw))
		return nil
	}
	if string(raw) == "null" {
		return nil // As if it were left out.
	}
	switch target.Kind() {
	case reflect.Pointer:
		target.Set(reflect.New(target.Type().Elem()))
		return decodeValue(path, raw, target.Elem())
	case reflect.Struct:
		return decodeStruct(path, raw, target)
	case reflect.Slice:
		return decodeSlice(path, raw, target)
	case reflect.Map:
		return decodeMap(path, raw, target)
	}
	if target.Type() == durationType {
		return decodeDuration(path, raw, target)
	}
	if err := json.Unmarshal(raw, target.Addr().Interface()); err != nil {
		return at(path, "%s is not %s", raw, kindName(target.Kind()))
	}
	return nil
}

func decodeStruct(path string, raw json.RawMessage, target reflect.Value) error {
	fields := map[string]int{}
	for i := range target.NumField() {
		name, _, _ := strings.Cut(target.Type().Field(i).Tag.Get("json"), ",")
		fields[name] = i
	}
	return eachField(path, raw, func(name, path string, raw json.RawMessage) error {
		field, ok := fields[name]
		if !ok {
			return at(path, "unknown field")
		}
		return decodeValue(path, raw, target.Field(field))
	})
}

func decodeMap(path string, raw json.RawMessage, target reflect.Value) error {
	target.Set(reflect.MakeMap(target.Type()))
	return eachField(path, raw, func(name, path string, raw json.RawMessage) error {
		value := reflect.New(target.Type().Elem()).Elem()
		if err := decodeValue(path, raw, value); err != nil {
			return err
		}
		target.SetMapIndex(reflect.ValueOf(name), value)
		return nil
	})
}

func decodeSlice(path string, raw json.RawMessage, target reflect.Value) error {
	var items []json.RawMessage
	if err := json.Unmarshal(raw, &items); err != nil {
		return at(path, "not an array")
	}
	target.Set(reflect.MakeSlice(target.Type(), len(items), len(items)))
	for i, item := range items {
		if err := decodeValue(fmt.Sprintf("%s[%d]", path, i), item, target.Index(i)); err != nil {
			return err
		}
	}
	return nil
}

func decodeDuration(path string, raw json.RawMessage, target reflect.Value) error {
	var text string
	if err := json.Unmarshal(raw, &text); err != nil {
		return at(path, `%s is not a duration string such as "1.5s"`, raw)
	}
	duration, err := time.ParseDuration(text)
	if err != nil {
		return at(path, `%q is not a duration such as "1.5s"`, text)
	}
	target.SetInt(int64(duration))
	return nil
}

// eachField calls visit for the fields of an object, in their order.
func eachField(path string, raw json.RawMessage, visit func(name, path string, raw json.RawMessage) error) error {
	decoder := json.NewDecoder(bytes.NewReader(raw))
	if token, err := decoder.Token(); err != nil || token != json.Delim('{') {
		return at(path, "not an object")
	}
	seen := map[string]bool{}
	for decoder.More() {
		token, err := decoder.Token()
		if err != nil {
			return at(path, "%v", err)
		}
		name := fmt.Sprint(token)
		fieldPath := strings.TrimPrefix(path+"."+name, ".")
		if seen[name] {
			return at(fieldPath, "there twice")
		}
		seen[name] = true
		var value json.RawMessage
		if err := decoder.Decode(&value); err != nil {
			return at(fieldPath, "%v", err)
		}
		if err := visit(name, fieldPath, value); err != nil {
			return err
		}
	}
	return nil
}

func at(path, format string, args ...any) error {
	text := fmt.Sprintf(format, args...)
	if path == "" {
		return errors.New(text)
	}
	return errors.New(path + ": " + text)
}

func kindName(kind reflect.Kind) string {
	switch kind {
	case reflect.String:
		return "a string"
	case reflect.Bool:
		return "true or false"
	default:
		return "a number that fits (" + kind.String() + ")"
	}
}
