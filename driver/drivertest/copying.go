package drivertest

import (
	"time"

	"github.com/stretchr/testify/require"

	"open-lake.dev/lib/storage"
)

var copyCases = []testCase{
	{"O2_copy_takes_content_type_and_metadata", copyTakesEverything},
	{"O2_move_takes_everything", moveTakesEverything},
	{"O2_copy_and_move_between_buckets", copyBetweenBuckets},
	{"O2_copy_and_move_replace_metadata", copyReplacesMetadata},
	{"O2_copy_and_move_replace_an_object", copyReplacesAnObject},
	{"O2_copy_and_move_of_a_missing_source", copyOfAMissingSource},
	{"O2_copy_and_move_of_a_directory", copyOfADirectory},
	{"O2_move_onto_itself", moveOntoItself},
	{"O2_copy_and_source_are_apart", copyAndSourceAreApart},
}

// putRich writes an object with all that a Copy must take along.
func (h *harness) putRich(key string) *storage.Object {
	return h.putWith(key, "rich content", storage.Options{
		storage.OptMetadata: map[string]string{"a": "b", "c": "d"}, storage.OptChecksumAlgorithms: []string{storage.HashMD5}})
}

// wantTaken checks an object that Copy or Move made of source, with the times that
// it must have.
func (h *harness) wantTaken(source, got *storage.Object, bucket, key string, created, updated time.Time, message string) {
	want := plain(source)
	want.Bucket, want.Key, want.Created, want.Updated = bucket, key, created, updated
	if h.limits.Relaxes(storage.RelaxedO3) {
		want.ETag = got.ETag
	}
	h.same(&want, got, "%s", message)
}

// wantMoved checks an object that a move made of source.
func (h *harness) wantMoved(source, got *storage.Object, key, message string) {
	created, updated := source.Created, source.Updated
	if h.limits.Relaxes(storage.RelaxedO2) {
		created, updated = got.Created, got.Updated
	}
	h.wantTaken(source, got, bucketName, key, created, updated, message)
}

// transfer is a method that takes an object from one key to another.
type transfer struct {
	name string
	do   func(b storage.Bucket, dstKey, srcBucket, srcKey string, opts storage.Options) (*storage.Object, error)
}

// transfers returns Copy and, if the driver has it, Move.
func (h *harness) transfers() []transfer {
	all := []transfer{
		{"Copy", func(b storage.Bucket, dstKey, srcBucket, srcKey string, opts storage.Options) (*storage.Object, error) {
			return b.Copy(h.ctx, dstKey, srcBucket, srcKey, opts)
		}},
		{"Move", func(b storage.Bucket, dstKey, srcBucket, srcKey string, opts storage.Options) (*storage.Object, error) {
			return b.Move(h.ctx, dstKey, srcBucket, srcKey, opts)
		}},
	}
	if !h.has(storage.FeatureMove) {
		return all[:1]
	}
	return all
}

func copyTakesEverything(h *harness) {
	source := h.putRich("source")
	o, err := h.b.Copy(h.ctx, "deep/copy", "", "source", nil)
	require.NoError(h, err)
	h.wantTaken(source, o, bucketName, "deep/copy", o.Created, o.Updated, "O2: Copy must take content, type, metadata and digests")
	h.same(o, h.stat("deep/copy"), "O2: Stat must describe the object as Copy did")
	require.Equal(h, "rich content", h.get("deep/copy"), "O2: Copy must take the content")
	require.Equal(h, []string{"deep/copy", "source"}, h.list("", nil), "O2: Copy must leave the source")
}

func moveTakesEverything(h *harness) {
	source := h.putRich("source")
	o := h.move("deep/moved", "source")
	h.wantMoved(source, o, "deep/moved", "O2: Move must change nothing but the key")
	h.same(o, h.stat("deep/moved"), "O2: Stat must describe the object as Move did")
	require.Equal(h, "rich content", h.get("deep/moved"), "O2: Move must take the content")
	require.Equal(h, []string{"deep/moved"}, h.list("", nil), "O2: Move must take the source away")
}

