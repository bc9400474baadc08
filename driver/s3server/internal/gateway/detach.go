package gateway

import (
	"reflect"
	"slices"
	"strings"
	"time"
)

// detach returns a copy of v whose strings, byte slices, maps and pointers are its
// own. Interfaces, such as the body of a request, are left as they are.
func detach[T any](v T) T {
	copied := reflect.ValueOf(&v).Elem()
	detachIn(copied)
	return v
}

var timeType = reflect.TypeFor[time.Time]()

// detachIn detaches what is in v, which can be set.
func detachIn(v reflect.Value) {
	switch v.Kind() {
	case reflect.String:
		v.SetString(strings.Clone(v.String()))
	case reflect.Pointer:
		if !v.IsNil() {
			elem := reflect.New(v.Type().Elem())
			elem.Elem().Set(v.Elem())
			detachIn(elem.Elem())
			v.Set(elem)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if f := v.Field(i); f.CanSet() && f.Type() != timeType {
				detachIn(f)
			}
		}
	case reflect.Slice:
		detachSlice(v)
	case reflect.Map:
		detachMap(v)
	}
}

func detachSlice(v reflect.Value) {
	if v.IsNil() {
		return
	}
	if v.Type().Elem().Kind() == reflect.Uint8 {
		v.SetBytes(slices.Clone(v.Bytes()))
		return
	}
	copied := reflect.MakeSlice(v.Type(), v.Len(), v.Len())
	reflect.Copy(copied, v)
	for i := range copied.Len() {
		detachIn(copied.Index(i))
	}
	v.Set(copied)
}

func detachMap(v reflect.Value) {
	if v.IsNil() {
		return
	}
	copied := reflect.MakeMapWithSize(v.Type(), v.Len())
	for it := v.MapRange(); it.Next(); {
		key, value := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
		key.Set(it.Key())
		value.Set(it.Value())
		detachIn(key)
		detachIn(value)
		copied.SetMapIndex(key, value)
	}
	v.Set(copied)
}
