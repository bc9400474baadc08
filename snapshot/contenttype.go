package snapshot

import (
	"net/http"
	"path"
	"strings"
)

// FromFSOption configures [FromFS].
type FromFSOption func(*fromFSConfig)

type fromFSConfig struct {
	contentType func(name string, start []byte) string
}

// WithContentTypes makes [FromFS] give each object the content type that f returns
// for the path of its file and up to 512 bytes of its content, instead of
// [GuessContentType]. nil gives it none.
func WithContentTypes(f func(name string, start []byte) string) FromFSOption {
	return func(c *fromFSConfig) { c.contentType = f }
}

// sniffed is how many bytes of the content its type is guessed by.
const sniffed = 512

// GuessContentType returns the content type of a file by the extension of its name
// or, if that is not known, by up to 512 bytes of its content, as
// [http.DetectContentType] does. The known extensions are built in. Unlike
// mime.TypeByExtension, it asks no file of the system, so that the same files have
// the same types everywhere.
func GuessContentType(name string, start []byte) string {
	if t, ok := contentTypes[strings.ToLower(path.Ext(name))]; ok {
		return t
	}
	return http.DetectContentType(start)
}

// contentTypes are the content types by extension, those of package mime and others
// that tests need.
var contentTypes = map[string]string{
	".avif":    "image/avif",
	".bmp":     "image/bmp",
	".bz2":     "application/x-bzip2",
	".css":     "text/css; charset=utf-8",
	".csv":     "text/csv; charset=utf-8",
	".docx":    "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
	".flac":    "audio/flac",
	".gif":     "image/gif",
	".gz":      "application/gzip",
	".htm":     "text/html; charset=utf-8",
	".html":    "text/html; charset=utf-8",
	".ico":     "image/vnd.microsoft.icon",
	".ics":     "text/calendar; charset=utf-8",
	".jpeg":    "image/jpeg",
	".jpg":     "image/jpeg",
	".js":      "text/javascript; charset=utf-8",
	".json":    "application/json",
	".jsonl":   "application/jsonl",
	".md":      "text/markdown; charset=utf-8",
	".mjs":     "text/javascript; charset=utf-8",
	".mp3":     "audio/mpeg",
	".mp4":     "video/mp4",
	".ndjson":  "application/x-ndjson",
	".ogg":     "audio/ogg",
	".otf":     "font/otf",
	".parquet": "application/vnd.apache.parquet",
	".pdf":     "application/pdf",
	".png":     "image/png",
	".pptx":    "application/vnd.openxmlformats-officedocument.presentationml.presentation",
	".svg":     "image/svg+xml",
	".tar":     "application/x-tar",
	".tif":     "image/tiff",
	".tiff":    "image/tiff",
	".toml":    "application/toml",
	".tsv":     "text/tab-separated-values; charset=utf-8",
	".ttf":     "font/ttf",
	".txt":     "text/plain; charset=utf-8",
	".wasm":    "application/wasm",
	".wav":     "audio/wav",
	".webm":    "video/webm",
	".webp":    "image/webp",
	".woff":    "font/woff",
	".woff2":   "font/woff2",
	".xlsx":    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
	".xml":     "text/xml; charset=utf-8",
	".yaml":    "application/yaml",
	".yml":     "application/yaml",
	".zip":     "application/zip",
	".zst":     "application/zstd",
}
