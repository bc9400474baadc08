package snaptest

import (
	"flag"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// Other packages define a flag -update, too, and a second definition panics,
// whichever package Go initialises first. So snaptest defines -snaptest.update
// and, unless -update is defined already, renames the argument before flags are
// parsed. When they are, every package is initialised, and the flag sets -update
// if there is one by then.
const (
	updateFlag  = "update"
	updateAlias = "snaptest.update"
	updateEnv   = "SNAPTEST_UPDATE"
)

func init() {
	flag.Var(new(updateValue), updateAlias, "rewrite golden files instead of comparing with them; -update does the same")
	if testing.Testing() && flag.Lookup(updateFlag) == nil {
		os.Args = renameUpdate(os.Args)
	}
}

// renameUpdate returns a command line with -update renamed to -snaptest.update.
// It stops at the first argument that is neither a flag nor can be the value of
// one, as [flag.Parse] does.
func renameUpdate(args []string) []string {
	renamed := slices.Clone(args)
	canBeValue := true // the program's name
	for i, arg := range args {
		name, isFlag := strings.CutPrefix(arg, "-")
		if arg == "--" || !isFlag && !canBeValue {
			break
		}
		name, value, hasValue := strings.Cut(strings.TrimPrefix(name, "-"), "=")
		if isFlag && name == updateFlag {
			renamed[i] = "-" + updateAlias
			if hasValue {
				renamed[i] += "=" + value
			}
		}
		canBeValue = isFlag && !hasValue
	}
	return renamed
}

// updateValue is the value of -snaptest.update. It passes what it is set to on
// to -update, if another package has defined that.
type updateValue struct{ on bool }

// IsBoolFlag reports whether the flag needs no argument.
func (*updateValue) IsBoolFlag() bool {
	f := flag.Lookup(updateFlag)
	if f == nil {
		return true
	}
	b, ok := f.Value.(interface{ IsBoolFlag() bool })
	return ok && b.IsBoolFlag()
}

func (v *updateValue) String() string { return strconv.FormatBool(v.on) }

func (v *updateValue) Set(s string) (err error) {
	if flag.Lookup(updateFlag) != nil {
		return flag.Set(updateFlag, s)
	}
	v.on, err = strconv.ParseBool(s)
	return err
}

// Updating reports whether [Golden] rewrites golden files: if the test runs with
// -update or -snaptest.update, or with SNAPTEST_UPDATE=1 in its environment. A
// flag -update of another package counts if it is true or, if it is not boolean,
// if it is given.
func Updating() bool {
	on, _ := strconv.ParseBool(os.Getenv(updateEnv))
	for _, name := range []string{updateFlag, updateAlias} {
		if f := flag.Lookup(name); f != nil {
			value, err := strconv.ParseBool(f.Value.String())
			on = on || value || err != nil && isSet(name)
		}
	}
	return on
}

// isSet reports whether a flag was given.
func isSet(name string) (set bool) {
	flag.Visit(func(f *flag.Flag) { set = set || f.Name == name })
	return set
}
