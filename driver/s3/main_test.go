package s3driver

import (
	"os"
	"testing"

	"open-lake.dev/lib/storage/driver/internal/testservers"
)

// TestMain sets the environment in which the AWS SDK looks for credentials to that of
// the services.
func TestMain(m *testing.M) {
	for name, value := range map[string]string{
		"AWS_ACCESS_KEY_ID":           testservers.AccessKey,
		"AWS_SECRET_ACCESS_KEY":       testservers.SecretKey,
		"AWS_EC2_METADATA_DISABLED":   "true",
		"AWS_CONFIG_FILE":             os.DevNull,
		"AWS_SHARED_CREDENTIALS_FILE": os.DevNull,
	} {
		os.Setenv(name, value)
	}
	os.Exit(testservers.Main(m))
}
