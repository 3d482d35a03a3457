package node

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"reflect"
	"strconv"
	"strings"

	"github.com/pelletier/go-toml/v2"

	"hoox/backend/trading"
)

// readFile reads the file over what is there; one that nobody asked for need not exist.
func (c *Config) readFile(file string, asked bool) error {
	data, err := os.ReadFile(file)
	if errors.Is(err, os.ErrNotExist) && !asked {
		return nil
	}
	if err != nil {
		return trading.Errorf(trading.Invalid, "read the configuration: %v", err)
	}
	c.File = file
	d := toml.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	err = d.Decode(c)
	var strict *toml.StrictMissingError
	if errors.As(err, &strict) && len(strict.Errors) > 0 {
		row, column := strict.Errors[0].Position()
		return trading.Errorf(trading.Invalid, "%s:%d:%d: there is no key %s", file, row, column, strings.Join(strict.Errors[0].Key(), "."))
	}
	var bad *toml.DecodeError
	if errors.As(err, &bad) {
		row, column := bad.Position()
		return trading.Errorf(trading.Invalid, "%s:%d:%d: %s", file, row, column, inWords(bad))
	}
	return err
}

// inWords is what is wrong in words of the file; the library's tell a wrong type by the names of our structs.
func inWords(bad *toml.DecodeError) string {
	if !strings.Contains(bad.Error(), "cannot decode TOML") {
		return strings.TrimPrefix(bad.Error(), "toml: ")
	}
	want, at := "a table", reflect.TypeFor[Config]()
	for _, part := range bad.Key() {
		for i := range at.NumField() {
			if f := at.Field(i); f.Tag.Get("toml") == part {
				at = f.Type
				break
			}
		}
		switch at.Kind() {
		case reflect.Struct:
			continue
		case reflect.Slice:
			want = "a list of texts"
		case reflect.Int64:
			want = "a whole number"
		default:
			want = "a text in quotes"
		}
		break
	}
	return strings.Join(bad.Key(), ".") + " must be " + want
}

// applyEnv gives every key its environment twin: [gateway] listen is HOOX_GATEWAY_LISTEN.
func applyEnv(v reflect.Value, prefix string, env func(string) string) error {
	for i := range v.NumField() {
		tag := v.Type().Field(i).Tag.Get("toml")
		if tag == "-" || tag == "" {
			continue
		}
		name, field := prefix+"_"+strings.ToUpper(tag), v.Field(i)
		if field.Kind() == reflect.Struct {
			if err := applyEnv(field, name, env); err != nil {
				return err
			}
			continue
		}
		text := env(name)
		if text == "" {
			continue
		}
		if field.Kind() == reflect.Int64 {
			n, err := strconv.ParseInt(text, 10, 64)
			if err != nil {
				return trading.Errorf(trading.Invalid, "%s: %q is no whole number", name, text)
			}
			field.SetInt(n)
			continue
		}
		if field.Kind() == reflect.Slice {
			var list []string
			if err := json.Unmarshal([]byte(text), &list); err != nil {
				return trading.Errorf(trading.Invalid, "%s: %q is no list of texts such as [\"program\", \"argument\"]", name, text)
			}
			field.Set(reflect.ValueOf(list))
			continue
		}
		field.SetString(text)
	}
	return nil
}
