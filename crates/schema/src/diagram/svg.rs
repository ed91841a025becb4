//! The diagram as a picture, with our own layout.
//!
//! The background is drawn, so that the picture is the same on light and dark pages, and everything is named by a title,
//! which browsers show under the pointer and screen readers read. No style sheet is needed.

use std::fmt::Write;

use super::entities::{Entities, Entity, Relation, Row};
use super::escape;
use super::layout::{Layout, Link, Point, Size, lay_out};
use crate::model::Schema;

/// The height of the head of a box, and of a row.
const HEAD: i32 = 28;
const ROW: i32 = 22;

/// The room under the last row.
const FOOT: i32 = 4;

/// The room inside of a box at its sides, and between its columns.
const PAD: i32 = 10;

/// The room around the whole, and the height of the line that explains it.
const MARGIN: i32 = 32;
const LEGEND: i32 = 40;

/// What a name is cut to; the title has all of it.
const LONGEST: usize = 44;

/// The colours of tables that are referred to, and of the lines to them.
const COLORS: [&str; 8] =
    ["#1d4ed8", "#047857", "#b45309", "#7c3aed", "#be123c", "#0e7490", "#a21caf", "#4d7c0f"];

/// The colour of the other tables.
const PLAIN: &str = "#475569";

/// Draws the tables as SVG; `title` names the whole.
///
/// ```
/// use seedbed_schema::diagram::svg;
/// use seedbed_schema::model::{Column, Schema, Table};
///
/// let column = Column { name: "a<b".into(), ..Column::default() };
/// let schema = Schema { tables: vec![Table { name: "users".into(), columns: vec![column], ..Table::default() }], ..Schema::default() };
/// let picture = svg(&schema, "The tables");
/// assert!(picture.starts_with("<svg ") && picture.contains(">a&lt;b</text>"));
/// ```
pub fn svg(schema: &Schema, title: &str) -> String {
    let entities = Entities::new(schema);
    let shapes: Vec<Shape> = entities.boxes.iter().map(Shape::new).collect();
    let sizes: Vec<Size> = shapes.iter().map(|shape| shape.size).collect();
    let links: Vec<Link> = entities.relations.iter().map(link).collect();
    let layout = lay_out(&sizes, &links);
    let colors = colors(&entities);
    let (width, height) = (layout.size.0.max(440) + 2 * MARGIN, layout.size.1 + 2 * MARGIN + LEGEND);

    let mut text = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" \
         viewBox=\"0 0 {width} {height}\" role=\"img\" aria-labelledby=\"title summary\" \
         font-family=\"ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas, monospace\" font-size=\"12\">\n\
         <title id=\"title\">{}</title>\n<desc id=\"summary\">{}</desc>\n\
         <rect width=\"{width}\" height=\"{height}\" fill=\"#f8fafc\"/>\n\
         <g transform=\"translate({MARGIN} {MARGIN})\">\n",
        escape(title),
        summary(&entities),
    );
    // Lines first: where one ends, the frame of the box is drawn over it.
    lines(&mut text, &entities, &layout, &colors);
    for ((entity, shape), (corner, color)) in
        entities.boxes.iter().zip(&shapes).zip(layout.boxes.iter().zip(&colors))
    {
        table(&mut text, entity, shape, *corner, color);
    }
    text.push_str("</g>\n");
    legend(&mut text, height - LEGEND + 8);
    text.push_str("</svg>\n");
    text
}

fn summary(entities: &Entities<'_>) -> String {
    let count = |number: usize, one: &str| format!("{number} {one}{}", if number == 1 { "" } else { "s" });
    let tables = entities.boxes.iter().filter(|entity| !entity.is_missing).count();
    format!("{}, {}", count(tables, "table"), count(entities.relations.len(), "foreign key"))
}

