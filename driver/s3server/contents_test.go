package s3server

import (
	"encoding/xml"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/stretchr/testify/require"
	"github.com/versity/versitygw/s3response"
)

// TestContents writes random rows as encoding/xml does.
func TestContents(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	text := func() *string {
		letters := []string{"a", "<", ">", "&", `"`, "'", "é", "\n", "\x01", "\xff", "\U0010FFFF", " ", "/", "]]>"}
		var b strings.Builder
		for range r.IntN(6) {
			b.WriteString(letters[r.IntN(len(letters))])
		}
		return new(b.String())
	}
	for range 1000 {
		rows := make([]s3response.Object, r.IntN(3))
		for i := range rows {
			rows[i] = s3response.Object{
				Key: text(), ETag: new(`"0123"`), Size: new(r.Int64N(1 << 40)), LastModified: new(time.Unix(r.Int64N(1<<32), 5)),
				StorageClass: types.ObjectStorageClassStandard,
			}
			if r.IntN(2) == 0 {
				rows[i].Owner = &types.Owner{ID: text()}
				rows[i].ChecksumAlgorithm, rows[i].ChecksumType = []types.ChecksumAlgorithm{types.ChecksumAlgorithmCrc32}, types.ChecksumTypeComposite
			}
		}
		want, err := xml.Marshal(struct {
			XMLName  xml.Name `xml:"R"`
			Contents []s3response.Object
		}{Contents: rows})
		require.NoError(t, err)
		quotes := strings.NewReplacer("&#34;", `"`, "&#39;", "'")
		require.Equal(t, quotes.Replace(string(want)), quotes.Replace("<R>"+string(appendContents(nil, rows))+"</R>"))
	}
}
