//! Plots as plain SVG files in `target/bench`.

use std::fs;
use std::path::PathBuf;

use anyhow::{Result, anyhow};
use interdict_tests::workspace;
use plotters::chart::ChartContext;
use plotters::coord::Shift;
use plotters::coord::ranged1d::{AsRangedCoord, Ranged, ValueFormatter};
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

/// Colours that colour-blind readers can distinguish too (Okabe and Ito, 2008).
const COLOURS: [RGBColor; 6] = [
    RGBColor(0, 114, 178),
    RGBColor(213, 94, 0),
    RGBColor(0, 158, 115),
    RGBColor(204, 121, 167),
    RGBColor(86, 180, 233),
    RGBColor(0, 0, 0),
];

const FONT: &str = "sans-serif";
const SIZE: (u32, u32) = (900, 540);

/// The texts on a plot.
pub(crate) struct Words<'a> {
    /// The name of its file, without extension.
    pub(crate) file: &'a str,
    pub(crate) title: &'a str,
    pub(crate) x: &'a str,
    pub(crate) y: &'a str,
    /// Where the legend hides nothing.
    pub(crate) names: SeriesLabelPosition,
}

/// One line of a plot.
pub(crate) struct Line {
    pub(crate) name: String,
    pub(crate) points: Vec<Point>,
    pub(crate) joined: Joined,
}

/// Whether a line's points are joined.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Joined {
    Yes,
    No,
}

/// A figure with its interval.
#[derive(Clone, Copy)]
pub(crate) struct Point {
    pub(crate) x: f64,
    pub(crate) y: f64,
    pub(crate) interval: Option<(f64, f64)>,
}

impl Point {
    pub(crate) const fn new(x: f64, y: f64) -> Self {
        let interval = None;
        Self { x, y, interval }
    }
}

/// Named bars, each with one value for every colour.
pub(crate) struct Bars<'a> {
    pub(crate) colours: &'a [&'a str],
    pub(crate) rows: Vec<(String, Vec<f64>)>,
}

type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;

/// Draws lines over two axes and prints where the plot is.
pub(crate) fn lines<X, Y>(words: &Words<'_>, x: X, y: Y, lines: &[Line]) -> Result<()>
where
    X: AsRangedCoord<Value = f64>,
    Y: AsRangedCoord<Value = f64>,
    X::CoordDescType: Ranged<ValueType = f64> + ValueFormatter<f64>,
    Y::CoordDescType: Ranged<ValueType = f64> + ValueFormatter<f64>,
{
    let path = path(words.file)?;
    let area = SVGBackend::new(&path, SIZE).into_drawing_area();
    draw_lines(&area, words, x, y, lines).map_err(|error| anyhow!("{error}"))?;
    println!("plot: {}", path.display());
    Ok(())
}

type Drawn = std::result::Result<(), Box<dyn std::error::Error>>;

fn draw_lines<X, Y>(area: &Area<'_>, words: &Words<'_>, x: X, y: Y, lines: &[Line]) -> Drawn
where
    X: AsRangedCoord<Value = f64>,
    Y: AsRangedCoord<Value = f64>,
    X::CoordDescType: Ranged<ValueType = f64> + ValueFormatter<f64>,
    Y::CoordDescType: Ranged<ValueType = f64> + ValueFormatter<f64>,
{
    area.fill(&WHITE)?;
    let mut chart = ChartBuilder::on(area)
        .caption(words.title, (FONT, 20))
        .margin(16)
        .x_label_area_size(48)
        .y_label_area_size(80)
        .build_cartesian_2d(x, y)?;
    chart
        .configure_mesh()
        .light_line_style(WHITE)
        .bold_line_style(RGBColor(225, 225, 225))
        .label_style((FONT, 14))
        .axis_desc_style((FONT, 15))
        .x_desc(words.x)
        .y_desc(words.y)
        .x_label_formatter(&|value| plain(*value))
        .y_label_formatter(&|value| plain(*value))
        .draw()?;
    for (line, colour) in lines.iter().zip(COLOURS) {
        draw_line(&mut chart, line, colour)?;
    }
    draw_legend(&mut chart, words)?;
    area.present()?;
    Ok(())
}

type Chart<'a, 'b, X, Y> = ChartContext<'a, SVGBackend<'b>, Cartesian2d<X, Y>>;

fn draw_legend<'a, 'b: 'a, X, Y>(chart: &mut Chart<'a, 'b, X, Y>, words: &Words<'_>) -> Drawn
where
    X: Ranged<ValueType = f64>,
    Y: Ranged<ValueType = f64>,
{
    chart
        .configure_series_labels()
        .position(words.names.clone())
        .label_font((FONT, 14))
        .background_style(WHITE.mix(0.85))
        .border_style(RGBColor(180, 180, 180))
        .draw()?;
    Ok(())
}

