package drivertest

import (
	"errors"
	"io"
	"maps"
	"strings"
	"time"

	"open-lake.dev/lib/storage"
)

// limitVariants say of themselves what is not so.
var limitVariants = []variant{{
	name: "an unknown rule is relaxed", fails: "F2_relaxed_rules_are_known",
	phrase: "must hold constants storage.Relaxed… only",
	fault:  none, limits: storage.Limits{Relaxed: []string{"Z9"}},
}, {
	name: "a limit is negative", fails: "F2_relaxed_rules_are_known",
	phrase: "Limits.MaxName must not be negative",
	fault:  none, limits: storage.Limits{MaxName: -1},
}, {
	name: "longer keys are accepted", fails: "K1_longest_key",
	phrase: "a key longer than Limits.MaxKey",
	fault:  unlimited, limits: storage.Limits{MaxKey: 500},
}, {
	name: "a key of more than 1,024 bytes is shortened", fails: "K1_longest_key",
	phrase: "a key of more than 1,024 bytes",
	fault: before("stat", func(c *request) {
		if len(c.key) > storage.MaxKey {
			c.key = "there"
		}
	}),
}, {
	name: "longer names are accepted", fails: "F2_length_of_a_name",
	phrase: "a name longer than Limits.MaxName",
	fault:  unlimited, limits: storage.Limits{MaxName: 100},
}, {
	name: "shorter keys are refused", fails: "K1_longest_key",
	phrase: "must succeed",
	fault:  refuses("write", storage.ErrInvalid, func(c *request) bool { return len(c.key) > 900 }),
}, {
	name: "more metadata is accepted", fails: "F2_size_of_metadata",
	phrase: "with more metadata than Limits.MaxMetadata",
	fault:  unlimited, limits: storage.Limits{MaxMetadata: 2 << 10},
}, {
	name: "metadata is refused", fails: "F2_size_of_metadata",
	phrase: "must succeed",
	fault: refuses("write", storage.ErrInvalid, func(c *request) bool {
		return exceeds(c, storage.Limits{MaxMetadata: 2 << 10})
	}),
}, {
	name: "larger objects are accepted", fails: "F2_size_of_an_object",
	phrase: "Write of more bytes than Limits.MaxObject",
	fault:  unlimited, limits: storage.Limits{MaxObject: 1 << 20},
}, {
	name: "smaller parts are accepted", fails: "F2_size_of_a_part",
	phrase: "a part smaller than Limits.MinPart",
	fault:  unlimited, limits: storage.Limits{MinPart: 4 << 10},
}, {
	name: "other bucket names are accepted", fails: "F2_bucket_names",
	phrase: "a name that Limits.BucketName refuses",
	fault:  unlimited, limits: storage.Limits{BucketName: storage.S3Limits().BucketName},
}, {
	name: "bucket names are refused", fails: "F2_bucket_names",
	phrase: "a name that Limits.BucketName permits",
	fault:  refuses("createbucket", storage.ErrInvalid, func(c *request) bool { return strings.Contains(c.bucket, "_") }),
}, {
	name: "times are coarser than said", fails: "O2_write_sets_times",
	phrase: "must be the store's time",
	fault: objects(func(_ *request, o *storage.Object) {
		if o.Key == "key" {
			o.Created, o.Updated = o.Created.Truncate(time.Hour), o.Updated.Truncate(time.Hour)
		}
	}),
}, {
	name: "URLs are claimed", fails: "F1_signed_url",
	phrase: "feature signed_url must be true only if SignedURL works",
	fault:  claims(storage.FeatureSignedURL, true),
}, {
	name: "half a URL is signed", fails: "F1_signed_url",
	phrase: "SignedURL must return a whole URL",
	fault:  both(claims(storage.FeatureSignedURL, true), signs("/key")),
}, {
	name: "a URL is signed that nobody serves", fails: "F1_signed_url",
	phrase: "GET of a signed URL",
	fault:  both(claims(storage.FeatureSignedURL, true), signs("http://127.0.0.1:1/key")),
}, {
	name: "md5 is claimed", fails: "F1_hash_md5",
	phrase: "feature hash:md5 must be true only if",
	fault:  claims(storage.FeatureHashMD5, true),
}, {
	name: "directories are denied", fails: "F1_features_agree_with_the_interfaces",
	phrase: "feature directories must say whether",
	fault:  claims(storage.FeatureDirectories, false),
}, {
	name: "multipart is denied", fails: "F1_features_agree_with_the_interfaces",
	phrase: "feature multipart must say whether",
	fault:  claims(storage.FeatureMultipart, false),
}, {
	name: "Move is denied, and server-side Move claimed", fails: "F1_move",
	phrase: "has no server_side_move",
	fault:  claims(storage.FeatureMove, false),
}, {
	name: "Move is denied, and works", fails: "M3_what_features_deny",
	phrase: "which Features denies",
	fault:  both(claims(storage.FeatureMove, false), claims(storage.FeatureServerSideMove, false)),
}, {
	name: "Move is claimed, and does not work", fails: "F1_move",
	phrase: "Move of \"source\" to \"moved\" must succeed",
	fault:  refuses("move", storage.ErrUnsupported, (*request).live),
}, {
	name: "a server-side copy is empty", fails: "F1_server_side_copy_and_move",
	phrase: "server-side Copy must take the content",
	fault: onSuccess("copy", func(c *request) {
		c.b.Write(background, c.obj.Key, strings.NewReader(""), 0, "", nil)
	}),
}, {
	name: "a bucket has other features", fails: "F1_store_and_buckets_agree",
	phrase: "Features of a bucket must be those of its store",
	fault: on("features", func(c *request, do func()) {
		do()
		if n, _ := c.memo.LoadOrStore("calls", new(int)); *n.(*int)%2 == 1 {
			c.features = maps.Clone(c.features)
			c.features[storage.FeatureWatch] = true
		}
		n, _ := c.memo.Load("calls")
		*n.(*int)++
	}),
}, {
	name: "SignedURL looks at its key first", fails: "M3_what_features_deny",
	phrase: "which Features denies",
	fault: refuses("signedurl", storage.ErrInvalid, func(c *request) bool {
		_, err := storage.CleanKey(c.key)
		return err != nil
	}),
}, {
	name: "CopyPart looks at its upload first", fails: "M3_copy_part_without_a_source",
	phrase: "CopyPart without a source",
	fault:  refuses("copypart", storage.ErrInvalid, func(c *request) bool { return c.mu == nil }),
}}

