package storage

import "strings"

// pageMark ends the PageKey of an object. No normalised key holds a NUL.
const pageMark = "\x00"

// PageKey returns the value of OptStartAfter that continues a listing after o: the
// listing goes on with the entry that follows o, whether o is an object or a
// directory, and also where an object and a directory have one name (contract
// rule L2).
//
// The value is a token to be passed on, not a key. A loop that passes o.Key
// instead ends too, but does not see a directory that has the name of an object.
func (o *Object) PageKey() string {
	if o.IsDir {
		return o.Key + "/"
	}
	return o.Key + pageMark
}

// StartAfter returns the value of OptStartAfter for a driver's listing: only
// entries that sort after the first result are listed, and not the directory
// whose key, with its slash, is the second result, if there is one. clean
// normalises the value, as [CleanPrefix] does.
func (o Options) StartAfter(clean func(string) (string, error)) (after, except string, err error) {
	value, _ := o.String(OptStartAfter)
	value, isObject := strings.CutSuffix(value, pageMark)
	after, err = clean(value)
	if err != nil || isObject || after == "" || strings.HasSuffix(after, "/") {
		return after, "", err
	}
	return after, after + "/", nil
}