fn draw_line<X, Y>(chart: &mut Chart<'_, '_, X, Y>, line: &Line, colour: RGBColor) -> Drawn
where
    X: Ranged<ValueType = f64>,
    Y: Ranged<ValueType = f64>,
{
    let places: Vec<(f64, f64)> = line.points.iter().map(|point| (point.x, point.y)).collect();
    if line.joined == Joined::Yes {
        chart.draw_series(LineSeries::new(places.clone(), colour.stroke_width(2)))?;
    }
    let intervals = line.points.iter().filter_map(|point| {
        let (low, high) = point.interval?;
        let ends = vec![(point.x, low), (point.x, high)];
        Some(PathElement::new(ends, colour.stroke_width(1)))
    });
    chart.draw_series(intervals)?;
    let dots = places.into_iter();
    chart
        .draw_series(dots.map(|place| Circle::new(place, 4, colour.filled())))?
        .label(&line.name)
        .legend(move |(x, y)| Circle::new((x + 10, y), 4, colour.filled()));
    Ok(())
}

/// Draws horizontal bars, the first row at the top, and prints where the plot is.
pub(crate) fn bars(words: &Words<'_>, bars: &Bars<'_>) -> Result<()> {
    let path = path(words.file)?;
    let area = SVGBackend::new(&path, SIZE).into_drawing_area();
    draw_bars(&area, words, bars).map_err(|error| anyhow!("{error}"))?;
    println!("plot: {}", path.display());
    Ok(())
}

fn draw_bars(area: &Area<'_>, words: &Words<'_>, bars: &Bars<'_>) -> Drawn {
    area.fill(&WHITE)?;
    let values = bars.rows.iter().flat_map(|(_, values)| values);
    let longest = values.copied().fold(0.0, f64::max) * 1.1;
    let height = f64::from(u32::try_from(bars.rows.len())?);
    let mut chart = ChartBuilder::on(area)
        .caption(words.title, (FONT, 20))
        .margin(16)
        .x_label_area_size(48)
        .y_label_area_size(260)
        .build_cartesian_2d(0.0..longest, height..0.0)?;
    chart
        .configure_mesh()
        .disable_y_mesh()
        .disable_y_axis()
        .light_line_style(WHITE)
        .label_style((FONT, 14))
        .axis_desc_style((FONT, 15))
        .x_desc(words.x)
        .x_label_formatter(&|value| value.to_string())
        .y_labels(0)
        .draw()?;
    let share = 0.8 / f64::from(u32::try_from(bars.colours.len())?);
    let mut top = 0.1;
    for (name, values) in &bars.rows {
        name_row(area, &chart.backend_coord(&(0.0, top + 0.4)), name)?;
        for (index, (value, colour)) in (0_u32..).zip(values.iter().zip(COLOURS)) {
            let start = share.mul_add(f64::from(index), top);
            let bar = [(0.0, start), (*value, start + share * 0.9)];
            chart.draw_series([Rectangle::new(bar, colour.filled())])?;
        }
        top += 1.0;
    }
    for (name, colour) in bars.colours.iter().zip(COLOURS) {
        chart
            .draw_series(std::iter::empty::<Circle<(f64, f64), i32>>())?
            .label(*name)
            .legend(move |(x, y)| Rectangle::new([(x, y - 5), (x + 18, y + 5)], colour.filled()));
    }
    draw_legend(&mut chart, words)?;
    area.present()?;
    Ok(())
}

fn name_row(area: &Area<'_>, place: &(i32, i32), name: &str) -> Drawn {
    let style = (FONT, 14).into_text_style(area);
    let style = style.pos(Pos::new(HPos::Right, VPos::Center));
    let (x, y) = *place;
    area.draw(&Text::new(name.to_owned(), (x - 8, y), style))?;
    Ok(())
}

/// The shortest text for a number.
fn plain(value: f64) -> String {
    let short = |value: f64| {
        let text = format!("{value:.6}");
        let text = text.trim_end_matches('0').trim_end_matches('.');
        text.to_owned()
    };
    match value {
        large if large >= 1e6 => format!("{} M", short(large / 1e6)),
        large if large >= 1e3 => format!("{} k", short(large / 1e3)),
        _ => short(value),
    }
}

fn path(file: &str) -> Result<PathBuf> {
    let folder = workspace().join("target/bench");
    fs::create_dir_all(&folder)?;
    Ok(folder.join(format!("{file}.svg")))
}
