package console_test

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"net/url"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/stretchr/testify/require"

	"open-lake.dev/lib/storage/driver/s3server/s3test"
)

// put writes an object as an S3 client does.
func put(t *testing.T, srv *s3test.Server, bucket, key, content string, more ...func(*s3.PutObjectInput)) {
	t.Helper()
	in := &s3.PutObjectInput{Bucket: &bucket, Key: &key, Body: strings.NewReader(content)}
	for _, f := range more {
		f(in)
	}
	_, err := srv.Client().PutObject(t.Context(), in)
	require.NoError(t, err)
}

func createBucket(t *testing.T, srv *s3test.Server, name string) {
	t.Helper()
	_, err := srv.Client().CreateBucket(t.Context(), &s3.CreateBucketInput{Bucket: &name})
	require.NoError(t, err)
}

// picture returns a PNG.
func picture() string {
	img := image.NewRGBA(image.Rect(0, 0, 320, 180))
	for y := range 180 {
		for x := range 320 {
			img.Set(x, y, color.RGBA{uint8(x / 2), uint8(y), uint8(200 - x/3), 255})
		}
	}
	var b bytes.Buffer
	png.Encode(&b, img)
	return b.String()
}

// evil are keys that a page must not take for markup, or let change how it reads.
var evil = []string{
	`<script>document.title="run"</script>`, `"><img src=x onerror=alert(1)>`, `'quotes' & "more"`,
	"invoice\u202Efdp.exe", "two\nlines\tand a tab", "a//b", "/a", "dir/../x", "..", " ", "a/", "a/ü/😀", "javascript:alert(1)", "two\nlines/below",
	strings.Repeat("é", 512), strings.Repeat("x", 1000),
}

// demo fills a server with all that the console shows.
func demo(t *testing.T) *s3test.Server {
	srv := s3test.New(t)
	client := srv.Client()
	for _, name := range []string{"photos", "notes", "odd-names"} {
		createBucket(t, srv, name)
	}
	put(t, srv, "photos", "2026/11/harbour.png", picture(), func(in *s3.PutObjectInput) {
		in.ContentType, in.Tagging, in.Metadata = aws.String("image/png"), aws.String("album=harbour&rating=5"), map[string]string{"camera": "M6", "taken-by": "Ada"}
	})
	put(t, srv, "photos", "2026/10/index.json", "{\n\t\"count\": 3,\n\t\"names\": [\"harbour\", \"quay\"]\n}\n", func(in *s3.PutObjectInput) { in.ContentType = aws.String("application/json") })
	put(t, srv, "photos", "readme.txt", "Pictures by month.\n", func(in *s3.PutObjectInput) { in.ContentType = aws.String("text/plain") })
	put(t, srv, "photos", "raw.bin", strings.Repeat("\x00\x01\xfe", 300))
	upload, err := client.CreateMultipartUpload(t.Context(), &s3.CreateMultipartUploadInput{Bucket: aws.String("photos"), Key: aws.String("2026/11/film.mov"), ContentType: aws.String("video/quicktime")})
	require.NoError(t, err)
	for part := range int32(3) {
		_, err := client.UploadPart(t.Context(), &s3.UploadPartInput{Bucket: upload.Bucket, Key: upload.Key, UploadId: upload.UploadId, PartNumber: aws.Int32(part + 1), Body: strings.NewReader("part")})
		require.NoError(t, err)
	}
	_, err = client.PutBucketVersioning(t.Context(), &s3.PutBucketVersioningInput{Bucket: aws.String("notes"), VersioningConfiguration: &types.VersioningConfiguration{Status: types.BucketVersioningStatusEnabled}})
	require.NoError(t, err)
	for i := range 3 {
		put(t, srv, "notes", "todo.md", fmt.Sprintf("# To do\n\n- %d things\n", i))
	}
	put(t, srv, "notes", "gone.md", "soon\n")
	_, err = client.DeleteObject(t.Context(), &s3.DeleteObjectInput{Bucket: aws.String("notes"), Key: aws.String("gone.md")})
	require.NoError(t, err)
	for _, key := range evil {
		_, err := srv.Store().Bucket("odd-names").Write(t.Context(), key, strings.NewReader("<script>document.title='run'</script>\n\u202Ereversed\n"), -1, "text/html", nil)
		require.NoError(t, err, key)
	}
	return srv
}

// pages are the addresses of the pages with all that they can show.
func pages(t *testing.T, srv *s3test.Server) []string {
	uploads, err := srv.Client().ListMultipartUploads(t.Context(), &s3.ListMultipartUploadsInput{Bucket: aws.String("photos")})
	require.NoError(t, err)
	return []string{
		"/_/",
		"/_/?at=start",
		"/_/console/bucket?bucket=photos",
		"/_/console/bucket?bucket=odd-names",
		"/_/console/versions?bucket=notes",
		"/_/console/uploads?bucket=photos",
		"/_/console/upload?bucket=photos&key=2026%2F11%2Ffilm.mov&id=" + *uploads.Uploads[0].UploadId,
		"/_/console/object?bucket=photos&key=2026%2F11%2Fharbour.png",
		"/_/console/object?bucket=photos&key=2026%2F10%2Findex.json",
		"/_/console/object?bucket=photos&key=raw.bin",
		"/_/console/object?bucket=notes&key=todo.md",
		"/_/console/object?bucket=notes&key=gone.md",
		"/_/console/object?bucket=odd-names&key=" + url.QueryEscape(evil[3]),
		"/_/console/object?bucket=odd-names&key=" + url.QueryEscape(evil[14]),
		"/_/console/snapshots?done=restored&name=start",
		"/_/console/diff?from=start&to=current",
		"/_/console/diff?from=start&to=start",
		"/_/console/forks",
		"/_/console/nothing",
	}
}
