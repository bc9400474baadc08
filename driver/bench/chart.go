package main

import (
	"bytes"
	"image/color"
	"io"
	"math"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgsvg"
)

// panel is one plot of the chart. It shows the sum of its figures.
type panel struct {
	title   string
	figures []string
}

// panels holds the rows of the chart. The plots of a row share their axes.
var panels = [][]panel{
	{
		{"snapshot + restore", []string{snapshotOp, restoreOp}},
		{"page of 100 at offset n/2", []string{pageByIndex}},
		{"move a directory of n/10", []string{moveDir}},
	},
	{
		{"stat", []string{statOne}},
		{"open + read 1 KiB", []string{openRead}},
		{"overwrite 1 KiB", []string{overwrite}},
	},
}

// chartLayout is the layout that the chart shows.
const chartLayout = deep

const (
	chartWidth   = 675 // points: 900 pixels
	chartHeight  = 450
	legendHeight = 24
	fontSize     = 9
)

// styles holds a line style for each store, in the order of the results. The
// colours are the palette of Okabe and Ito, which is safe for the colour-blind.
var styles = []struct {
	color color.RGBA
	shape draw.GlyphDrawer
	width vg.Length
}{
	{color.RGBA{0, 114, 178, 255}, draw.CircleGlyph{}, 2.5},
	{color.RGBA{0, 0, 0, 255}, draw.SquareGlyph{}, 1},
	{color.RGBA{213, 94, 0, 255}, draw.TriangleGlyph{}, 1},
	{color.RGBA{0, 158, 115, 255}, draw.RingGlyph{}, 1},
	{color.RGBA{204, 121, 167, 255}, draw.PyramidGlyph{}, 1},
	{color.RGBA{230, 159, 0, 255}, draw.BoxGlyph{}, 1},
}

// writeChart writes an SVG that plots cost against the number of objects.
func writeChart(w io.Writer, rs *results) error {
	svg := vgsvg.New(chartWidth, chartHeight)
	canvas := draw.New(svg)
	canvas.FillPolygon(color.White, []vg.Point{
		{X: 0, Y: 0}, {X: chartWidth, Y: 0}, {X: chartWidth, Y: chartHeight}, {X: 0, Y: chartHeight}})

	stores := distinct(rs, func(r *result) string { return r.Store }, func(r *result) bool { return r.Layout == chartLayout })
	drawLegend(draw.Crop(canvas, 40, 0, chartHeight-legendHeight, -4), stores)
	if err := drawPanels(draw.Crop(canvas, 4, -8, 4, -legendHeight), rs, stores); err != nil {
		return err
	}
	return writeSVG(w, svg)
}

// writeSVG writes the drawing. It adds fallback fonts with the same metrics as
// Liberation Sans, which few systems have.
func writeSVG(w io.Writer, svg io.WriterTo) error {
	var b bytes.Buffer
	if _, err := svg.WriteTo(&b); err != nil {
		return err
	}
	_, err := w.Write(bytes.ReplaceAll(b.Bytes(),
		[]byte("font-family:Liberation Sans"), []byte("font-family:Liberation Sans,Arial,Helvetica,sans-serif")))
	return err
}

func drawPanels(canvas draw.Canvas, rs *results, stores []string) error {
	plots := make([][]*plot.Plot, len(panels))
	for i, row := range panels {
		for _, p := range row {
			pl, err := p.plot(rs, stores)
			if err != nil {
				return err
			}
			plots[i] = append(plots[i], pl)
		}
		plots[i][0].Y.Label.Text = "time"
		shareAxes(plots[i])
	}
	tiles := draw.Tiles{Rows: len(panels), Cols: len(panels[0]), PadX: 8, PadY: 10}
	for i, row := range plot.Align(plots, tiles, canvas) {
		for j, tile := range row {
			plots[i][j].Draw(tile)
		}
	}
	return nil
}

