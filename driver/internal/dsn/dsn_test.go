package dsn

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestEach(t *testing.T) {
	known := map[string]string{"use_path": "U", "bucket": "B", "region": "R"}
	var got []string
	apply := func(parameter, value string) error {
		got = append(got, parameter+" "+value)
		if value == "bad" {
			return errors.New("wrong")
		}
		return nil
	}
	require.NoError(t, Each("use_path=%20x&bucket=&region=r", known, apply))
	assert.Equal(t, []string{"R r", "U  x"}, got)
	for query, want := range map[string]string{
		"region=bad":        `parameter "region": wrong`,
		"region=a&region=b": `parameter "region" is given 2 times`,
		"regoin=":           `unknown parameter "regoin"; did you mean "region"?`,
		"UsePath=x":         `unknown parameter "UsePath"; did you mean "use_path"?`,
		"colour=x":          `unknown parameter "colour"; there are bucket, region, use_path`,
		"region=%zz":        "its parameters are not escaped as in a URL",
	} {
		require.EqualError(t, Each(query, known, apply), want, query)
	}
}

func TestBool(t *testing.T) {
	for value, want := range map[string]bool{"true": true, "1": true, "false": false} {
		got, err := Bool(value)
		require.NoError(t, err)
		assert.Equal(t, want, got)
	}
	_, err := Bool("yes")
	require.EqualError(t, err, `"yes" is not true or false`)
}
