package gateway

import (
	"strings"

	"open-lake.dev/lib/storage"
)

// hiddenPrefix begins the names of hidden buckets. No bucket of S3 begins with a
// dot.
const hiddenPrefix = ".s3"

// Hidden reports whether a bucket of the store is one that S3 clients do not see.
// ".s3.NAME" belongs to the bucket NAME and has in
//
//	doc/       its documents by name
//	part/ID/   the checksums of the parts of the upload ID, by the part's ETag
//	v/         the noncurrent versions and the delete markers of its objects, by
//	           key, NUL and version, the newest first
//
// ".s3" holds long bodies until the change they are part of is committed.
func Hidden(bucket string) bool {
	return bucket == stageBucket || strings.HasPrefix(bucket, hiddenPrefix+".")
}

const stageBucket = hiddenPrefix

func hiddenBucket(bucket string) string { return hiddenPrefix + "." + bucket }

func documentKey(name string) string { return "doc/" + name }

func partDir(uploadID string) string { return "part/" + uploadID }

func partKey(uploadID, etag string) string { return partDir(uploadID) + "/" + etag }

func versionPrefix(key string) string { return versionsDir + key + "\x00" }

func versionKey(key, version string) string { return versionPrefix(key) + version }

const versionsDir = "v/"

// keyOfVersion returns the key whose version is at a hidden key.
func keyOfVersion(hidden string) string {
	return hidden[len(versionsDir):strings.LastIndexByte(hidden, 0)]
}

// maxVersionedKey is the length of the longest key that can have versions.
const maxVersionedKey = storage.MaxKey - len(versionsDir) - 1 - versionLen