// plot draws a line for each store that has figures for at least one size.
func (p panel) plot(rs *results, stores []string) (*plot.Plot, error) {
	pl := plot.New()
	pl.Title.Text = p.title
	pl.X.Label.Text = "objects in the store"
	pl.X.Tick.Length, pl.Y.Tick.Length = 0, 0
	for _, style := range []*font.Font{&pl.Title.TextStyle.Font, &pl.X.Label.TextStyle.Font, &pl.Y.Label.TextStyle.Font,
		&pl.X.Tick.Label.Font, &pl.Y.Tick.Label.Font} {
		*style = font.From(font.Font{Typeface: "Liberation", Variant: "Sans"}, fontSize)
	}
	pl.Add(plotter.NewGrid())
	for i, store := range stores {
		points := p.points(rs, store)
		if len(points) == 0 {
			continue
		}
		line, marks, err := linePoints(points, i)
		if err != nil {
			return nil, err
		}
		pl.Add(line, marks)
	}
	return pl, nil
}

// points returns the sum of the panel's figures, in seconds, for each number of
// objects.
func (p panel) points(rs *results, store string) plotter.XYs {
	var points plotter.XYs
	of := func(r *result) bool {
		return r.Store == store && r.Layout == chartLayout && r.Figure == p.figures[0]
	}
	for _, n := range distinct(rs, func(r *result) int { return r.N }, of) {
		sum := 0.0
		for _, figure := range p.figures {
			sum += rs.median(cell{figure, chartLayout, n, store})
		}
		if sum > 0 { // false for NaN
			points = append(points, plotter.XY{X: float64(n), Y: sum * 1e-9})
		}
	}
	return points
}

func linePoints(points plotter.XYs, i int) (*plotter.Line, *plotter.Scatter, error) {
	line, marks, err := plotter.NewLinePoints(points)
	if err != nil {
		return nil, nil, err
	}
	style := styles[i%len(styles)]
	line.Color, line.Width = style.color, style.width
	marks.Color, marks.Shape, marks.Radius = style.color, style.shape, 2.5
	return line, marks, nil
}

// shareAxes gives all plots the same logarithmic axes. They begin and end at
// powers of ten.
func shareAxes(plots []*plot.Plot) {
	x, y := span{math.Inf(1), 0}, span{math.Inf(1), 0}
	for _, p := range plots {
		x = span{min(x.low, p.X.Min), max(x.high, p.X.Max)}
		y = span{min(y.low, p.Y.Min), max(y.high, p.Y.Max)}
	}
	for _, p := range plots {
		x.set(&p.X, func(v float64) string { return formatCount(int(v)) })
		y.set(&p.Y, formatSeconds)
	}
}

// span is the range of values on an axis. It is empty if low is greater than high.
type span struct{ low, high float64 }

func (s span) set(axis *plot.Axis, label func(float64) string) {
	if s.low > s.high {
		s = span{1, 1}
	}
	low := math.Floor(math.Log10(s.low))
	high := max(low+1, math.Ceil(math.Log10(s.high)))
	axis.Min, axis.Max = math.Pow(10, low), math.Pow(10, high)
	axis.Scale = plot.LogScale{}
	var ticks plot.ConstantTicks
	for e := low; e <= high; e++ {
		ticks = append(ticks, plot.Tick{Value: math.Pow(10, e), Label: label(math.Pow(10, e))})
	}
	axis.Tick.Marker = ticks
}

// drawLegend draws the names of the stores in one line.
func drawLegend(canvas draw.Canvas, stores []string) {
	for i, store := range stores {
		line, marks, err := linePoints(plotter.XYs{{X: 0, Y: 0}}, i)
		if err != nil {
			continue
		}
		legend := plot.NewLegend()
		legend.Left, legend.Top = true, true
		legend.TextStyle.Font = font.From(font.Font{Typeface: "Liberation", Variant: "Sans"}, fontSize+1)
		legend.Add(store, line, marks)
		legend.Draw(draw.Tiles{Rows: 1, Cols: len(stores)}.At(canvas, i, 0))
	}
}
