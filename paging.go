package storage

import "strings"

// pageMark ends the PageKey of an object. No normalised key holds a NUL.
const pageMark = "\x00"

// PageKey returns the value of OptStartAfter that continues a listing after o: the
// listing goes on with the entry that follows o, whether o is an object or a
// directory, and also where an object and a directory have one name (contract
// rule L2).
//
// The value is a token to be passed on, not a key. Where keys are normalised, a loop
// that passes o.Key instead ends too. It misses entries only where an object and a
// directory have one name: those that sort between the two, and the directory.
func (o *Object) PageKey() string {
	switch {
	case !o.IsDir:
		return o.Key + pageMark
	case strings.HasSuffix(o.Key, "/"): // its last name is empty (K4)
		return o.Key
	}
	return o.Key + "/"
}

// StartAfter returns the value of OptStartAfter for a driver's listing, normalised
// by clean, which is as [CleanPrefix]. Only entries that sort after the first
// result are listed. The second result is empty, or the key, with its slash, of a
// directory that the value may mean: if that directory is among the entries, only
// those that sort after it are listed.
func (o Options) StartAfter(clean func(string) (string, error)) (after, orDir string, err error) {
	value, _ := o.String(OptStartAfter)
	value, isObject := strings.CutSuffix(value, pageMark)
	after, err = clean(value)
	if err != nil || isObject || after == "" || strings.HasSuffix(after, "/") {
		return after, "", err
	}
	return after, after + "/", nil
}
