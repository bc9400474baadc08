package gateway

import (
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/versity/versitygw/s3api/utils"
)

// TestCheckBody computes each checksum as the protocol layer does.
func TestCheckBody(t *testing.T) {
	for _, algorithm := range algorithms {
		for _, content := range []string{"", "a", strings.Repeat("0123456789", 10_000)} {
			body, err := checkBody(strings.NewReader(content), checksum{}, algorithm)
			require.NoError(t, err)
			want, err := utils.NewHashReader(strings.NewReader(content), "", hashType(algorithm))
			require.NoError(t, err)
			for _, r := range []io.Reader{body, want} {
				got, err := io.ReadAll(r)
				require.NoError(t, err)
				require.Equal(t, content, string(got))
			}
			require.Equal(t, want.Sum(), body.sum(), algorithm)
			require.NotNil(t, new(sums).field(algorithm))
		}
	}
}
