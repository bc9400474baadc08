package gateway

import (
	"encoding/xml"
	"maps"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"open-lake.dev/lib/storage"
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

// FuzzVersionKey checks that the hidden key of a version names its key, and that an id
// that is accepted is one that the endpoint could have given.
func FuzzVersionKey(f *testing.F) {
	f.Add("a", "null")
	f.Add("a/b\x00c", newVersion())
	f.Add("", "01ARZ3NDEKTSV4RRFFQ69G5FAV")
	f.Fuzz(func(t *testing.T, key, id string) {
		if checkVersion(id) != nil || id == "" {
			return
		}
		if got := keyOfVersion(versionKey(key, id)); got != key {
			t.Errorf("%q became %q", key, got)
		}
		if id != nullVersion && len(id) != versionLen {
			t.Errorf("the id %q was accepted", id)
		}
	})
}

// FuzzHeaders checks that what a request's headers give is read back from metadata as
// it was, and that any text is read.
func FuzzHeaders(f *testing.F) {
	f.Add("gzip, aws-chunked", "key", "value", int64(5), `id="one", uri=two`)
	f.Add("", "", "", int64(-1), ",=,")
	f.Fuzz(func(t *testing.T, encoding, tag, value string, size int64, grantees string) {
		if kept := withoutChunked(&encoding); strings.Contains(encoding, "aws-chunked") && slices.Contains(strings.Split(*kept, ","), "aws-chunked") {
			t.Errorf("%q became %q", encoding, *kept)
		}
		o := &storage.Object{Metadata: make(map[string]string)}
		tags := map[string]string{tag: value}
		setTags(o.Metadata, tags)
		if got := tagsOf(o); !maps.Equal(got, tags) {
			t.Errorf("%q became %q", tags, got)
		}
		sum := checksum{types.ChecksumAlgorithmCrc32, "", "AAAAAA=="}
		parts := []objectPart{{size, sum}, {size / 2, sum}}
		o.Metadata[metaParts] = formatParts(parts)
		o.Metadata[metaChecksum] = sum.String()
		if got := partsOf(o); !slices.Equal(got, parts) {
			t.Errorf("%v became %v", parts, got)
		}
		o.Metadata[metaParts], o.Metadata[metaChecksum] = encoding, value
		partsOf(o)
		parseGrantee(grantees)
	})
}

// FuzzACL checks that an ACL that is accepted is given back as it was understood.
func FuzzACL(f *testing.F) {
	newACL := func() *accessControl {
		return &accessControl{xml.Name{Local: "AccessControlPolicy"}, accountID{"me"}, nil}
	}
	empty := newACL()
	f.Add(empty.String())
	full := newACL()
	full.Grants, _ = cannedGrants(types.ObjectCannedACLPublicReadWrite, "me")
	f.Add(full.String())
	f.Add("<AccessControlPolicy><Owner><ID>me</ID></Owner><AccessControlList><Grant/></AccessControlList></AccessControlPolicy>")
	f.Fuzz(func(t *testing.T, doc string) {
		a, again := newACL(), newACL()
		if a.parse(doc) != nil {
			return
		}
		if err := again.parse(a.String()); err != nil || again.String() != a.String() {
			t.Errorf("%q became %q, %v", a, again, err)
		}
	})
}
