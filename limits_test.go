package storage_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"open-lake.dev/lib/storage"
)

func TestS3Limits(t *testing.T) {
	l := storage.S3Limits()
	assert.Equal(t, 1024, l.MaxKey)
	assert.Equal(t, 2048, l.MaxMetadata)
	assert.EqualValues(t, 5<<20, l.MinPart)
	assert.Equal(t, int64(5<<40), l.MaxObject)
	assert.Zero(t, l.MaxName)
	assert.Equal(t, []string{storage.RelaxedB2, storage.RelaxedL1}, l.Relaxed)
	l.Relaxed[0] = "changed"
	assert.True(t, storage.S3Limits().Relaxes(storage.RelaxedB2), "the value is the caller's own")
}

func TestS3BucketNames(t *testing.T) {
	check := storage.S3Limits().BucketName
	long := strings.Repeat("b", 63)
	for _, name := range []string{"abc", "my-bucket", "my.bucket.2", "1bucket", "0.1.2", "1.2.3.4.5", "a-b", "a--b", "xn-x", long} {
		assert.NoError(t, check(name), name)
	}
	for _, name := range []string{
		"", "ab", long + "b", "My-bucket", "my_bucket", "my bucket", "bücher", "-bucket", "bucket-", ".bucket", "bucket.", "my..bucket",
		"192.168.5.4", "xn--bucket", "sthree-bucket", "amzn-s3-demo-bucket", "b-s3alias", "b--ol-s3", "b.mrap", "b--x-s3", "abc\n",
	} {
		assert.ErrorIs(t, check(name), storage.ErrInvalid, "%q", name)
	}
}

func TestRelaxes(t *testing.T) {
	l := storage.Limits{Relaxed: []string{storage.RelaxedO7Copy}}
	assert.True(t, l.Relaxes(storage.RelaxedO7Copy))
	assert.False(t, l.Relaxes(storage.RelaxedO7Delete))
	assert.False(t, storage.Limits{}.Relaxes(""))
}

// limited is a store with limits.
type limited struct{ storage.Storage }

func (limited) Limits() storage.Limits { return storage.Limits{MaxKey: 255} }

func TestLimitsOf(t *testing.T) {
	assert.Equal(t, storage.Limits{MaxKey: 255}, storage.LimitsOf(limited{}))
	assert.Equal(t, storage.Limits{}, storage.LimitsOf(struct{ storage.Storage }{}))
	assert.Equal(t, storage.Limits{}, storage.LimitsOf(nil))
}

func ExampleS3Limits() {
	limits := storage.S3Limits()
	fmt.Println(limits.BucketName("My_Bucket"))
	fmt.Println(limits.MinPart, limits.Relaxed)
	// Output:
	// invalid argument: a bucket name on S3 has lower-case letters, digits, hyphens and single dots, and begins and ends with a letter or digit
	// 5242880 [B2 L1]
}

func ExampleLimits_Relaxes() {
	fmt.Println(storage.S3Limits().Relaxes(storage.RelaxedB2))
	// Output: true
}

func ExampleLimitsOf() {
	st, _ := storage.Open(context.Background(), "mem://?limits=s3")
	defer st.Close()
	fmt.Println(storage.LimitsOf(st).MinPart)
	// Output: 5242880
}
