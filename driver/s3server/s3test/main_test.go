package s3test_test

import (
	"testing"

	"go.uber.org/goleak"

	"open-lake.dev/lib/storage/driver/s3server/s3test"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m, s3test.IgnoreLeaks()...) }
