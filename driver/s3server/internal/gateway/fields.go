package gateway

import (
	"reflect"
	"sync"
)

// copyFields sets those fields of the struct that to points to which from has, too,
// with the same name and type. The inputs and outputs of the protocol layer and of
// the SDK repeat the ten checksums and the headers of an object.
func copyFields(to, from any) {
	dst, src := reflect.ValueOf(to).Elem(), reflect.Indirect(reflect.ValueOf(from))
	for _, at := range commonFields(dst.Type(), src.Type()) {
		dst.Field(at.dst).Set(src.Field(at.src))
	}
}

type (
	structPair struct{ dst, src reflect.Type }
	fieldPair  struct{ dst, src int }
)

var fieldPairs sync.Map // []fieldPair by structPair

// commonFields returns the fields that two structs have with the same name and type.
func commonFields(dst, src reflect.Type) []fieldPair {
	if known, ok := fieldPairs.Load(structPair{dst, src}); ok {
		return known.([]fieldPair)
	}
	pairs := []fieldPair{}
	for i := range dst.NumField() {
		f := dst.Field(i)
		if from, ok := src.FieldByName(f.Name); ok && f.IsExported() && from.Type == f.Type && len(from.Index) == 1 {
			pairs = append(pairs, fieldPair{i, from.Index[0]})
		}
	}
	fieldPairs.Store(structPair{dst, src}, pairs)
	return pairs
}
