package snaptest

import (
	"flag"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestUpdateFlagOfSomeoneElseStays(t *testing.T) {
	flags := flag.NewFlagSet("test", flag.ContinueOnError)
	theirs := flags.Bool(updateFlag, false, "theirs")
	define(flags)
	require.NoError(t, flags.Parse([]string{"-update"}))
	require.True(t, *theirs)
}

func TestUpdateFlagIsDefined(t *testing.T) {
	flags := flag.NewFlagSet("test", flag.ContinueOnError)
	define(flags)
	require.NoError(t, flags.Parse([]string{"-update"}))
	require.Equal(t, "true", flags.Lookup(updateFlag).Value.String())
}
