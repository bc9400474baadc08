package gateway

import (
	"testing"
	"unicode/utf8"

	"github.com/aws/aws-sdk-go-v2/service/s3/types"
)

// FuzzToken checks that a token continues after the key that it was made of, and
// that any text is a token or is refused.
func FuzzToken(f *testing.F) {
	for _, seed := range []string{"", "a", "=", "=YQ", "é", "\x01", "=%"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if key, err := parseToken(token(text)); err != nil || key != text {
			t.Errorf("%q became %q, %v", text, key, err)
		}
		if key, err := parseToken(text); err == nil && utf8.ValidString(key) {
			if again, err := parseToken(token(key)); err != nil || again != key {
				t.Errorf("%q became %q, %v", key, again, err)
			}
		}
	})
}

// FuzzChecksum checks that a checksum is read as it was written, and that any text
// is read.
func FuzzChecksum(f *testing.F) {
	f.Add("CRC32", "FULL_OBJECT", "AAAAAA==")
	f.Add("", "", "")
	f.Fuzz(func(t *testing.T, algorithm, kind, value string) {
		parseChecksum(algorithm + kind + value)
		for _, c := range []checksum{{types.ChecksumAlgorithmCrc32, types.ChecksumTypeComposite, value}, {types.ChecksumAlgorithmSha256, "", value}} {
			if got := parseChecksum(c.String()); got != c {
				t.Errorf("%q became %q", c, got)
			}
		}
	})
}
