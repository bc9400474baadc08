package storage

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
)

// Driver opens stores of one kind.
type Driver interface {
	// Open opens the store that dsn, scheme included, names. Unknown parameters and
	// bad values are errors that say which.
	Open(ctx context.Context, dsn string) (Storage, error)
}

// drivers holds the registered drivers by scheme.
var drivers struct {
	sync.RWMutex // guards byName; nothing is called under it
	byName       map[string]Driver
}

// imports holds the schemes that this project has drivers for.
var imports = map[string]string{
	"azblob": "open-lake.dev/lib/storage/driver/gocloud",
	"file":   "open-lake.dev/lib/storage/driver/file",
	"gs":     "open-lake.dev/lib/storage/driver/gocloud",
	"mem":    "open-lake.dev/lib/storage/driver/memory",
	"s3":     "open-lake.dev/lib/storage/driver/s3",
}

// Register makes a driver available to [Open] under a name, the scheme of its data
// source names. A driver package calls it from its init function. It panics if the
// name is empty or taken, or if the driver is nil.
func Register(name string, d Driver) {
	if name == "" {
		panic("storage: Register with an empty name")
	}
	if d == nil {
		panic("storage: Register of a nil driver as " + name)
	}
	drivers.Lock()
	defer drivers.Unlock()
	if _, taken := drivers.byName[name]; taken {
		panic("storage: Register called twice for " + name)
	}
	if drivers.byName == nil {
		drivers.byName = make(map[string]Driver)
	}
	drivers.byName[name] = d
}

// Open opens the store that a data source name means, a URL such as "mem://",
// "mem:" or "mem://?bucket=data". The scheme selects the driver, which interprets
// the rest. An unknown scheme is ErrInvalid; the error names the import that
// registers it, or lists the schemes that there are.
func Open(ctx context.Context, dsn string) (Storage, error) {
	d, err := driverOf(ctx, dsn)
	if err != nil {
		return nil, &Error{Op: "open", Err: err}
	}
	return d.Open(ctx, dsn)
}

func driverOf(ctx context.Context, dsn string) (Driver, error) {
	if ctx == nil {
		return nil, fmt.Errorf("%w: the context is nil", ErrInvalid)
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	scheme, _, found := strings.Cut(dsn, ":")
	if !found || scheme == "" {
		return nil, fmt.Errorf("%w: %q is not a data source name, which begins with a scheme like mem://", ErrInvalid, dsn)
	}
	drivers.RLock()
	defer drivers.RUnlock()
	if d := drivers.byName[scheme]; d != nil {
		return d, nil
	}
	return nil, fmt.Errorf("%w: unknown scheme %q; %s", ErrInvalid, scheme, available(scheme, drivers.byName))
}

// available says which import registers a scheme or, if this project has no driver for
// it, which are registered and which can be.
func available(scheme string, registered map[string]Driver) string {
	if path, ok := imports[scheme]; ok {
		text := fmt.Sprintf("import _ %q", path)
		if path == imports["gs"] {
			text += " and the driver of gocloud.dev"
		}
		return text
	}
	text := "no driver is registered"
	if len(registered) > 0 {
		text = "registered: " + strings.Join(slices.Sorted(maps.Keys(registered)), ", ")
	}
	var more []string
	for _, scheme := range slices.Sorted(maps.Keys(imports)) {
		if registered[scheme] == nil {
			more = append(more, scheme)
		}
	}
	if len(more) > 0 {
		text += "; there are drivers to import for " + strings.Join(more, ", ")
	}
	return text
}
