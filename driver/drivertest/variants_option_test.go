package drivertest

import (
	"slices"
	"time"

	"open-lake.dev/lib/storage"
)

// optionVariants treat options in another way than the contract.
var optionVariants = []variant{{
	name: "an option of the wrong type is ignored", fails: "E_option_of_the_wrong_type",
	phrase: "with option",
	fault:  ignores(func(c *request, key string) bool { return c.opts.Validate(c.op) != nil && known(key) }),
}, {
	name: "an option of another method is ignored", fails: "E_option_of_another_method",
	phrase: "does not take option",
	fault:  ignores(func(c *request, key string) bool { return known(key) && !slices.Contains(storage.OptionsOf(c.op), key) }),
}, {
	name: "a misspelt option is ignored", fails: "E_misspelt_option",
	phrase: "with option",
	fault:  ignores(func(_ *request, key string) bool { return !known(key) }),
}, {
	name: "an unknown option is refused", fails: "E_unknown_option_is_ignored",
	phrase: "with unknown options",
	fault:  refusesOption(func(key string, v any) bool { return !known(key) && v != nil }),
}, {
	name: "a nil option is refused", fails: "C3_nil_option",
	phrase: "with nil options",
	fault:  refusesOption(func(key string, v any) bool { return v == nil }),
}, {
	name: "a map as JSON decodes it is refused", fails: "E_options_decoded_from_JSON",
	phrase: "must accept options as JSON decodes them",
	fault:  refusesOption(func(_ string, v any) bool { _, ok := v.(map[string]any); return ok }),
}, {
	name: "a list as JSON decodes it is ignored", fails: "E_options_decoded_from_JSON",
	phrase: "as JSON decodes them must be computed",
	fault:  ignores(func(c *request, key string) bool { _, ok := c.opts[key].([]any); return ok }),
}, {
	name: "a time as JSON decodes it is ignored", fails: "E_conditions_decoded_from_JSON",
	phrase: "a condition as JSON decodes it must be judged",
	fault: ignores(func(c *request, key string) bool {
		_, isTime := c.opts.Time(key)
		_, inGo := c.opts[key].(time.Time)
		return isTime && !inGo
	}),
}}

func known(key string) bool {
	_, ok := optionValues[key]
	return ok
}

// ignores is a fault that drops options.
func ignores(drop func(c *request, key string) bool) fault {
	return func(c *request, do func()) {
		for key := range c.opts {
			if drop(c, key) {
				c.drop(key)
			}
		}
		do()
	}
}

// refusesOption is a fault that refuses options.
func refusesOption(bad func(key string, v any) bool) fault {
	return func(c *request, do func()) {
		for key, v := range c.opts {
			if bad(key, v) {
				c.fail(storage.ErrInvalid)
				return
			}
		}
		do()
	}
}
