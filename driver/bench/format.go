package main

import (
	"math"
	"strconv"

	"github.com/dustin/go-humanize"
)

// format formats a value and its unit with three digits: "12.3 µs", "180 B".
func (u unit) format(v float64) string {
	if math.IsNaN(v) {
		return "–"
	}
	if u == octets {
		return formatAmount(v) + " B"
	}
	scaled, prefix := humanize.ComputeSI(v * 1e-9)
	return threeDigits(scaled) + " " + prefix + "s"
}

// formatAmount formats a number that is often an integer: "16", "2.08",
// "67,100,000".
func formatAmount(v float64) string {
	if v < 999.5 {
		return strconv.FormatFloat(v, 'g', 3, 64)
	}
	return threeDigits(v)
}

// formatRatio formats a divided by b: "0.85", "12.3", "12,300".
func formatRatio(a, b float64) string { return threeDigits(a / b) }

func threeDigits(v float64) string {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return "–"
	}
	magnitude := 1
	if v != 0 {
		magnitude = 1 + int(math.Floor(math.Log10(math.Abs(v))))
	}
	if magnitude <= 3 {
		return strconv.FormatFloat(v, 'f', max(0, 3-max(magnitude, 1)), 64)
	}
	step := math.Pow10(magnitude - 3)
	return humanize.Comma(int64(math.Round(v/step) * step))
}

// formatCount formats a number of objects.
func formatCount(n int) string { return humanize.Comma(int64(n)) }

// formatSeconds formats a power of ten in seconds: "10 ms".
func formatSeconds(v float64) string {
	scaled, prefix := humanize.ComputeSI(v)
	return strconv.Itoa(int(math.Round(scaled))) + " " + prefix + "s"
}
