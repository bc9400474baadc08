package storage_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"open-lake.dev/lib/storage"
)

func TestOptionsValidate(t *testing.T) {
	good := storage.Options{
		storage.OptPublic: true, storage.OptForce: false, storage.OptUpsert: true, storage.OptRecursive: true,
		storage.OptFilesOnly: true, storage.OptDirsOnly: true, storage.OptStartAfter: "k",
		storage.OptIfMatch: "*", storage.OptIfNoneMatch: "e",
		storage.OptIfModifiedSince: time.Now(), storage.OptIfUnmodifiedSince: time.Now(),
		storage.OptMetadata: map[string]string{}, storage.OptChecksumAlgorithms: []string{"md5"}, storage.OptChecksum: storage.Hashes{},
		"of my own": struct{}{},
	}
	assert.NoError(t, good.Validate())
	assert.NoError(t, storage.Options(nil).Validate())
	assert.NoError(t, storage.Options{storage.OptChecksum: map[string]string{}}.Validate())
	for key := range good {
		if key == "of my own" {
			continue
		}
		for _, bad := range []any{nil, 1, []byte("x"), &key} {
			err := storage.Options{key: bad}.Validate()
			assert.ErrorIs(t, err, storage.ErrInvalid)
			assert.ErrorContains(t, err, fmt.Sprintf("option %q wants a", key))
			assert.ErrorContains(t, err, fmt.Sprintf("got %T", bad))
		}
	}
	err := storage.Options{storage.OptUpsert: 1, storage.OptForce: 2, storage.OptIfMatch: 3}.Validate()
	assert.ErrorContains(t, err, `"force"`, "the first in key order")
}

func TestOptionsAccessors(t *testing.T) {
	now := time.Now()
	metadata, algorithms := map[string]string{"k": "v"}, []string{"md5"}
	o := storage.Options{"b": true, "s": "text", "t": now, "m": metadata, "h": storage.Hashes{"md5": "00"}, "l": algorithms}
	assert.True(t, o.Bool("b", false))
	assert.True(t, o.Bool("none", true))
	assert.False(t, o.Bool("s", false))
	text, ok := o.String("s")
	assert.Equal(t, "text", text)
	assert.True(t, ok)
	_, ok = o.String("b")
	assert.False(t, ok)
	at, ok := o.Time("t")
	assert.Equal(t, now, at)
	assert.True(t, ok)
	_, ok = o.Time("none")
	assert.False(t, ok)
	hashes, ok := o.StringMap("h")
	assert.Equal(t, map[string]string{"md5": "00"}, hashes)
	assert.True(t, ok)
	_, ok = o.StringMap("s")
	assert.False(t, ok)
	assert.Nil(t, o.Strings("none"))

	copied, _ := o.StringMap("m")
	copied["k"] = "changed"
	assert.Equal(t, "v", metadata["k"], "the map is the caller's own")
	list := o.Strings("l")
	list[0] = "changed"
	assert.Equal(t, "md5", algorithms[0], "the slice is the caller's own")
}

func ExampleOptions_Validate() {
	fmt.Println(storage.Options{storage.OptRecursive: "yes"}.Validate())
	fmt.Println(storage.Options{storage.OptRecursive: true, "x-trace": 7}.Validate())
	// Output:
	// invalid argument: option "recursive" wants a bool, got string
	// <nil>
}
