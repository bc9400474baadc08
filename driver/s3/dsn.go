package s3driver

import (
	"errors"
	"fmt"
	"net/url"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"

	"open-lake.dev/lib/storage"
	"open-lake.dev/lib/storage/driver/internal/dsn"
)

// settings are what a data source name says.
type settings struct {
	Config
	region, endpoint, profile string
	pathStyle, insecure       bool
	anonymous                 bool
	requestChecksum           aws.RequestChecksumCalculation
	responseChecksum          aws.ResponseChecksumValidation
}

// parameters set what each parameter's value, which is not empty, says.
var parameters = map[string]func(s *settings, value string) error{
	"region":                       text(func(s *settings) *string { return &s.region }),
	"endpoint":                     setEndpoint,
	"profile":                      text(func(s *settings) *string { return &s.profile }),
	"prefix":                       text(func(s *settings) *string { return &s.Prefix }),
	"use_path_style":               boolean(func(s *settings) *bool { return &s.pathStyle }),
	"disable_https":                boolean(func(s *settings) *bool { return &s.insecure }),
	"anonymous":                    boolean(func(s *settings) *bool { return &s.anonymous }),
	bucketParameter:                setDefaultBucket,
	"buckets":                      setBuckets,
	"request_checksum_calculation": setRequestChecksum,
	"response_checksum_validation": setResponseChecksum,
}

const bucketParameter = "bucket"

func text(field func(*settings) *string) func(*settings, string) error {
	return func(s *settings, value string) error {
		*field(s) = value
		return nil
	}
}

func boolean(field func(*settings) *bool) func(*settings, string) error {
	return func(s *settings, value string) (err error) {
		*field(s), err = dsn.Bool(value)
		return err
	}
}

func setEndpoint(s *settings, value string) error {
	s.endpoint = value
	u, err := url.Parse(value)
	switch {
	case strings.Contains(value, "@"):
		return errCredentials
	case strings.Contains(value, "://") && (err != nil || u.Host == ""):
		return fmt.Errorf("%q is not a URL", value)
	}
	return nil
}

func setDefaultBucket(s *settings, value string) (err error) {
	s.DefaultBucket, err = storage.CleanBucket(value)
	return err
}

func setBuckets(s *settings, value string) error {
	if value != "prefix" && value != "real" {
		return fmt.Errorf("%q is not %q or %q", value, "prefix", "real")
	}
	s.RealBuckets = value == "real"
	return nil
}

func setRequestChecksum(s *settings, value string) error {
	when, err := whenChecksum(value)
	s.requestChecksum = aws.RequestChecksumCalculationWhenSupported
	if when == whenRequired {
		s.requestChecksum = aws.RequestChecksumCalculationWhenRequired
	}
	return err
}

func setResponseChecksum(s *settings, value string) error {
	when, err := whenChecksum(value)
	s.responseChecksum = aws.ResponseChecksumValidationWhenSupported
	if when == whenRequired {
		s.responseChecksum = aws.ResponseChecksumValidationWhenRequired
	}
	return err
}

// whenRequired and whenSupported are the values of the checksum parameters, as in
// the AWS SDK's configuration.
const (
	whenRequired  = "when_required"
	whenSupported = "when_supported"
)

func whenChecksum(value string) (string, error) {
	if value != whenRequired && value != whenSupported {
		return "", fmt.Errorf("%q is not %q or %q", value, whenSupported, whenRequired)
	}
	return value, nil
}

var errCredentials = errors.New("credentials do not belong in a data source name; the AWS SDK finds them in its environment, files and roles")

// parse reads a data source name. Its errors do not show it, since it may hold what
// is not to be shown.
func parse(name string) (*settings, error) {
	u, err := url.Parse(name)
	if err != nil {
		if failed := new(url.Error); errors.As(err, &failed) {
			err = failed.Err
		}
		return nil, err
	}
	switch {
	case u.User != nil:
		return nil, errCredentials
	case u.Path != "" && u.Path != "/" || u.Opaque != "" || u.Fragment != "":
		return nil, errors.New("it should be like s3://bucket?region=r; a path goes into the parameter prefix")
	}
	s := &settings{Config: Config{Bucket: u.Host}}
	err = dsn.Each(u.RawQuery, parameters, func(set func(*settings, string) error, value string) error { return set(s, value) })
	if err != nil {
		return nil, err
	}
	return s, nil
}
