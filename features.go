package storage

// Features says what a driver does, by the names Feature….
type Features map[string]bool

// The names of features. A driver may have more of its own.
const (
	FeatureMove           = "move"             // Bucket.Move
	FeatureServerSideMove = "server_side_move" // Move reads no content
	FeatureServerSideCopy = "server_side_copy" // Copy reads no content
	FeatureDirectories    = "directories"      // buckets are HasDirectories
	FeatureMultipart      = "multipart"        // buckets are HasMultipart
	FeatureHashMD5        = "hash:md5"         // Object.Hash has the MD5 unasked
	FeatureWatch          = "watch"            // changes can be watched
	FeaturePublicURL      = "public_url"       // objects of public buckets have a URL
	FeatureSignedURL      = "signed_url"       // Bucket.SignedURL
)
