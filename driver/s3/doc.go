// Package s3driver is the driver of package storage for s3://, a store in Amazon S3 or in
// any service that speaks like it, on the AWS SDK for Go.
//
//	import _ "open-lake.dev/lib/storage/driver/s3"
//
//	st, err := storage.Open(ctx, "s3://my-bucket?region=eu-west-1&prefix=app/")
//
// Credentials come from where the SDK looks for them: the environment
// (AWS_ACCESS_KEY_ID, …), its configuration files, roles. They are never part of a data
// source name, and nothing is logged. [Open] takes a client that is configured in any
// other way.
//
// # Parameters
//
// The names are those of gocloud.dev, apart from the last two. An empty value is the
// default; an unknown parameter is an error.
//
//	region                        region, else that of the SDK's configuration; of an endpoint us-east-1
//	endpoint                      URL of the service, else Amazon's or AWS_ENDPOINT_URL
//	profile                       profile in the SDK's configuration files
//	prefix                        what all keys begin with, like "app/"
//	use_path_style                true: the bucket is in the path of URLs, not in the host
//	disable_https                 true: HTTP, if the endpoint has no scheme
//	anonymous                     true: requests are not signed
//	request_checksum_calculation  when_supported or when_required, as some services want it
//	response_checksum_validation  when_supported or when_required
//	bucket                        default bucket of the store
//	buckets                       prefix or real
//
// # Buckets
//
// A bucket of the store is a directory in the one bucket of S3 that the data source name
// has: the object "a/b" of the bucket "data" has the key "data/a/b" after the prefix. So
// names are free, buckets are made by the first write and have metadata, and the program
// needs rights to one bucket. The objects beneath ".buckets/" keep what buckets have
// beside their objects.
//
// With buckets=real they are buckets of S3, with its rules for names, and the one in the
// data source name is the default. Their metadata are tags. A missing one is
// [storage.ErrNoBucket]: a write does not make it.
//
// # What holds
//
// [storage.Limits] of the store say what S3 cannot do. No listing is one state, and no
// move or delete of a directory one commit; times of creation and of directories are not
// kept; a listing has no content types and no metadata; parts have 5 MiB or more.
//
// A write under any condition is atomic: conditions are judged on what the service has,
// and its own condition makes sure that this is what is replaced. Amazon S3 has
// conditions on writes, copies, deletes and completed uploads. Other services ignore
// some of them in silence, so Open asks a service at another endpoint: it stores small
// objects beneath ".buckets/probe/", tries to change them under conditions that do not
// hold, and deletes them. A copy under a condition that the service would ignore is made
// as an upload of one part, whose ETag is another one. Where there is no such way, the
// operation is [storage.ErrUnsupported] with a condition, and Limits say so. A user who
// may not write has a store for which nothing is promised.
//
// If the answer to a write under a condition is lost, the SDK sends it again, and the
// service refuses it because of itself. A token in the object's metadata tells that, and
// the write succeeds. So does a delete that is sent again and finds the object gone,
// though another delete may have come between.
//
// ETags are those of S3. With server-side encryption by keys of KMS or of the customer,
// they are not derived from content.
//
// # Content
//
// A body of up to 8 MiB is one request. A larger one is uploaded in parts while it is
// read, four at a time, which are held in memory up to 8 MiB each. A [bytes.Reader] or
// [strings.Reader] is uploaded from where it is, without a copy. If a body comes with a
// condition or digests, it is first read to its end, into a temporary file. An upload
// that fails is aborted. A process that is killed may leave one, for which a lifecycle
// rule of the bucket is the remedy.
//
// A reader goes on where it was when its connection breaks, and fails with
// [storage.ErrPrecondition] if the object has been replaced by then. It is an
// [io.Seeker].
//
// Updated of an object that was just written is the time of the answer, and may differ
// by a second from what Stat tells later.
package s3driver