func none(_ *request, do func()) { do() }

// unlimited is a fault that makes a call again, in ways that the limits do not
// see, if they refuse it.
func unlimited(c *request, do func()) {
	var whole io.Reader
	if c.op == "write" && c.src != nil {
		src := c.src
		whole = io.MultiReader(c.buffer(), src)
	}
	if do(); !errors.Is(c.err, storage.ErrInvalid) || c.ctx == nil || c.opts.Validate(c.op) != nil {
		return
	}
	switch c.op {
	case "createbucket":
		c.info, c.err = c.st.CreateBucket(c.ctx, c.bucket, c.opts)
	case "write":
		c.obj, c.err = c.b.Write(c.ctx, c.key, whole, -1, c.contentType, c.opts)
	case "completemultipart":
		c.obj, c.err = c.b.CompleteMultipart(c.ctx, c.mu, c.named, c.opts)
	}
}

// signs is a fault that signs the same URL always.
func signs(url string) fault {
	return insteadOfUnsupported("signedurl", func(c *request) { c.url = url })
}

func insteadOfUnsupported(op string, change func(c *request)) fault {
	return on(op, func(c *request, do func()) {
		if do(); errors.Is(c.err, storage.ErrUnsupported) {
			c.err = nil
			change(c)
		}
	})
}
