package clouds

import (
	"os"
	"testing"

	"open-lake.dev/lib/storage/driver/internal/testservers"
)

// TestMain sets the environment in which the SDK of Azure looks for credentials.
func TestMain(m *testing.M) {
	os.Setenv("AZURE_STORAGE_ACCOUNT", testservers.AccessKey)
	os.Setenv("AZURE_STORAGE_KEY", testservers.AzuriteKey)
	os.Exit(testservers.Main(m))
}
