package gateway

import (
	"encoding/base64"
	"io"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/minio/crc64nvme"
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

func hashType(algorithm types.ChecksumAlgorithm) utils.HashType {
	return utils.HashType(strings.ToLower(string(algorithm)))
}

// sums are the fields of an input or an output that hold a checksum. ChecksumType is
// the whole's, and empty for a part.
type sums struct {
	ChecksumCRC32, ChecksumCRC32C, ChecksumCRC64NVME          *string
	ChecksumSHA1, ChecksumSHA256, ChecksumSHA512, ChecksumMD5 *string
	ChecksumXXHASH64, ChecksumXXHASH3, ChecksumXXHASH128      *string
	ChecksumType                                              types.ChecksumType
}

// field returns the field for the checksum of an algorithm, nil if there is none.
func (f *sums) field(algorithm types.ChecksumAlgorithm) **string {
	switch algorithm {
	case types.ChecksumAlgorithmCrc32:
		return &f.ChecksumCRC32
	case types.ChecksumAlgorithmCrc32c:
		return &f.ChecksumCRC32C
	case types.ChecksumAlgorithmCrc64nvme:
		return &f.ChecksumCRC64NVME
	case types.ChecksumAlgorithmSha1:
		return &f.ChecksumSHA1
	case types.ChecksumAlgorithmSha256:
		return &f.ChecksumSHA256
	case types.ChecksumAlgorithmSha512:
		return &f.ChecksumSHA512
	case types.ChecksumAlgorithmMd5:
		return &f.ChecksumMD5
	case types.ChecksumAlgorithmXxhash64:
		return &f.ChecksumXXHASH64
	case types.ChecksumAlgorithmXxhash3:
		return &f.ChecksumXXHASH3
	case types.ChecksumAlgorithmXxhash128:
		return &f.ChecksumXXHASH128
	}
	return nil
}

// algorithms are those of the checksums that S3 knows, in the order in which those of
// a request are looked at.
var algorithms = []types.ChecksumAlgorithm{
	types.ChecksumAlgorithmCrc32, types.ChecksumAlgorithmCrc32c, types.ChecksumAlgorithmSha1, types.ChecksumAlgorithmSha256,
	types.ChecksumAlgorithmCrc64nvme, types.ChecksumAlgorithmSha512, types.ChecksumAlgorithmMd5,
	types.ChecksumAlgorithmXxhash64, types.ChecksumAlgorithmXxhash3, types.ChecksumAlgorithmXxhash128,
}

// givenSums returns the checksums that an input has.
func givenSums(in any) (given []checksum) {
	var f sums
	copyFields(&f, in)
	for _, algorithm := range algorithms {
		if value := *f.field(algorithm); value != nil {
			given = append(given, checksum{algorithm, "", *value})
		}
	}
	return given
}

// givenSum returns the first checksum that an input has.
func givenSum(in any) checksum {
	if given := givenSums(in); len(given) > 0 {
		return given[0]
	}
	return checksum{}
}

// setIn sets the fields of an output that hold a checksum.
func (c checksum) setIn(out any) {
	f := sums{ChecksumType: c.kind}
	if at := f.field(c.algorithm); at != nil && c.value != "" {
		*at = &c.value
	}
	copyFields(out, &f)
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
	if algorithm == types.ChecksumAlgorithmCrc64nvme && given.value == "" {
		h := crc64nvme.New() // the layer's is the slow one of the standard library
		return &checkedBody{io.TeeReader(body, h), algorithm, func() string { return base64.StdEncoding.EncodeToString(h.Sum(nil)) }}, nil
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
