package clouds

import (
	"crypto/rand"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/container"
	"github.com/stretchr/testify/require"
	"gocloud.dev/blob"
	_ "gocloud.dev/blob/azureblob"
	_ "gocloud.dev/blob/gcsblob"

	"open-lake.dev/lib/storage"
	"open-lake.dev/lib/storage/driver/drivertest"
	_ "open-lake.dev/lib/storage/driver/gocloud"
	"open-lake.dev/lib/storage/driver/internal/testservers"
)

// TestContractInGCS runs the suite in a service like Google Cloud Storage.
func TestContractInGCS(t *testing.T) {
	s := testservers.FakeGCS(t)
	t.Setenv("STORAGE_EMULATOR_HOST", host(t, s))
	run(t, func(t *testing.T) string { return newGCSBucket(t, s) })
}

// TestContractInAzure runs the suite in a service like Azure Blob Storage.
func TestContractInAzure(t *testing.T) {
	s := testservers.Azurite(t)
	run(t, func(t *testing.T) string { return newContainer(t, s) })
}

// run runs the suite, each store in a real bucket of its own, whose URL newBucket
// returns. The services take the longer to list a bucket the more it holds.
func run(t *testing.T, newBucket func(t *testing.T) string) {
	rounds := 10
	if testing.Short() {
		rounds = 2
	}
	drivertest.Run(t, drivertest.Config{
		Factory: func(t *testing.T) (storage.Storage, func()) {
			st, err := storage.Open(t.Context(), newBucket(t))
			require.NoError(t, err)
			return st, func() { require.NoError(t, st.Close()) }
		},
		Patience: time.Minute,
		Rounds:   rounds,
	})
}

// host returns the host and port of a service.
func host(t *testing.T, s *testservers.Service) string {
	u, err := url.Parse(s.URL)
	require.NoError(t, err)
	return u.Host
}

// newName returns the name of a new real bucket.
func newName() string { return "b" + strings.ToLower(rand.Text()) }

// newGCSBucket creates a bucket and returns its URL.
func newGCSBucket(t *testing.T, s *testservers.Service) string {
	name := newName()
	res, err := http.Post(s.URL+"/storage/v1/b", "application/json", strings.NewReader(fmt.Sprintf(`{"name": %q}`, name)))
	require.NoError(t, err)
	defer res.Body.Close()
	require.Equal(t, http.StatusOK, res.StatusCode)
	return "gs://" + name + "?anonymous=true&prefix=some/prefix-"
}

// newContainer creates a container and returns its URL.
func newContainer(t *testing.T, s *testservers.Service) string {
	dsn := fmt.Sprintf("azblob://%s?protocol=http&domain=%s", newName(), host(t, s))
	b, err := blob.OpenBucket(t.Context(), dsn)
	require.NoError(t, err)
	defer b.Close()
	var client *container.Client
	require.True(t, b.As(&client))
	_, err = client.Create(t.Context(), nil)
	require.NoError(t, err)
	return dsn + "&prefix=some/prefix-"
}
