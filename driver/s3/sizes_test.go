package s3driver

import (
	"testing"

	"github.com/stretchr/testify/require"

	"open-lake.dev/lib/storage"
)

// TestPartSizes: the largest object fits in as many parts as an upload may have, and no
// part is larger than S3 takes.
func TestPartSizes(t *testing.T) {
	const largest, maxPart = 5 << 40, 5 << 30
	var total int64
	for number := range int32(storage.MaxParts) {
		total += partSize(number + 1)
	}
	require.GreaterOrEqual(t, total, int64(largest))
	require.LessOrEqual(t, partSize(storage.MaxParts), int64(maxPart))

	for _, size := range []int64{1, sizesOfS3.most, sizesOfS3.most + 1, 1 << 40, largest - 1, largest} {
		part := sizesOfS3.partOf(size)
		require.LessOrEqual(t, (size+part-1)/part, int64(storage.MaxParts), "%d bytes", size)
		require.LessOrEqual(t, part, int64(maxPart))
	}
}
