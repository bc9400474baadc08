package filedriver

import (
	"context"
	"fmt"
	"maps"
	"net/url"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"

	"open-lake.dev/lib/storage"
)

func init() { storage.Register("file", driver{}) }

// driver opens stores by data source name.
type driver struct{}

func (driver) Open(_ context.Context, dsn string) (storage.Storage, error) {
	dir, opts, err := parse(dsn)
	if err != nil {
		return nil, &storage.Error{Op: "open", Err: fmt.Errorf("%w: data source name %q: %w", storage.ErrInvalid, dsn, err)}
	}
	return Open(dir, opts...)
}

// parameters make an Option of each parameter's value, which is not empty.
var parameters = map[string]func(value string) (Option, error){
	"bucket": func(value string) (Option, error) {
		_, err := storage.CleanBucket(value)
		return WithDefaultBucket(value), err
	},
	"create_dir": func(value string) (Option, error) {
		create, err := strconv.ParseBool(value)
		return withCreateDir(create), err
	},
	"fsync": func(value string) (Option, error) {
		sync, err := strconv.ParseBool(value)
		return withSync(sync), err
	},
}

func parse(dsn string) (dir string, opts []Option, err error) {
	u, err := url.Parse(dsn)
	if err != nil {
		return "", nil, err
	}
	dir = filepath.FromSlash(u.Path + u.Opaque)
	if runtime.GOOS == "windows" && len(u.Path) > 2 && u.Path[2] == ':' {
		dir = dir[1:] // file:///C:/data
	}
	if u.User != nil || u.Host != "" && u.Host != "localhost" || u.Fragment != "" || dir == "" {
		return "", nil, fmt.Errorf("it should be like file:///dir?create_dir=true, each parameter optional")
	}
	query, err := url.ParseQuery(u.RawQuery)
	if err != nil {
		return "", nil, err
	}
	for _, name := range slices.Sorted(maps.Keys(query)) {
		opt, err := option(name, query[name])
		if err != nil {
			return "", nil, err
		}
		opts = append(opts, opt)
	}
	return dir, opts, nil
}

// option returns the option that a parameter stands for, nil for the default.
func option(name string, values []string) (Option, error) {
	parameter, known := parameters[name]
	switch {
	case !known:
		return nil, fmt.Errorf("unknown parameter %q; there are %s", name, strings.Join(slices.Sorted(maps.Keys(parameters)), ", "))
	case len(values) > 1:
		return nil, fmt.Errorf("parameter %q is given %d times", name, len(values))
	case values[0] == "":
		return nil, nil
	}
	opt, err := parameter(values[0])
	if err != nil {
		return nil, fmt.Errorf("parameter %q: %w", name, err)
	}
	return opt, nil
}
