package gateway

import (
	"io"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/versity/versitygw/s3api/middlewares"
	"github.com/versity/versitygw/s3api/utils"

	"open-lake.dev/lib/storage"
)

// checksum is a checksum of an object or a part, in base64. The zero checksum is
// none. Its text form has the three fields with blanks between.
type checksum struct {
	algorithm types.ChecksumAlgorithm
	kind      types.ChecksumType // empty for a part
	value     string
}

func (c checksum) String() string {
	return string(c.algorithm) + " " + string(c.kind) + " " + c.value
}

func parseChecksum(text string) (c checksum) {
	algorithm, rest, _ := strings.Cut(text, " ")
	kind, value, _ := strings.Cut(rest, " ")
	return checksum{types.ChecksumAlgorithm(algorithm), types.ChecksumType(kind), value}
}

func checksumOf(o *storage.Object) checksum { return parseChecksum(o.Metadata[metaChecksum]) }

// of returns the value if the checksum is of the algorithm, else nil.
func (c checksum) of(algorithm types.ChecksumAlgorithm) *string {
	if c.algorithm != algorithm || c.value == "" {
		return nil
	}
	return &c.value
}

func hashType(algorithm types.ChecksumAlgorithm) utils.HashType {
	return utils.HashType(strings.ToLower(string(algorithm)))
}

// sums are the fields of an input or an output that hold a checksum.
type sums struct {
	CRC32, CRC32C, SHA1, SHA256, CRC64NVME, SHA512, MD5, XXHASH64, XXHASH3, XXHASH128 *string
}

// given returns the first checksum that is given, in a list of the fields.
func (f sums) given() checksum {
	for _, g := range f.all() {
		if g.value != nil {
			return checksum{g.algorithm, "", *g.value}
		}
	}
	return checksum{}
}

// sum is one of the fields.
type sum struct {
	algorithm types.ChecksumAlgorithm
	value     *string
}

func (f sums) all() []sum {
	return []sum{
		{types.ChecksumAlgorithmCrc32, f.CRC32},
		{types.ChecksumAlgorithmCrc32c, f.CRC32C},
		{types.ChecksumAlgorithmSha1, f.SHA1},
		{types.ChecksumAlgorithmSha256, f.SHA256},
		{types.ChecksumAlgorithmCrc64nvme, f.CRC64NVME},
		{types.ChecksumAlgorithmSha512, f.SHA512},
		{types.ChecksumAlgorithmMd5, f.MD5},
		{types.ChecksumAlgorithmXxhash64, f.XXHASH64},
		{types.ChecksumAlgorithmXxhash3, f.XXHASH3},
		{types.ChecksumAlgorithmXxhash128, f.XXHASH128},
	}
}

// sums returns the fields of an output that has the checksum.
func (c checksum) sums() sums {
	return sums{
		CRC32:     c.of(types.ChecksumAlgorithmCrc32),
		CRC32C:    c.of(types.ChecksumAlgorithmCrc32c),
		SHA1:      c.of(types.ChecksumAlgorithmSha1),
		SHA256:    c.of(types.ChecksumAlgorithmSha256),
		CRC64NVME: c.of(types.ChecksumAlgorithmCrc64nvme),
		SHA512:    c.of(types.ChecksumAlgorithmSha512),
		MD5:       c.of(types.ChecksumAlgorithmMd5),
		XXHASH64:  c.of(types.ChecksumAlgorithmXxhash64),
		XXHASH3:   c.of(types.ChecksumAlgorithmXxhash3),
		XXHASH128: c.of(types.ChecksumAlgorithmXxhash128),
	}
}

// checkedBody is a body whose checksum is computed, and compared with the one that
// the client sent, while it is read.
type checkedBody struct {
	io.Reader
	algorithm types.ChecksumAlgorithm
	sum       func() string
}

// checkBody returns body with its checksum: that of a trailer, or the one that is
// given, or one of an algorithm.
func checkBody(body io.Reader, given checksum, algorithm types.ChecksumAlgorithm) (*checkedBody, error) {
	if algorithm, ok := trailing(body); ok {
		return &checkedBody{body, algorithm, body.(middlewares.ChecksumReader).Checksum}, nil
	}
	if given.algorithm != "" {
		algorithm = given.algorithm
	}
	r, err := utils.NewHashReader(body, given.value, hashType(algorithm))
	if err != nil {
		return nil, err
	}
	return &checkedBody{r, algorithm, r.Sum}, nil
}

// trailing returns the algorithm of the checksum that follows a body.
func trailing(body io.Reader) (types.ChecksumAlgorithm, bool) {
	r, ok := body.(middlewares.ChecksumReader)
	if !ok || r.Algorithm() == "" {
		return "", false
	}
	return types.ChecksumAlgorithm(strings.ToUpper(r.Algorithm())), true
}

// checksum returns the checksum of a body that was read.
func (b *checkedBody) checksum(kind types.ChecksumType) checksum {
	return checksum{b.algorithm, kind, b.sum()}
}
