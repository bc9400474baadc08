package drivertest

import (
	"strings"
	"time"

	"open-lake.dev/lib/storage"
)

// directoryVariants break the rules of directories.
var directoryVariants = []variant{{
	name: "a directory outlives its last object", rule: "D1",
	phrase: "a directory vanishes with its last object",
	fault: on("write delete directory.info", func(c *request, do func()) {
		dir := c.key[:max(strings.LastIndexByte(c.key, '/'), 0)]
		if c.op == "directory.info" {
			dir = c.key
		}
		info, err := c.b.Directory(dir).Info(background)
		if do(); err == nil {
			c.memo.Store(dir, info)
		}
		if info, ok := c.memo.Load(dir); ok && c.op == "directory.info" {
			c.obj, c.err = info.(*storage.Object), nil
		}
	}),
}, {
	name: "there is no root", rule: "D1",
	phrase: "the root exists while the bucket does",
	fault:  refuses("directory.info", storage.ErrNotExist, func(c *request) bool { return c.key == "" }),
}, {
	name: "a directory changed now, always", rule: "D1",
	phrase: "the time of the latest change beneath",
	fault: objects(func(c *request, o *storage.Object) {
		if o.IsDir {
			o.Updated = time.Now().UTC()
		}
	}),
}, {
	name: "a missing directory has Info", rule: "D1",
	phrase: "a directory vanishes with its last object",
	fault: on("directory.info", func(c *request, do func()) {
		if do(); c.err != nil && c.ctx.Err() == nil {
			c.obj, c.err = &storage.Object{Bucket: c.bucket, Key: c.key, IsDir: true}, nil
		}
	}),
}, {
	name: "List of a missing directory fails", rule: "D2",
	phrase: "listing must succeed",
	fault:  refuses("directory.list", storage.ErrNotExist, missingDirectory),
}, {
	name: "Directory.List goes deep", rule: "D2",
	phrase: "direct children of",
	fault: on("directory.list", func(c *request, do func()) {
		if do(); c.err == nil && c.key != "" {
			c.objects, c.err = c.b.List(c.ctx, c.key+"/", c.limit, c.skip, c.opts)
		}
	}),
}, {
	name: "Delete of a missing directory succeeds", rule: "D3",
	phrase: "removes nothing",
	fault:  insteadOf("directory.delete", storage.ErrNotExist, nil),
}, {
	name: "Directory.Delete is recursive always", rule: "D3",
	phrase: "the objects directly in the directory, and only those",
	fault:  before("directory.delete", func(c *request) { c.set(storage.OptRecursive, true) }),
}, {
	name: "Directory.Delete takes the object of that name", rule: "D3",
	phrase: "must leave the object of the directory's name",
	fault:  onSuccess("directory.delete", func(c *request) { c.b.Delete(background, c.key, nil) }),
}, {
	name: "Directory.Move loses deep children", rule: "D4",
	phrase: "must re-key everything beneath, at any depth",
	fault: on("directory.move", func(c *request, do func()) {
		var deep []string
		for _, o := range beneath(c, c.key+"/") {
			if strings.Contains(o.Key[len(c.key)+1:], "/") {
				deep = append(deep, c.other+o.Key[len(c.key):])
			}
		}
		if do(); c.err == nil {
			for _, key := range deep {
				c.b.Delete(background, key, nil)
			}
		}
	}),
}, {
	name: "Directory.Move takes d2 with d", rule: "D4",
	phrase: "must leave the object of the directory's name, and its neighbours",
	fault: onSuccess("directory.move", func(c *request) {
		for _, o := range beneath(c, c.key) {
			if rest := o.Key[len(c.key):]; rest != "" && rest[0] != '/' {
				c.b.Move(background, c.other+rest, "", o.Key, nil)
			}
		}
	}),
}, {
	name: "Directory.Move takes the object of that name", rule: "D4",
	phrase: "must leave the object of the directory's name",
	fault:  onSuccess("directory.move", func(c *request) { c.b.Move(background, c.other, "", c.key, nil) }),
}, {
	name: "Directory.Move moves one by one", rule: "D4",
	phrase: "no reader may see half a move",
	fault: on("directory.move", func(c *request, do func()) {
		all := beneath(c, c.key+"/")
		if c.key == "" || len(all) == 0 || strings.HasPrefix(c.other+"/", c.key+"/") || strings.HasPrefix(c.key, c.other) {
			do()
			return
		}
		for _, o := range all {
			if _, c.err = c.b.Move(c.ctx, c.other+o.Key[len(c.key):], "", o.Key, nil); c.err != nil {
				return
			}
		}
	}),
}, {
	name: "a failed rename leaks its lock", rule: "Trap", hangs: true,
	phrase: "waits for a lock that is never released",
	fault: func(c *request, do func()) {
		if !c.lock() {
			return
		}
		if do(); c.op != "directory.move" || c.err == nil {
			c.unlock()
		}
	},
}, {
	name: "Directory.Move sets times", rule: "D4",
	phrase: "objects must keep their times",
	fault: onSuccess("directory.move", func(c *request) {
		for _, o := range beneath(c, c.other+"/") {
			c.b.Copy(background, o.Key, "", o.Key, nil)
		}
	}),
}, {
	name: "Directory.Move of a missing directory succeeds", rule: "D4",
	phrase: "which is no directory",
	fault:  insteadOf("directory.move", storage.ErrNotExist, nil),
}, {
	name: "Directory.Move replaces what is at its destination", rule: "D4",
	phrase: "Move onto a directory must merge",
	fault: before("directory.move", func(c *request) {
		if c.other != c.key && !missingDirectory(c) && !strings.HasPrefix(c.key, c.other) {
			c.b.Directory(c.other).Delete(c.ctx, storage.Options{storage.OptRecursive: true})
		}
	}),
}, {
	name: "Directory.Move refuses its own child", rule: "D4",
	phrase: "Move of directory \"d\" to \"d/e\" must succeed",
	fault:  refuses("directory.move", storage.ErrInvalid, func(c *request) bool { return strings.HasPrefix(c.other, c.key+"/") }),
}}

func missingDirectory(c *request) bool {
	_, err := c.b.Directory(c.key).Info(background)
	return err != nil
}
