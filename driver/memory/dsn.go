package memdriver

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"time"

	"open-lake.dev/lib/storage"
)

func init() { storage.Register("mem", driver{}) }

// driver opens stores by data source name.
type driver struct{}

func (driver) Open(_ context.Context, dsn string) (storage.Storage, error) {
	opts, err := parse(dsn)
	if err != nil {
		return nil, &storage.Error{Op: "open", Err: fmt.Errorf("%w: data source name %q: %w", storage.ErrInvalid, dsn, err)}
	}
	return Open(opts...), nil
}

// parameters make an Option of each parameter's value.
var parameters = map[string]func(value string) (Option, error){
	"bucket": func(value string) (Option, error) {
		_, err := storage.CleanBucket(value)
		return WithDefaultBucket(value), err
	},
	"time": func(value string) (Option, error) {
		t, err := time.Parse(time.RFC3339, value)
		return WithClock(func() time.Time { return t }), err
	},
	"max_bytes": func(value string) (Option, error) {
		n, err := strconv.ParseInt(value, 10, 64)
		if err == nil && n <= 0 {
			err = fmt.Errorf("%d is not positive", n)
		}
		return WithMaxBytes(n), err
	},
}

func parse(dsn string) ([]Option, error) {
	u, err := url.Parse(dsn)
	if err != nil {
		return nil, err
	}
	if u.User != nil || u.Path != "" || u.Fragment != "" {
		return nil, errors.New("it should be like mem://name?bucket=b&time=t&max_bytes=n, the name and each parameter optional")
	}
	query, err := url.ParseQuery(u.RawQuery)
	if err != nil {
		return nil, err
	}
	var opts []Option
	for _, name := range slices.Sorted(maps.Keys(query)) {
		option, known := parameters[name]
		if !known {
			return nil, fmt.Errorf("unknown parameter %q; there are bucket, time and max_bytes", name)
		}
		if len(query[name]) > 1 {
			return nil, fmt.Errorf("parameter %q is given %d times", name, len(query[name]))
		}
		opt, err := option(query[name][0])
		if err != nil {
			return nil, fmt.Errorf("parameter %q: %w", name, err)
		}
		opts = append(opts, opt)
	}
	return opts, nil
}
