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
	// Open opens the store that dsn, scheme included, names. Unknown
	// parameters and bad values are errors that say which.
	Open(ctx context.Context, dsn string) (Storage, error)
}

// drivers holds the registered drivers by scheme.
var drivers struct {
	sync.RWMutex // guards byName; nothing is called under it
	byName       map[string]Driver
}

// Register makes a driver available to [Open] under a name, the scheme of its
// data source names. It is called from a driver package's init. It panics if
// the name is empty or taken, or if the driver is nil.
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

// Open opens the store that a data source name means: "mem://",
// "mem://?bucket=data". The scheme names the driver; the rest is the driver's.
// An unknown scheme is ErrInvalid, with the registered ones named.
func Open(ctx context.Context, dsn string) (Storage, error) {
	if err := ctx.Err(); err != nil {
		return nil, &Error{Op: "open", Err: err}
	}
	scheme, _, found := strings.Cut(dsn, "://")
	if !found {
		return nil, &Error{Op: "open", Err: fmt.Errorf("%w: %q is no data source name, which begins with a scheme like mem://", ErrInvalid, dsn)}
	}
	drivers.RLock()
	d := drivers.byName[scheme]
	known := slices.Sorted(maps.Keys(drivers.byName))
	drivers.RUnlock()
	if d == nil {
		return nil, &Error{Op: "open", Err: fmt.Errorf("%w: unknown scheme %q (registered: %s); is the driver's import missing?",
			ErrInvalid, scheme, strings.Join(known, ", "))}
	}
	return d.Open(ctx, dsn)
}
