package sqlite_test

import (
	"context"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"hoox/backend/trading"
)

// planted is a text that would do harm inside of a statement.
const planted = `x'; DROP TABLE orders; --" /*`

// hostileOf is a value of a type with the planted text wherever a text can be.
func hostileOf(t reflect.Type, depth int) reflect.Value {
	v := reflect.New(t).Elem()
	switch {
	case t == reflect.TypeFor[context.Context]():
		return reflect.ValueOf(context.Background())
	case t == reflect.TypeFor[time.Time]():
		return reflect.ValueOf(noon)
	case depth > 6:
		return v
	}
	switch t.Kind() {
	case reflect.String:
		v.SetString(planted)
	case reflect.Int, reflect.Int64, reflect.Int32:
		v.SetInt(1)
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Struct:
		for n := range t.NumField() {
			if f := v.Field(n); f.CanSet() {
				f.Set(hostileOf(t.Field(n).Type, depth+1))
			}
		}
	case reflect.Slice:
		if t.Elem().Kind() == reflect.Uint8 {
			v.SetBytes([]byte(planted))
			break
		}
		v.Set(reflect.Append(v, hostileOf(t.Elem(), depth+1)))
	case reflect.Map:
		v.Set(reflect.MakeMap(t))
		v.SetMapIndex(hostileOf(t.Key(), depth+1), hostileOf(t.Elem(), depth+1))
	case reflect.Pointer:
		v.Set(reflect.New(t.Elem()))
		v.Elem().Set(hostileOf(t.Elem(), depth+1))
	case reflect.Func:
		v.Set(reflect.MakeFunc(t, func([]reflect.Value) (out []reflect.Value) {
			for n := range t.NumOut() {
				out = append(out, reflect.Zero(t.Out(n)))
			}
			return out
		}))
	}
	return v
}

// Every method of the ledger is called with a hostile text in each place where there can be one.
func TestJ6_NoInputStandsInTheTextOfAStatement(t *testing.T) {
	h := newHouse(t)
	h.record(filled(h.admit("a", trading.Buy, "1"), "100", "0.05"))
	var mu sync.Mutex
	seen := map[string]bool{}
	h.Watch(func(query string) { mu.Lock(); seen[query] = true; mu.Unlock() })
	ledger := reflect.ValueOf(h.DB)
	called := 0
	for n := range ledger.NumMethod() {
		switch name := ledger.Type().Method(n).Name; name {
		// These end the ledger, take a path or a statement of a test.
		case "Close", "Backup", "Keep", "Watch", "Exec", "Number", "Plan", "SetMost", "Room", "Later", "Text":
			continue
		}
		method := ledger.Method(n)
		var in []reflect.Value
		for i := range method.Type().NumIn() {
			in = append(in, hostileOf(method.Type().In(i), 0))
		}
		func() {
			defer func() { _ = recover() }() // a value that nobody could make may be too much for a fake
			method.Call(in)
		}()
		called++
	}
	// Pages narrow by each field alone; one that is not known refuses the whole page.
	for n := range reflect.TypeFor[trading.Page]().NumField() {
		var p trading.Page
		reflect.ValueOf(&p).Elem().Field(n).Set(hostileOf(reflect.TypeFor[trading.Page]().Field(n).Type, 0))
		_, _, _ = h.Orders(context.Background(), p)
		_, _, _ = h.Fills(context.Background(), p)
		_, _, _ = h.Signals(context.Background(), p)
		_, _, _, _, _ = h.JobList(context.Background(), p)
	}
	if err := h.SetMeta(context.Background(), "end", "of what was deferred"); err != nil {
		t.Fatal(err)
	}
	o, err := h.Order(context.Background(), "hx1-sig-a-0")
	if err != nil || o.Status != trading.OrderFilled {
		t.Errorf("the order is %+v %v, want it as it was", o, err)
	}
	mu.Lock()
	defer mu.Unlock()
	for query := range seen {
		if strings.Contains(query, "DROP TABLE") || strings.Contains(query, "x'") {
			t.Errorf("the statement has what was typed: %s", query)
		}
	}
	if called < 80 || len(seen) < 100 {
		t.Errorf("%d methods and %d statements, want nearly all of them", called, len(seen))
	}
}
