package snaptest

import (
	"fmt"
	"reflect"
	"strings"
	"sync/atomic"
	"testing"

	"open-lake.dev/lib/storage"
	"open-lake.dev/lib/storage/driver/wrap"
)

// Fail returns a store whose calls fail as the faults say; see [wrap.Fail]. When
// the test ends it fails if a fault has hit no call, since it then has tested
// nothing, and lists the calls that there were.
func Fail(tb testing.TB, st storage.Storage, faults ...wrap.Fault) storage.Storage {
	mustTB(tb, "Fail").Helper()
	must(tb, "Fail", !isNil(st), noStore)
	must(tb, "Fail", len(faults) > 0, "there are no faults; pass at least one wrap.Fault")
	counted := make([]wrap.Fault, len(faults))
	hits := make([]atomic.Int64, len(faults))
	for i, f := range faults {
		counted[i] = f
		counted[i].Hit = func(c *wrap.Call) {
			hits[i].Add(1)
			if f.Hit != nil {
				f.Hit(c)
			}
		}
	}
	failing, calls := wrap.Record(wrap.Fail(st, counted...))
	tb.Cleanup(func() {
		tb.Helper()
		for i := range hits {
			if hits[i].Load() == 0 {
				tb.Errorf("snaptest.Fail: no call was hit by fault %s; the calls were\n%s", describe(faults[i]), list(calls))
			}
		}
	})
	return failing
}

// Record returns a store that notes its calls in a recording; see [wrap.Record]. If
// the test fails, its log shows them.
func Record(tb testing.TB, st storage.Storage) (storage.Storage, *wrap.Recording) {
	mustTB(tb, "Record").Helper()
	must(tb, "Record", !isNil(st), noStore)
	recorded, calls := wrap.Record(st)
	tb.Cleanup(func() {
		tb.Helper()
		if tb.Failed() {
			tb.Logf("snaptest.Record: the calls were\n%s", list(calls))
		}
	})
	return recorded, calls
}

// describe returns the fields of a fault that are set and can be shown.
func describe(f wrap.Fault) string {
	var fields []string
	v := reflect.ValueOf(f)
	for i := range v.NumField() {
		if field := v.Field(i); !field.IsZero() && field.Kind() != reflect.Func {
			fields = append(fields, fmt.Sprintf("%s: %#v", v.Type().Field(i).Name, field))
		}
	}
	return "{" + strings.Join(fields, ", ") + "}"
}

// list returns calls for a message, one on each line.
func list(calls *wrap.Recording) string {
	lines := []string{}
	for _, c := range calls.Calls() {
		lines = append(lines, "    "+c.String())
	}
	if len(lines) == 0 {
		return "    none"
	}
	return shorten(lines)
}