func copyBetweenBuckets(h *harness) {
	other := h.bucket("other")
	for _, t := range h.transfers() {
		h.put("key", "content")
		o, err := t.do(other, "key", bucketName, "key", nil)
		require.NoError(h, err)
		require.Equal(h, "other", o.Bucket, "O2: %s must return the bucket that it went to", t.name)
		require.Equal(h, "content", getFrom(h, other, "key"), "O2: %s must take the content to the other bucket", t.name)
	}
	if h.has(storage.FeatureMove) {
		h.gone("key", "O2: Move must take the source away from its bucket")
	}
}

func copyReplacesMetadata(h *harness) {
	for _, t := range h.transfers() {
		h.putRich("source")
		for _, meta := range []map[string]string{{"new": "yes"}, {}} {
			o, err := t.do(h.b, t.name, "", "source", storage.Options{storage.OptMetadata: meta})
			require.NoError(h, err)
			require.Equal(h, len(meta), len(o.Metadata), "O2: %s with metadata must replace all of it, got %v", t.name, o.Metadata)
			require.Equal(h, meta["new"], o.Metadata["new"], "O2: %s must set the metadata given", t.name)
			h.same(o, h.stat(t.name), "O2: Stat must return the metadata that %s was given", t.name)
			h.putRich("source")
		}
	}
}

func copyReplacesAnObject(h *harness) {
	for _, t := range h.transfers() {
		h.putRich("source")
		h.putWith("taken", "old", storage.Options{storage.OptMetadata: map[string]string{"old": "yes"}})
		_, err := t.do(h.b, "taken", "", "source", nil)
		require.NoError(h, err, "O2: %s onto an object replaces it", t.name)
		require.Equal(h, "rich content", h.get("taken"), "O2: %s onto an object must replace its content", t.name)
		require.Equal(h, map[string]string{"a": "b", "c": "d"}, h.stat("taken").Metadata, "O2: %s onto an object must replace its metadata", t.name)
	}
}

func copyOfAMissingSource(h *harness) {
	h.putKeys("dir/a", "taken")
	h.unchanged("O2: a transfer of a missing source must change nothing", func() {
		for _, t := range h.transfers() {
			for _, key := range []string{"missing", "di", "dir/a/b", "dir/b"} {
				_, err := t.do(h.b, "taken", "", key, nil)
				require.ErrorIs(h, err, storage.ErrNotExist, "O2: %s of a missing source %q", t.name, key)
			}
		}
	})
}

func copyOfADirectory(h *harness) {
	h.put("dir/a", "content")
	h.unchanged("O5: a transfer of a directory must change nothing", func() {
		for _, t := range h.transfers() {
			_, err := t.do(h.b, "to", "", "dir", nil)
			require.ErrorIs(h, err, storage.ErrPermission, "O5: %s of a name that is only a directory", t.name)
		}
	})
}

func moveOntoItself(h *harness) {
	h.needs(storage.FeatureMove)
	o := h.putRich("key")
	h.tick()
	h.unchanged("O2: Move onto itself must change nothing", func() {
		for _, bucket := range []string{"", bucketName} {
			moved, err := h.b.Move(h.ctx, "key", bucket, "key", nil)
			require.NoError(h, err, "O2: Move onto itself must succeed")
			h.same(o, moved, "O2: Move onto itself must change nothing")
		}
	})
	moved, err := h.b.Move(h.ctx, "key", "", "key", storage.Options{storage.OptMetadata: map[string]string{"new": "yes"}})
	require.NoError(h, err, "O2: Move onto itself must succeed")
	o.Metadata = map[string]string{"new": "yes"}
	h.wantMoved(o, moved, "key", "O2: Move onto itself with metadata must change the metadata only")
	h.same(moved, h.stat("key"), "O2: Stat must return the metadata that Move was given")
	require.Equal(h, "rich content", h.get("key"), "O2: Move onto itself must keep the content")
}

func copyAndSourceAreApart(h *harness) {
	h.put("source", "content")
	_, err := h.b.Copy(h.ctx, "copy", "", "source", nil)
	require.NoError(h, err)
	h.put("source", "changed")
	require.Equal(h, "content", h.get("copy"), "O2: overwriting the source must leave the copy")
	h.delete("source")
	require.Equal(h, "content", h.get("copy"), "O2: deleting the source must leave the copy")
}
