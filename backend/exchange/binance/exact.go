package binance

import (
	"encoding/json"
	"fmt"
	"reflect"
)

// exactly reads a JSON object into a struct by names that agree in case too: the events of Binance have keys that differ
// in nothing else ("c" and "C", "l" and "L"), which the standard reading takes for one.
func exactly(data []byte, into any) error {
	var parts map[string]json.RawMessage
	if err := json.Unmarshal(data, &parts); err != nil {
		return err
	}
	v := reflect.ValueOf(into).Elem()
	for i := range v.NumField() {
		name := v.Type().Field(i).Tag.Get("json")
		raw, ok := parts[name]
		if !ok {
			continue
		}
		if err := json.Unmarshal(raw, v.Field(i).Addr().Interface()); err != nil {
			return fmt.Errorf("read %q: %w", name, err)
		}
	}
	return nil
}
