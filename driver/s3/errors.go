package s3driver

import (
	"errors"
	"io"
	"net/http"

	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"open-lake.dev/lib/storage"
	"open-lake.dev/lib/storage/driver/internal/engine"
)

// codes holds the errors of package storage for the codes of S3 and of services that
// speak like it.
var codes = map[string]error{
	"NoSuchKey":    storage.ErrNotExist,
	"NoSuchUpload": storage.ErrNotExist,
	"NoSuchBucket": storage.ErrNoBucket,

	"BucketAlreadyExists":           storage.ErrExist,
	"BucketAlreadyOwnedByYou":       storage.ErrExist,
	"ExistingObjectIsDirectory":     storage.ErrExist, // versitygw, of an object beside a directory
	"ObjectExistsAsDirectory":       storage.ErrExist, // MinIO
	"ObjectParentIsFile":            storage.ErrExist, // versitygw, of a directory beside an object
	"XMinioParentIsObject":          storage.ErrExist,
	"XMinioObjectExistsAsDirectory": storage.ErrExist,

	"BucketNotEmpty":        storage.ErrPermission,
	"InvalidAccessKeyId":    storage.ErrPermission,
	"SignatureDoesNotMatch": storage.ErrPermission,
	"ExpiredToken":          storage.ErrPermission,
	"XAdminUserNotFound":    storage.ErrPermission, // versitygw, of an access key

	"ConditionalRequestConflict": storage.ErrPrecondition,

	"BadDigest":               storage.ErrChecksum,
	"QuotaExceeded":           storage.ErrQuota,
	"XMinioStorageFull":       storage.ErrQuota,
	"EntityTooLarge":          storage.ErrInvalid,
	"EntityTooSmall":          storage.ErrInvalid,
	"InvalidArgument":         storage.ErrInvalid,
	"InvalidBucketName":       storage.ErrInvalid,
	"InvalidPart":             storage.ErrInvalid,
	"InvalidPartOrder":        storage.ErrInvalid,
	"InvalidRange":            storage.ErrInvalid,
	"InvalidRequest":          storage.ErrInvalid,
	"InvalidTag":              storage.ErrInvalid,
	"KeyTooLong":              storage.ErrInvalid,
	"KeyTooLongError":         storage.ErrInvalid,
	"MetadataTooLarge":        storage.ErrInvalid,
	"XMinioInvalidObjectName": storage.ErrInvalid,
}

// statuses holds the errors of package storage for answers without such a code.
var statuses = map[int]error{
	http.StatusUnauthorized:        storage.ErrPermission,
	http.StatusForbidden:           storage.ErrPermission,
	http.StatusNotFound:            storage.ErrNotExist,
	http.StatusMethodNotAllowed:    storage.ErrUnsupported,
	http.StatusPreconditionFailed:  storage.ErrPrecondition,
	http.StatusNotImplemented:      storage.ErrUnsupported,
	http.StatusInsufficientStorage: storage.ErrQuota,
}

// translate returns an error of the SDK as one that matches an error of package
// storage, too.
func translate(err error) error {
	if err == nil || err == io.EOF {
		return err
	}
	var sentinel error
	if answer := new(smithyhttp.ResponseError); errors.As(err, &answer) {
		sentinel = statuses[answer.HTTPStatusCode()]
	}
	if known := codes[code(err)]; known != nil {
		sentinel = known
	}
	return engine.Match(sentinel, err)
}

// code returns the code of an error in the answer of the service, if there is one.
func code(err error) string {
	var answer smithy.APIError
	if errors.As(err, &answer) {
		return answer.ErrorCode()
	}
	return ""
}
