package memdriver

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"time"

	"open-lake.dev/lib/storage"
	"open-lake.dev/lib/storage/driver/internal/dsn"
	"open-lake.dev/lib/storage/snapshot"
)

func init() { storage.Register("mem", driver{}) }

// driver opens stores by data source name.
type driver struct{}

func (driver) Open(_ context.Context, name string) (storage.Storage, error) {
	opts, err := parse(name)
	if err != nil {
		return nil, &storage.Error{Op: "open", Err: fmt.Errorf("%w: data source name %q: %w", storage.ErrInvalid, name, err)}
	}
	return Open(opts...), nil
}

// parameters make an Option of each parameter's value, which is not empty.
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
	"load": func(value string) (Option, error) {
		s, err := snapshot.LoadFile(value)
		return WithSnapshot(s), err
	},
	"keys":   only("exact", WithExactKeys),
	"etag":   only("md5", WithMD5ETags),
	"limits": only("s3", func() Option { return WithLimits(storage.S3Limits()) }),
}

// only is a parameter that has one value.
func only(value string, option func() Option) func(string) (Option, error) {
	return func(given string) (Option, error) {
		if given != value {
			return nil, fmt.Errorf("%q is not %q", given, value)
		}
		return option(), nil
	}
}

func parse(name string) ([]Option, error) {
	u, err := url.Parse(name)
	if err != nil {
		return nil, err
	}
	if u.User != nil || u.Path != "" && u.Path != "/" || u.Opaque != "" || u.Fragment != "" {
		return nil, errors.New("it should be like mem://name?bucket=b, the name and each parameter optional")
	}
	var opts []Option
	err = dsn.Each(u.RawQuery, parameters, func(parameter func(string) (Option, error), value string) error {
		opt, err := parameter(value)
		opts = append(opts, opt)
		return err
	})
	return opts, err
}
