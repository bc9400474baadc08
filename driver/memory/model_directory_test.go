package memdriver_test

import (
	"maps"
	"slices"
	"strings"
	"time"

	"open-lake.dev/lib/storage"
)

// list returns what List gives in order (L1, L2).
func (m *model) list(bucket, prefix string, limit, offset int, opts storage.Options) ([]*storage.Object, error) {
	if err := m.limitMissing(bucket); err != nil {
		return nil, err
	}
	given, _ := opts.String(storage.OptStartAfter)
	after, isObject := strings.CutSuffix(given, "\x00")
	if !m.exact {
		var err error
		if after, err = storage.CleanPrefix(after); err != nil {
			return nil, err
		}
	}
	found := m.find(bucket, prefix, opts)
	if dir := found[slashed(after)]; !isObject && dir != nil && dir.IsDir && !strings.HasSuffix(after, "/") {
		after = slashed(after)
	}
	var listed []*storage.Object
	for _, key := range slices.Sorted(maps.Keys(found)) {
		if after == "" || key > after {
			listed = append(listed, m.relaxListed(found[key]))
		}
	}
	return page(listed, limit, offset), nil
}

// find returns the entries that a listing selects, by the key that orders them.
func (m *model) find(bucket, prefix string, opts storage.Options) map[string]*storage.Object {
	found := map[string]*storage.Object{}
	b := m.buckets[bucket]
	if b == nil {
		return found
	}
	files, dirs := opts.Bool(storage.OptFilesOnly, false), opts.Bool(storage.OptDirsOnly, false)
	shallow := !opts.Bool(storage.OptRecursive, true)
	wantFiles, wantDirs := !dirs || files, dirs && !files || shallow && files == dirs
	base := prefix[:strings.LastIndexByte(prefix, '/')+1]
	for key, o := range b.objects {
		if wantFiles && strings.HasPrefix(key, prefix) && !(shallow && strings.Contains(key[len(base):], "/")) {
			found[key] = o.describe(bucket, key)
		}
	}
	for dir := range b.dirs {
		if wantDirs && strings.HasPrefix(dir, prefix) && len(dir) > len(base) && !(shallow && strings.Contains(dir[len(base):len(dir)-1], "/")) {
			found[dir] = m.describeDir(bucket, dir)
		}
	}
	return found
}

// page returns what limit and offset leave of a list.
func page[T any](all []T, limit, offset int) []T {
	all = all[min(max(offset, 0), len(all)):]
	if limit > 0 {
		all = all[:min(limit, len(all))]
	}
	return all
}

// slashed returns the prefix of the keys beneath a directory.
func slashed(path string) string {
	if path == "" || strings.HasSuffix(path, "/") {
		return path
	}
	return path + "/"
}

func (m *model) dirList(bucket, path string, limit, offset int, opts storage.Options) ([]*storage.Object, error) {
	opts = maps.Clone(opts)
	if opts == nil {
		opts = storage.Options{}
	}
	opts[storage.OptRecursive] = false
	return m.list(bucket, slashed(path), limit, offset, opts)
}

func (m *model) dirDelete(now time.Time, bucket, path string, opts storage.Options) error {
	b := m.buckets[bucket]
	if b == nil {
		return storage.ErrNoBucket
	}
	keys := b.beneath(slashed(path))
	if !opts.Bool(storage.OptRecursive, false) {
		keys = slices.DeleteFunc(keys, func(key string) bool {
			return strings.Contains(strings.TrimPrefix(key, slashed(path)), "/")
		})
	}
	if len(keys) == 0 {
		return storage.ErrNotExist
	}
	b.remove(now, keys)
	return nil
}

// makesTwins reports whether a move of the keys from src to dst goes beneath an
// object, or makes one that lies beside a directory of its name.
func (b *modelBucket) makesTwins(dst, src string, from []string) bool {
	after := maps.Clone(b.objects)
	for key := range b.objects {
		if strings.HasPrefix(dst, key+"/") {
			return true
		}
	}
	for _, key := range from {
		delete(after, key)
	}
	for _, key := range from {
		after[dst+key[len(src):]] = b.objects[key]
	}
	for _, key := range from {
		for other := range after {
			if to := dst + key[len(src):]; strings.HasPrefix(other, to+"/") || strings.HasPrefix(to, other+"/") {
				return true
			}
		}
	}
	return false
}

// dirMove re-keys everything beneath src (D4). A directory that moves takes its
// times along, unless there is one where it goes; one that is there before and
// after keeps its creation.
func (m *model) dirMove(now time.Time, bucket, dst, src string) error {
	b := m.buckets[bucket]
	if b == nil {
		return storage.ErrNoBucket
	}
	dst, src = slashed(dst), slashed(src)
	from := b.beneath(src)
	switch {
	case len(from) == 0:
		return storage.ErrNotExist
	case dst == src:
		return nil
	}
	for _, key := range from {
		if key := dst + key[len(src):]; key == "" || len(key) > storage.MaxKey || m.limits.MaxKey > 0 && len(key) > m.limits.MaxKey {
			return storage.ErrInvalid
		}
	}
	if m.limitNames(dst) != nil { // the names beneath are there already
		return storage.ErrInvalid
	}
	if m.limits.Relaxes(storage.RelaxedTwins) && b.makesTwins(dst, src, from) {
		return storage.ErrExist
	}
	moved := map[string]modelTimes{}
	for dir, t := range b.dirs {
		if rest, ok := strings.CutPrefix(dir, src); ok {
			moved[rest] = t
			if rest != "" {
				delete(b.dirs, dir)
			}
		}
	}
	stayed := maps.Clone(b.dirs)
	objects, to := map[string]*modelObject{}, []string{}
	for _, key := range from {
		to = append(to, dst+key[len(src):])
		objects[to[len(to)-1]] = b.objects[key]
		delete(b.objects, key)
	}
	maps.Copy(b.objects, objects)
	b.stamp(now, slices.Concat(from, to)...)
	for rest, t := range moved {
		if _, met := stayed[dst+rest]; !met {
			b.dirs[dst+rest] = t
		}
	}
	return nil
}
