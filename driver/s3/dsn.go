package s3driver

import (
	"errors"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"

	"open-lake.dev/lib/storage"
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
		if *field(s), err = strconv.ParseBool(value); err != nil {
			return fmt.Errorf("%q is not true or false", value)
		}
		return nil
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
func parse(dsn string) (*settings, error) {
	u, err := url.Parse(dsn)
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
	query, err := url.ParseQuery(u.RawQuery)
	if err != nil {
		return nil, errors.New("its parameters are not escaped as in a URL")
	}
	s := &settings{Config: Config{Bucket: u.Host}}
	for _, name := range slices.Sorted(maps.Keys(query)) {
		if err := s.set(name, query[name]); err != nil {
			return nil, err
		}
	}
	return s, nil
}

// set applies a parameter.
func (s *settings) set(name string, values []string) error {
	set := parameters[name]
	switch {
	case set == nil:
		return fmt.Errorf("unknown parameter %q; %s", name, suggest(name, slices.Sorted(maps.Keys(parameters))))
	case len(values) > 1:
		return fmt.Errorf("parameter %q is given %d times", name, len(values))
	case values[0] == "":
		return nil
	}
	if err := set(s, values[0]); err != nil {
		return fmt.Errorf("parameter %q: %w", name, err)
	}
	return nil
}

// suggest names the parameter that a misspelt one may stand for, or all.
func suggest(name string, known []string) string {
	fold := strings.NewReplacer("-", "", "_", "").Replace
	best := slices.MinFunc(known, func(a, b string) int {
		return distance(fold(strings.ToLower(name)), fold(a)) - distance(fold(strings.ToLower(name)), fold(b))
	})
	if distance(fold(strings.ToLower(name)), fold(best)) <= 1+len(best)/4 {
		return fmt.Sprintf("did you mean %q?", best)
	}
	return "there are " + strings.Join(known, ", ")
}

// distance returns how many bytes must be inserted, deleted or replaced to make b
// of a.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
