package engine

import (
	"context"
	"errors"
	"strings"

	"open-lake.dev/lib/storage"
)

// conditions are the options that Stat takes.
var conditions = storage.OptionsOf("stat")

// conditional reports whether opts hold a condition.
func conditional(opts storage.Options) bool {
	for _, key := range conditions {
		if opts[key] != nil {
			return true
		}
	}
	return !opts.Bool(storage.OptUpsert, true)
}

// condition returns the object at key that conditions are judged on, and its version;
// nil if there is none.
func (b *bucket) condition(ctx context.Context, key string) (*storage.Object, string, error) {
	blob, err := b.store.engine.Head(ctx, b.blobKey(key))
	if errors.Is(err, storage.ErrNotExist) {
		return nil, "", nil
	}
	if err != nil {
		return nil, "", err
	}
	return objectOf(b.name, key, blob), blob.Version, nil
}

// guarded calls do until its guard is not refused because of another writer.
func (b *bucket) guarded(ctx context.Context, do func() error) error {
	for {
		err := do()
		if !errors.Is(err, errRefused) {
			return err
		}
		if err := ctx.Err(); err != nil {
			return err
		}
	}
}

// errRefused says that a guard did not hold, so that its operation begins again.
var errRefused = errors.New("the guard does not hold")

// put calls do with a guard under which the conditions in opts hold for the object at
// key.
func (b *bucket) put(ctx context.Context, key string, opts storage.Options, do func(Guard) (*Blob, error)) (blob *Blob, err error) {
	if !conditional(opts) {
		return do(Guard{})
	}
	if guard, ok := b.direct(opts); ok {
		blob, err = do(guard)
		if !errors.Is(err, storage.ErrPrecondition) && !errors.Is(err, storage.ErrUnsupported) {
			return blob, err
		}
	}
	err = b.guarded(ctx, func() error {
		o, version, err := b.condition(ctx, key)
		if err == nil {
			err = storage.CheckConditions(opts, o)
		}
		if err == nil {
			blob, err = do(Guard{Version: version, Absent: o == nil})
			err = refused(err)
		}
		return err
	})
	return blob, err
}

// refused returns the error of an operation under a guard that Head gave.
func refused(err error) error {
	if errors.Is(err, storage.ErrPrecondition) {
		return errRefused
	}
	return err
}

// direct returns the guard that says the same as the conditions in opts, if there is
// one. A refusal needs to be judged.
func (b *bucket) direct(opts storage.Options) (Guard, bool) {
	given := 0
	for _, key := range conditions {
		if opts[key] != nil {
			given++
		}
	}
	create := !opts.Bool(storage.OptUpsert, true)
	none, _ := opts.String(storage.OptIfNoneMatch)
	if given == 0 || given == 1 && strings.TrimSpace(none) == "*" {
		return Guard{Absent: true}, true
	}
	match, ok := opts.String(storage.OptIfMatch)
	e, knows := b.store.engine.(ETagger)
	if given > 1 || create || !ok || !knows {
		return Guard{}, false
	}
	etag, ok := oneETag(match)
	if !ok {
		return Guard{}, false
	}
	version, ok := e.VersionOf(etag)
	return Guard{Version: version}, ok
}

// oneETag returns the only ETag of a list, without quotes.
func oneETag(list string) (string, bool) {
	etag := strings.TrimPrefix(strings.TrimSpace(list), "W/")
	if bare, ok := strings.CutPrefix(etag, `"`); ok {
		etag, ok = strings.CutSuffix(bare, `"`)
		if !ok {
			return "", false
		}
	}
	return etag, etag != "" && !strings.ContainsAny(etag, `",* `)
}
