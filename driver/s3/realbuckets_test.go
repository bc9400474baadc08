package s3driver

import (
	"encoding/json"
	"net/http"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/stretchr/testify/require"

	"open-lake.dev/lib/storage"
	"open-lake.dev/lib/storage/driver/drivertest"
	"open-lake.dev/lib/storage/driver/internal/testservers"
)

// TestContractWithRealBuckets runs the suite on stores whose buckets are those of S3.
// Each has a service of its own, since a service has one set of buckets.
func TestContractWithRealBuckets(t *testing.T) {
	if testing.Short() {
		t.Skip("the suite on buckets that are prefixes is enough for a short test")
	}
	s := testservers.S3Mem(t)
	drivertest.Run(t, drivertest.Config{
		Factory: func(t *testing.T) (storage.Storage, func()) {
			fork, end := forkOf(t, s)
			c := client(t, fork)
			_, err := c.CreateBucket(t.Context(), &s3.CreateBucketInput{Bucket: aws.String(probed)})
			require.NoError(t, err)
			st, err := storage.Open(t.Context(), nameOf(fork, probed, "buckets=real"))
			require.NoError(t, err)
			_, err = c.DeleteBucket(t.Context(), &s3.DeleteBucketInput{Bucket: aws.String(probed)})
			require.NoError(t, err)
			return st, func() { st.Close(); end() }
		},
		Patience: time.Minute,
		Rounds:   10,
	})
}

// probed is the bucket that the probe of Open uses. It goes before the suite begins, in
// which a store is empty.
const probed = "probed"

// forkOf starts an endpoint of an empty store.
func forkOf(t *testing.T, s *testservers.Service) (*testservers.Service, func()) {
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	res, err := client.Post(s.URL+"/_/forks?from=start", "", nil)
	require.NoError(t, err)
	defer res.Body.Close()
	var fork struct{ Name, URL string }
	require.NoError(t, json.NewDecoder(res.Body).Decode(&fork))
	return &testservers.Service{Name: s.Name, URL: fork.URL}, func() {
		req, _ := http.NewRequest(http.MethodDelete, s.URL+"/_/forks/"+fork.Name, nil)
		if res, err := client.Do(req); err == nil {
			res.Body.Close()
		}
	}
}

// TestRealBucketsOfOthers sees and uses the buckets that others made.
func TestRealBucketsOfOthers(t *testing.T) {
	onServices(t, func(t *testing.T, s *testservers.Service) {
		bucket := newBucket(t, s)
		st, err := storage.Open(t.Context(), nameOf(s, bucket, "buckets=real", "prefix=app/"))
		require.NoError(t, err)
		defer st.Close()
		_, err = storage.WriteAll(t.Context(), st.Bucket(""), "key", []byte("content"), "", nil)
		require.NoError(t, err)
		_, err = client(t, s).HeadObject(t.Context(), &s3.HeadObjectInput{Bucket: &bucket, Key: aws.String("app/key")})
		require.NoError(t, err, "the default bucket is the one in the data source name")
		it, err := st.Buckets(t.Context(), 0, 0, nil)
		require.NoError(t, err)
		var names []string
		for info, err := range storage.All(it) {
			require.NoError(t, err)
			require.False(t, info.CreatedAt.IsZero())
			names = append(names, info.Name)
		}
		require.Contains(t, names, bucket)
		require.False(t, storage.LimitsOf(st).Relaxes(storage.RelaxedO7Copy), "the probe used the bucket")
	})
}