/// Returns the colour of each box: those that others refer to take the colours in turn.
fn colors(entities: &Entities<'_>) -> Vec<&'static str> {
    let mut is_parent = vec![false; entities.boxes.len()];
    entities.relations.iter().for_each(|relation| is_parent[relation.parent] = true);
    let mut turn = COLORS.iter().cycle();
    is_parent
        .into_iter()
        .map(|is_parent| if is_parent { turn.next() } else { None }.unwrap_or(&PLAIN))
        .copied()
        .collect()
}

/// The middle of a row, or of the head for a column that is not there.
fn height_of(row: Option<usize>) -> i32 {
    row.map_or(HEAD / 2, |row| HEAD + ROW * row as i32 + ROW / 2)
}

fn link(relation: &Relation<'_>) -> Link {
    Link {
        child: relation.child,
        child_y: height_of(relation.child_row),
        parent: relation.parent,
        parent_y: height_of(relation.parent_row),
    }
}

/// The measures of a box: where its columns begin.
struct Shape {
    size: Size,
    name_x: i32,
    type_x: i32,
}

impl Shape {
    fn new(entity: &Entity<'_>) -> Self {
        let widest =
            |width: &dyn Fn(&Row<'_>) -> i32| entity.rows.iter().map(width).max().unwrap_or_default();
        let marks = widest(&|row| text_width(&row.marks().join(" "), 60));
        let names = widest(&|row| text_width(&shown(row.name), 73));
        let types = widest(&|row| text_width(&shown(row.column_type), 67));
        let nulls = widest(&|row| if row.nullable { 30 + PAD } else { 0 });
        let name_x = PAD + if marks > 0 { marks + PAD } else { 0 };
        let type_x = name_x + names + if types > 0 { PAD + 6 } else { 0 };
        let head = 2 * PAD + text_width(&shown(entity.name), 80);
        let width = (type_x + types + nulls + PAD).max(head).max(120);
        let height = match entity.rows.len() {
            0 => HEAD,
            rows => HEAD + ROW * rows as i32 + FOOT,
        };
        Self { size: Size { width, height }, name_x, type_x }
    }
}

/// Returns the width of a text whose characters are so many tenths of a pixel wide. Characters of East Asia are as wide
/// as two.
fn text_width(text: &str, tenths: i32) -> i32 {
    let cells: i32 = text.chars().map(|character| if u32::from(character) < 0x1100 { 1 } else { 2 }).sum();
    (cells * tenths + 9) / 10
}

/// Returns the text, cut when it is too long.
fn shown(text: &str) -> String {
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

fn table(text: &mut String, entity: &Entity<'_>, shape: &Shape, corner: Point, color: &str) {
    let Size { width, height } = shape.size;
    let name = escape(entity.name);
    let _ = write!(text, "<g transform=\"translate({} {})\">", corner.x, corner.y);
    if entity.is_missing {
        let _ = write!(
            text,
            "<title>{name} (not in the schema)</title>\n\
             <rect width=\"{width}\" height=\"{height}\" rx=\"5\" fill=\"#ffffff\" stroke=\"{color}\" stroke-dasharray=\"4 3\"/>\n\
             <text x=\"{PAD}\" y=\"19\" font-size=\"13\" font-style=\"italic\" fill=\"{color}\">{}</text>\n</g>\n",
            escape(&shown(entity.name)),
        );
        return;
    }
    let _ = write!(
        text,
        "<title>table {name}</title>\n\
         <rect width=\"{width}\" height=\"{height}\" rx=\"5\" fill=\"#ffffff\" stroke=\"{color}\"/>\n\
         <path d=\"M0 {HEAD}V5a5 5 0 0 1 5 -5H{}a5 5 0 0 1 5 5V{HEAD}Z\" fill=\"{color}\"/>\n\
         <text x=\"{PAD}\" y=\"19\" font-size=\"13\" font-weight=\"bold\" fill=\"#ffffff\">{}</text>\n",
        width - 5,
        escape(&shown(entity.name)),
    );
    for (at, row) in entity.rows.iter().enumerate() {
        let y = HEAD + ROW * at as i32;
        if at > 0 {
            let _ = writeln!(text, "<path d=\"M1 {y}H{}\" stroke=\"#e2e8f0\"/>", width - 1);
        }
        columns(text, row, shape, y + 15);
    }
    text.push_str("</g>\n");
}

fn columns(text: &mut String, row: &Row<'_>, shape: &Shape, y: i32) {
    let marks = row.marks();
    let null = if row.nullable { ", may be NULL" } else { "" };
    let kinds: String = marks.iter().map(|mark| format!(", {mark}")).collect();
    let title = format!("{} {}{kinds}{null}", row.name, row.column_type);
    let _ = write!(text, "<g><title>{}</title>", escape(&title));
    if !marks.is_empty() {
        let _ = write!(
            text,
            "<text x=\"{PAD}\" y=\"{y}\" font-size=\"9.5\" font-weight=\"bold\" fill=\"#64748b\">{}</text>",
            marks.join(" "),
        );
    }
    let weight = if row.is_primary { " font-weight=\"bold\"" } else { "" };
    let _ = write!(
        text,
        "<text x=\"{}\" y=\"{y}\"{weight} fill=\"#0f172a\">{}</text>",
        shape.name_x,
        escape(&shown(row.name)),
    );
    if !row.column_type.is_empty() {
        let _ = write!(
            text,
            "<text x=\"{}\" y=\"{y}\" font-size=\"11\" fill=\"#64748b\">{}</text>",
            shape.type_x,
            escape(&shown(row.column_type)),
        );
    }
    if row.nullable {
        let _ = write!(
            text,
            "<text x=\"{}\" y=\"{y}\" font-size=\"10\" text-anchor=\"end\" fill=\"#94a3b8\">NULL</text>",
            shape.size.width - PAD,
        );
    }
    text.push_str("</g>\n");
}

fn lines(text: &mut String, entities: &Entities<'_>, layout: &Layout, colors: &[&str]) {
    text.push_str("<g fill=\"none\" stroke-width=\"1.5\" stroke-linejoin=\"round\">\n");
    let mut order: Vec<usize> = (0..layout.lines.len()).collect();
    // All lines to one table are drawn together, over a wider one in the colour of the page, so that those which they
    // cross seem to go under them.
    order.sort_by_key(|at| (entities.relations[*at].parent, entities.relations[*at].parent_row));
    for group in
        order.chunk_by(|one, other| entities.relations[*one].parent == entities.relations[*other].parent)
    {
        for at in group {
            let _ = writeln!(
                text,
                "<path d=\"{}\" stroke=\"#f8fafc\" stroke-width=\"5\"/>",
                path(&layout.lines[*at]),
            );
        }
        for at in group {
            let relation = &entities.relations[*at];
            let points = &layout.lines[*at];
            let dashes = if relation.is_optional { " stroke-dasharray=\"5 3\"" } else { "" };
            let _ = writeln!(
                text,
                "<g stroke=\"{}\"><title>{}</title><path d=\"{}\"{dashes}/><path d=\"{}{}\"/></g>",
                colors[relation.parent],
                escape(&relation.sentence(entities.boxes[relation.child].name)),
                path(points),
                if relation.is_one_to_one { bar(points.iter()) } else { crow_foot(points) },
                bar(points.iter().rev()),
            );
        }
    }
    text.push_str("</g>\n");
}

/// Returns where a line begins and to which side it leaves.
fn start<'p>(mut points: impl Iterator<Item = &'p Point>) -> (Point, i32) {
    let first = points.next().copied().unwrap_or(Point { x: 0, y: 0 });
    let is_right = points.next().is_some_and(|next| next.x > first.x);
    (first, if is_right { 1 } else { -1 })
}

/// The mark for at most one.
fn bar<'p>(points: impl Iterator<Item = &'p Point>) -> String {
    let (Point { x, y }, side) = start(points);
    format!("M{} {}v10", x + 7 * side, y - 5)
}

/// The mark for many.
fn crow_foot(points: &[Point]) -> String {
    let (Point { x, y }, side) = start(points.iter());
    format!("M{x} {}L{} {y}L{x} {}", y - 6, x + 11 * side, y + 6)
}

/// Returns the path through the points, with its corners rounded.
fn path(points: &[Point]) -> String {
    let mut path = String::new();
    let length = |one: Point, other: Point| (one.x - other.x).abs() + (one.y - other.y).abs();
    let towards = |from: Point, to: Point, by: i32| Point {
        x: from.x + (to.x - from.x).signum() * by,
        y: from.y + (to.y - from.y).signum() * by,
    };
    for (at, point) in points.iter().copied().enumerate() {
        let corner = at.checked_sub(1).and_then(|before| points.get(before)).zip(points.get(at + 1));
        let _ = match corner {
            Some((before, next)) => {
                let radius = (length(*before, point) / 2).min(length(point, *next) / 2).min(6);
                let (from, to) = (towards(point, *before, radius), towards(point, *next, radius));
                write!(path, "L{} {}Q{} {} {} {}", from.x, from.y, point.x, point.y, to.x, to.y)
            }
            None => write!(path, "{}{} {}", if at == 0 { 'M' } else { 'L' }, point.x, point.y),
        };
    }
    path
}

/// Explains the marks, in one line under everything.
fn legend(text: &mut String, y: i32) {
    let _ = write!(
        text,
        "<g font-size=\"11\" fill=\"{PLAIN}\" stroke-width=\"1.5\" transform=\"translate({MARGIN} {y})\">\n\
         <path d=\"M0 -4H34M0 -10L11 -4L0 2\" fill=\"none\" stroke=\"{PLAIN}\"/><text x=\"42\">many</text>\n\
         <path d=\"M88 -4H122M95 -9v10\" fill=\"none\" stroke=\"{PLAIN}\"/><text x=\"130\">one</text>\n\
         <path d=\"M168 -4H202\" fill=\"none\" stroke=\"{PLAIN}\" stroke-dasharray=\"5 3\"/>\
         <text x=\"210\">may be NULL</text>\n\
         <text x=\"304\">PK primary key</text>\n</g>\n",
    );
}
