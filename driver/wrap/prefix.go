package wrap

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"strings"

	"open-lake.dev/lib/storage"
)

// Prefix returns a store whose keys are those of st beneath a directory, in each
// bucket: no key leads out of it. Buckets themselves are shared, so DeleteBucket
// with OptForce is storage.ErrPermission. A bad directory fails every call.
//
// The store is HasLimits, since its keys are shorter by the directory's. It is no
// snapshot.Store, because a snapshot holds whole buckets.
func Prefix(st storage.Storage, dir string) storage.Storage {
	if st == nil {
		panic("wrap: the store is nil")
	}
	p := &prefix{Storage: st}
	p.dir, p.err = p.cleanDir(dir)
	if p.dir != "" && !strings.HasSuffix(p.dir, "/") {
		p.dir += "/"
	}
	return Intercept(p, p.around)
}

// prefix is the store that Prefix intercepts.
type prefix struct {
	storage.Storage
	dir string // with a slash at its end; empty is the root
	err error  // of the directory
}

// Limits implements storage.HasLimits.
func (p *prefix) Limits() storage.Limits {
	l := storage.LimitsOf(p.Storage)
	if l.MaxKey == 0 {
		l.MaxKey = storage.MaxKey
	}
	l.MaxKey -= len(p.dir)
	return l
}

// ExactKeys implements storage.HasExactKeys.
func (p *prefix) ExactKeys() bool {
	e, ok := p.Storage.(storage.HasExactKeys)
	return ok && e.ExactKeys()
}

func (p *prefix) around(ctx context.Context, c *Call, next func(context.Context) error) error {
	err := p.err
	if err == nil {
		err = p.arguments(c)
	}
	if err != nil {
		return p.strippedError(c.Fail(err))
	}
	switch {
	case c.Op == "deletebucket" && c.Options.Bool(storage.OptForce, false):
		err = p.refuseForce(ctx, c)
	default:
		err = next(ctx)
	}
	if c.Op == "directory.info" && errors.Is(err, storage.ErrNotExist) && c.Key+"/" == p.dir {
		err = p.emptyRoot(ctx, c)
	}
	if err != nil {
		return p.strippedError(err)
	}
	p.results(c)
	return nil
}

// refuseForce returns the error of deleting a bucket by force.
func (p *prefix) refuseForce(ctx context.Context, c *Call) error {
	_, err := p.Storage.Bucket(c.Bucket).Info(ctx)
	if err == nil {
		err = fmt.Errorf("%w: the bucket may hold objects outside of the prefix", storage.ErrPermission)
	}
	return c.Fail(err)
}

// emptyRoot describes the root while there is nothing beneath it: it exists while
// the bucket does (D1).
func (p *prefix) emptyRoot(ctx context.Context, c *Call) error {
	info, err := p.Storage.Bucket(c.Bucket).Info(ctx)
	if err == nil {
		c.Object = &storage.Object{Bucket: info.Name, Created: info.CreatedAt, Updated: info.CreatedAt, IsDir: true}
	}
	return err
}

// arguments puts the directory before the keys of a call.
func (p *prefix) arguments(c *Call) error {
	switch c.Op {
	case "write", "open", "stat", "delete", "signedurl", "initmultipart":
		return put(&c.Key, p.key)
	case "copy", "move":
		return cmp.Or(put(&c.Key, p.key), put(&c.SrcKey, p.key))
	case "directory.info", "directory.delete":
		return put(&c.Key, p.directory)
	case "directory.move":
		return cmp.Or(put(&c.Key, p.directory), put(&c.DstPath, p.directory))
	case "list", "uploads":
		return cmp.Or(put(&c.Key, p.listed), p.startAfter(c))
	case "directory.list":
		return cmp.Or(put(&c.Key, p.directory), p.startAfter(c))
	}
	if c.Upload != nil {
		mu := *c.Upload
		put(&mu.Key, p.key) // a bad key names no upload
		c.Upload = &mu
	}
	if c.Op == "copypart" {
		return p.putOption(c, storage.OptSourceKey, p.key)
	}
	return nil
}

// putOption puts the directory before the value of an option, if that is given.
func (p *prefix) putOption(c *Call, option string, in func(string) (string, error)) error {
	value, ok := c.Options.String(option)
	if !ok {
		return nil
	}
	err := put(&value, in)
	c.Options = maps.Clone(c.Options)
	c.Options[option] = value
	return err
}

// put puts the directory before a text, by one of the functions below.
func put(text *string, in func(string) (string, error)) error {
	long, err := in(*text)
	if err == nil {
		*text = long
	}
	return err
}

// key returns a key in st. It keeps a slash at the end, which Stat looks at.
func (p *prefix) key(key string) (string, error) {
	if p.ExactKeys() {
		return p.dir + key, storage.CheckKey(key)
	}
	clean, err := storage.CleanKey(key)
	if err == nil && strings.HasSuffix(strings.ReplaceAll(key, `\`, "/"), "/") {
		clean += "/"
	}
	return p.dir + clean, err
}

// listed returns a list prefix in st.
func (p *prefix) listed(text string) (string, error) {
	if p.ExactKeys() {
		return p.dir + text, nil
	}
	clean, err := storage.CleanPrefix(text)
	return p.dir + clean, err
}

// directory returns the path of a directory in st.
func (p *prefix) directory(path string) (string, error) {
	clean, err := p.cleanDir(path)
	if clean == "" {
		return strings.TrimSuffix(p.dir, "/"), err
	}
	return p.dir + clean, err
}

func (p *prefix) cleanDir(path string) (string, error) {
	if p.ExactKeys() {
		return path, nil
	}
	return storage.CleanDir(path)
}

// startAfter puts the directory before storage.OptStartAfter, which is a prefix
// that may end in the mark of Object.PageKey.
func (p *prefix) startAfter(c *Call) error {
	after, ok := c.Options.String(storage.OptStartAfter)
	if !ok || after == "" {
		return nil
	}
	after, marked := strings.CutSuffix(after, "\x00")
	err := put(&after, p.listed)
	if marked {
		after += "\x00"
	}
	c.Options = maps.Clone(c.Options)
	c.Options[storage.OptStartAfter] = after
	return err
}

// results takes the directory off the keys of what a call returns.
func (p *prefix) results(c *Call) {
	if c.Object != nil {
		o := *c.Object
		o.Key = p.stripped(o.Key)
		c.Object = &o
	}
	if c.UpInfo != nil {
		up := *c.UpInfo
		up.Key = p.stripped(up.Key)
		c.UpInfo = &up
	}
	if c.Upload != nil {
		mu := *c.Upload
		mu.Key = p.stripped(mu.Key)
		c.Upload = &mu
	}
}

// strippedError takes the directory off the key that an error names.
func (p *prefix) strippedError(err error) error {
	e, ok := err.(*storage.Error)
	if !ok {
		return err
	}
	stripped := *e
	stripped.Key = p.stripped(e.Key)
	return &stripped
}

// stripped returns a key of st without the directory.
func (p *prefix) stripped(key string) string {
	if key+"/" == p.dir {
		return ""
	}
	return strings.TrimPrefix(key, p.dir)
}
