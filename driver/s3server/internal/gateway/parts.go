package gateway

import (
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"open-lake.dev/lib/storage"
)

// objectPart is a part that an object was uploaded in.
type objectPart struct {
	size int64
	sum  checksum
}

// formatParts returns the parts as system metadata has them: size and checksum, with
// a colon between, and a comma between two parts. The algorithm is the object's.
func formatParts(parts []objectPart) string {
	var b strings.Builder
	for i, p := range parts {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(strconv.FormatInt(p.size, 10))
		if p.sum.value != "" {
			b.WriteString(":" + p.sum.value)
		}
	}
	return b.String()
}

// partsOf returns the parts that an object was uploaded in, nil if it was not.
func partsOf(o *storage.Object) (parts []objectPart) {
	text := o.Metadata[metaParts]
	if text == "" {
		return nil
	}
	algorithm := checksumOf(o).algorithm
	for field := range strings.SplitSeq(text, ",") {
		size, value, _ := strings.Cut(field, ":")
		p := objectPart{sum: checksum{algorithm, "", value}}
		p.size, _ = strconv.ParseInt(size, 10, 64)
		parts = append(parts, p)
	}
	return parts
}

// part returns the part as the attributes of an object have it.
func (p objectPart) part(number int) types.ObjectPart {
	part := types.ObjectPart{PartNumber: new(int32(number)), Size: &p.size}
	p.sum.setIn(&part)
	return part
}
