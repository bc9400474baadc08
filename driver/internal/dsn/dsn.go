// Package dsn reads the parameters of data source names, for the drivers.
package dsn

import (
	"errors"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// Each calls apply for each parameter of a URL's query that has a value, in the order
// of names, with what parameters holds for it. An unknown parameter, and one that is
// given twice, is an error. An empty value is the default. Errors show no value, but
// those of apply may.
func Each[T any](query string, parameters map[string]T, apply func(parameter T, value string) error) error {
	given, err := url.ParseQuery(query)
	if err != nil {
		return errors.New("its parameters are not escaped as in a URL")
	}
	for _, name := range slices.Sorted(maps.Keys(given)) {
		parameter, known := parameters[name]
		values := given[name]
		switch {
		case !known:
			return fmt.Errorf("unknown parameter %q; %s", name, suggest(name, slices.Sorted(maps.Keys(parameters))))
		case len(values) > 1:
			return fmt.Errorf("parameter %q is given %d times", name, len(values))
		case values[0] == "":
			continue
		}
		if err := apply(parameter, values[0]); err != nil {
			return fmt.Errorf("parameter %q: %w", name, err)
		}
	}
	return nil
}

// Bool returns the value of a parameter that is true or false.
func Bool(value string) (bool, error) {
	b, err := strconv.ParseBool(value)
	if err != nil {
		err = fmt.Errorf("%q is not true or false", value)
	}
	return b, err
}

// suggest names the parameter that a misspelt one may stand for, or all.
func suggest(name string, known []string) string {
	fold := strings.NewReplacer("-", "", "_", "").Replace
	best := slices.MinFunc(known, func(a, b string) int {
		return distance(fold(strings.ToLower(name)), fold(a)) - distance(fold(strings.ToLower(name)), fold(b))
	})
	if distance(fold(strings.ToLower(name)), fold(best)) <= 1+len(best)/4 {
		return fmt.Sprintf("did you mean %q?", best)
	}
	return "there are " + strings.Join(known, ", ")
}

// distance returns how many bytes must be inserted, deleted or replaced to make b
// of a.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
