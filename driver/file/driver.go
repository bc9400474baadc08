package filedriver

import (
	"context"
	"fmt"
	"net/url"
	"path/filepath"
	"runtime"

	"open-lake.dev/lib/storage"
	"open-lake.dev/lib/storage/driver/internal/dsn"
)

func init() { storage.Register("file", driver{}) }

// driver opens stores by data source name.
type driver struct{}

func (driver) Open(_ context.Context, name string) (storage.Storage, error) {
	dir, opts, err := parse(name)
	if err != nil {
		return nil, &storage.Error{Op: "open", Err: fmt.Errorf("%w: data source name %q: %w", storage.ErrInvalid, name, err)}
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
		create, err := dsn.Bool(value)
		return withCreateDir(create), err
	},
	"fsync": func(value string) (Option, error) {
		sync, err := dsn.Bool(value)
		return withSync(sync), err
	},
}

func parse(name string) (dir string, opts []Option, err error) {
	u, err := url.Parse(name)
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
	err = dsn.Each(u.RawQuery, parameters, func(parameter func(string) (Option, error), value string) error {
		opt, err := parameter(value)
		opts = append(opts, opt)
		return err
	})
	return dir, opts, err
}
