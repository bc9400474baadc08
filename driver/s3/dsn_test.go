package s3driver

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/stretchr/testify/require"

	"open-lake.dev/lib/storage"
)

func TestParse(t *testing.T) {
	s, err := parse("s3://data?region=eu-west-1&endpoint=http://127.0.0.1:9000&profile=p&prefix=a/b/&use_path_style=true&disable_https=1" +
		"&anonymous=true&bucket=main&buckets=prefix&request_checksum_calculation=when_required&response_checksum_validation=when_supported")
	require.NoError(t, err)
	require.Equal(t, &settings{
		Config:           Config{Bucket: "data", Prefix: "a/b/", DefaultBucket: "main"},
		region:           "eu-west-1",
		endpoint:         "http://127.0.0.1:9000",
		profile:          "p",
		pathStyle:        true,
		insecure:         true,
		anonymous:        true,
		requestChecksum:  aws.RequestChecksumCalculationWhenRequired,
		responseChecksum: aws.ResponseChecksumValidationWhenSupported,
	}, s)

	s, err = parse("s3://data?region=&buckets=real")
	require.NoError(t, err, "an empty value is the default")
	require.Equal(t, &settings{Config: Config{Bucket: "data", RealBuckets: true}}, s)
}

func TestOpenRefuses(t *testing.T) {
	for dsn, want := range map[string]string{
		"s3://b?regoin=x":                           `unknown parameter "regoin"; did you mean "region"?`,
		"s3://b?usePathStyle=true":                  `unknown parameter "usePathStyle"; did you mean "use_path_style"?`,
		"s3://b?end-point=x":                        `did you mean "endpoint"?`,
		"s3://b?zzzzzzzzzz=x":                       "there are anonymous, bucket, buckets, disable_https, endpoint, prefix, profile, region,",
		"s3://b?region=a&region=b":                  `parameter "region" is given 2 times`,
		"s3://b?use_path_style=maybe":               `parameter "use_path_style": "maybe" is not true or false`,
		"s3://b?buckets=both":                       `parameter "buckets": "both" is not "prefix" or "real"`,
		"s3://b?bucket=%00":                         `parameter "bucket"`,
		"s3://b?endpoint=http://":                   `parameter "endpoint": "http://" is not a URL`,
		"s3://b?region=%zz":                         "not escaped",
		"s3://b/path?region=r":                      "a path goes into the parameter prefix",
		"s3:b?region=r":                             "it should be like s3://bucket",
		"s3://?region=r":                            "no bucket is named",
		"s3://b?region=r&prefix=%ff":                "the prefix is not valid UTF-8",
		"s3://b":                                    "no region: give the parameter region, or set AWS_REGION",
		"s3://b?profile=nobody":                     "nobody",
		"s3://b?request_checksum_calculation=never": `"never" is not "when_supported" or "when_required"`,
	} {
		_, err := storage.Open(t.Context(), dsn)
		require.ErrorIs(t, err, storage.ErrInvalid, dsn)
		require.ErrorContains(t, err, want, dsn)
	}
}

// TestOpenShowsNoSecret passes credentials in ways that are refused.
func TestOpenShowsNoSecret(t *testing.T) {
	const secret = "wJalrXUtnFEMI"
	for _, dsn := range []string{
		"s3://AKID:" + secret + "@bucket?region=r",
		"s3://" + secret + "@bucket",
		"s3://AKID:" + secret + "%@bucket?region=r",
		"s3://bucket?secret_access_key=" + secret,
		"s3://bucket?region=r&endpoint=http://AKID:" + secret + "@127.0.0.1:1",
		"s3://bucket?region=%zz" + secret,
	} {
		_, err := storage.Open(t.Context(), dsn)
		require.ErrorIs(t, err, storage.ErrInvalid)
		require.NotContains(t, err.Error(), secret)
	}
}

func TestOpenWithoutClient(t *testing.T) {
	_, err := Open(t.Context(), nil, Config{Bucket: "b"})
	require.ErrorIs(t, err, storage.ErrInvalid)
}

func TestCopySource(t *testing.T) {
	require.Equal(t, "b/a%20b/%2B/%25/%C3%A9%3F", *copySource("b", "a b/+/%/é?"))
}

// TestLongKeys says that a prefix leaves less of a key.
func TestLongKeys(t *testing.T) {
	short := (&service{config: Config{Prefix: strings.Repeat("p", 100)}}).Limits()
	require.Equal(t, (&service{}).Limits().MaxKey-100, short.MaxKey)
}

// TestIsAmazon: a client whose service is not known is asked for what it can do.
func TestIsAmazon(t *testing.T) {
	for name, c := range map[string]struct {
		option func(*s3.Options)
		want   bool
	}{
		"no endpoint":      {func(*s3.Options) {}, true},
		"Amazon's":         {func(o *s3.Options) { o.BaseEndpoint = aws.String("https://s3.eu-west-1.amazonaws.com") }, true},
		"another":          {func(o *s3.Options) { o.BaseEndpoint = aws.String("https://amazonaws.com.example.org") }, false},
		"its own resolver": {func(o *s3.Options) { o.EndpointResolverV2 = resolver{} }, false},
	} {
		require.Equal(t, c.want, isAmazon(s3.New(s3.Options{Region: defaultRegion}, c.option)), name)
	}
}

type resolver struct{ s3.EndpointResolverV2 }
