package drivertest

import (
	"errors"
	"strings"
	"time"

	"open-lake.dev/lib/storage"
)

// directoryVariants break the rules of directories.
var directoryVariants = []variant{{
	name: "a directory outlives its last object", fails: "D1_exists_while_an_object_lies_beneath",
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
	name: "there is no root", fails: "D1_root_exists_while_the_bucket_does",
	phrase: "the root exists while the bucket does",
	fault:  refuses("directory.info", storage.ErrNotExist, func(c *request) bool { return c.key == "" }),
}, {
	name: "a directory changed now, always", fails: "D1_times",
	phrase: "the time of the latest change beneath",
	fault: objects(func(c *request, o *storage.Object) {
		if o.IsDir {
			o.Updated = time.Now().UTC()
		}
	}),
}, {
	name: "a missing directory has Info", fails: "D1_exists_while_an_object_lies_beneath",
	phrase: "a directory vanishes with its last object",
	fault: on("directory.info", func(c *request, do func()) {
		if do(); c.err != nil && c.ctx.Err() == nil {
			c.obj, c.err = &storage.Object{Bucket: c.bucket, Key: c.key, IsDir: true}, nil
		}
	}),
}, {
	name: "List of a missing directory fails", fails: "D2_missing_is_empty",
	phrase: "listing must succeed",
	fault:  refuses("directory.list", storage.ErrNotExist, missingDirectory),
}, {
	name: "Directory.List goes deep", fails: "D2_direct_children",
	phrase: "direct children of",
	fault: on("directory.list", func(c *request, do func()) {
		if do(); c.err == nil && c.key != "" {
			c.objects, c.err = c.b.List(c.ctx, c.key+"/", c.limit, c.skip, c.opts)
		}
	}),
}, {
	name: "Delete of a missing directory succeeds", fails: "D3_nothing_removed",
	phrase: "removes nothing",
	fault:  insteadOf("directory.delete", storage.ErrNotExist, nil),
}, {
	name: "Directory.Delete is recursive always", fails: "D3_direct_objects_only",
	phrase: "the objects directly in the directory, and only those",
	fault:  before("directory.delete", func(c *request) { c.set(storage.OptRecursive, true) }),
}, {
	name: "Directory.Delete takes the object of that name", fails: "D3_leaves_the_neighbours",
	phrase: "must leave the object of the directory's name",
	fault:  onSuccess("directory.delete", func(c *request) { c.b.Delete(background, c.key, nil) }),
}, {
	name: "Directory.Move loses deep children", fails: "D4_moves_all_beneath",
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
	name: "Directory.Move takes d2 with d", fails: "D4_leaves_the_neighbours",
	phrase: "must leave the object of the directory's name, and its neighbours",
	fault: onSuccess("directory.move", func(c *request) {
		for _, o := range beneath(c, c.key) {
			if rest := o.Key[len(c.key):]; rest != "" && rest[0] != '/' {
				c.b.Move(background, c.other+rest, "", o.Key, nil)
			}
		}
	}),
}, {
	name: "Directory.Move takes the object of that name", fails: "D4_leaves_the_neighbours",
	phrase: "must leave the object of the directory's name",
	fault:  onSuccess("directory.move", func(c *request) { c.b.Move(background, c.other, "", c.key, nil) }),
}, {
	name: "Directory.Move moves one by one", fails: "D4_no_reader_sees_half_a_move",
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
	name: "a failed rename leaks its lock", fails: "Trap_reader_over_the_same_bucket", hangs: true,
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
	name: "Directory.Move sets times", fails: "D4_objects_keep_everything",
	phrase: "objects must keep their times",
	fault: onSuccess("directory.move", func(c *request) {
		for _, o := range beneath(c, c.other+"/") {
			c.b.Copy(background, o.Key, "", o.Key, nil)
		}
	}),
}, {
	name: "Directory.Move of a missing directory succeeds", fails: "D4_missing_source",
	phrase: "which is no directory",
	fault:  insteadOf("directory.move", storage.ErrNotExist, nil),
}, {
	name: "Directory.Move replaces what is at its destination", fails: "D4_merges",
	phrase: "Move onto a directory must merge",
	fault: before("directory.move", func(c *request) {
		if c.other != c.key && !missingDirectory(c) && !strings.HasPrefix(c.key, c.other) {
			c.b.Directory(c.other).Delete(c.ctx, storage.Options{storage.OptRecursive: true})
		}
	}),
}, {
	name: "Directory.Move refuses its own child", fails: "D4_into_its_own_child",
	phrase: "Move of directory \"d\" to \"d/e\" must succeed",
	fault:  refuses("directory.move", storage.ErrInvalid, func(c *request) bool { return strings.HasPrefix(c.other, c.key+"/") }),
}, {
	name: "a directory was created when it last changed", fails: "D1_times_of_moved_objects",
	phrase: "must be that of its first appearance, or earlier",
	fault: objects(func(_ *request, o *storage.Object) {
		if o.IsDir {
			o.Created = o.Updated
		}
	}),
}, {
	name: "a directory has not changed since", fails: "D1_times_of_moved_objects",
	phrase: "must be that of the latest change beneath",
	fault: objects(func(_ *request, o *storage.Object) {
		if o.IsDir {
			o.Updated = o.Created
		}
	}),
}, {
	name: "a recursive Delete of a directory deletes one by one", fails: "D3_delete_is_seen_whole",
	phrase: "no reader may see half a recursive Delete",
	fault:  on("directory.delete", deleteOneByOne),
}, {
	name: "Directory.Move moves what it can", fails: "D4_key_that_gets_too_long",
	phrase: "must move nothing",
	fault: on("directory.move", func(c *request, do func()) {
		if do(); errors.Is(c.err, storage.ErrInvalid) {
			c.b.Move(background, c.other+"/a", "", c.key+"/a", nil)
		}
	}),
}, {
	name: "Directory.Move makes keys that are too long", fails: "D4_key_that_gets_too_long",
	phrase: "Move of a directory that would make a key too long",
	fault:  insteadOf("directory.move", storage.ErrInvalid, nil),
}, {
	name: "a moved directory replaces the object of its name", fails: "D4_merges_objects_and_directories_of_one_name",
	phrase: "objects beside directories of their name too",
	fault: onSuccess("directory.move", func(c *request) {
		for _, o := range beneath(c, c.other+"/") {
			if len(beneath(c, o.Key+"/")) > 0 {
				c.b.Delete(background, o.Key, nil)
			}
		}
	}),
}}

func missingDirectory(c *request) bool {
	_, err := c.b.Directory(c.key).Info(background)
	return err != nil
}
