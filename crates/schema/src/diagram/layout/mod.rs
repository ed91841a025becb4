//! Where boxes stand and how lines run: our own layered layout.
//!
//! ```text
//! links ─ ranks ─► layers from left to right, parents before children
//!       ─ nets ──► all lines to one port of one box are one tree, so they share their way and never cross each other
//!       ─ order ─► the order in each layer that leaves few crossings
//!       ─ place ─► heights, each box as near to what it is linked with as its neighbours allow
//!       ─ route ─► a vertical track for each net in the gap between two layers, and the points of each line
//! ```
//!
//! Parts that are not linked are laid out by themselves and put beside each other; boxes without any link stand in rows
//! at the end. Lines are horizontal and vertical, run around boxes, and leave a child at its left side. Only a link that
//! closes a cycle, or leads to its own box, leaves at the right.

mod nets;
mod order;
mod place;
mod ranks;
mod route;

use nets::Nets;

/// The size of a box.
#[derive(Debug, Clone, Copy)]
pub(super) struct Size {
    pub(super) width: i32,
    pub(super) height: i32,
}

/// A place; y grows downwards.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Point {
    pub(super) x: i32,
    pub(super) y: i32,
}

/// A line that is wanted, from a height in the child's box to a height in the parent's.
#[derive(Debug, Clone, Copy)]
pub(super) struct Link {
    pub(super) child: usize,
    pub(super) child_y: i32,
    pub(super) parent: usize,
    pub(super) parent_y: i32,
}

/// A finished layout.
#[derive(Debug, Default)]
pub(super) struct Layout {
    pub(super) size: (i32, i32),
    /// The upper left corner of each box.
    pub(super) boxes: Vec<Point>,
    /// The corners of each line, from the child to the parent.
    pub(super) lines: Vec<Vec<Point>>,
}

/// The relation of width to height that a screen has.
const SHAPE: f64 = 1.6;

/// The room between two parts.
const PART_GAP: i32 = 48;

/// The room between boxes that have no link.
const BOX_GAP: i32 = 28;

/// Lays boxes and lines out.
pub(super) fn lay_out(sizes: &[Size], links: &[Link]) -> Layout {
    let (linked, alone): (Vec<Part>, Vec<Part>) =
        parts(sizes.len(), links).into_iter().partition(|part| !part.links.is_empty());
    let mut drawn: Vec<(Part, Layout)> = linked.into_iter().map(|part| part.lay_out(sizes, links)).collect();
    drawn.sort_by_key(|(_, inner)| std::cmp::Reverse(inner.size.1));
    let alone: Vec<usize> = alone.into_iter().flat_map(|part| part.boxes).collect();
    let area = |(width, height): (i32, i32)| f64::from(width + PART_GAP) * f64::from(height + PART_GAP);
    let area_of_parts: f64 = drawn.iter().map(|(_, inner)| area(inner.size)).sum();
    let area_of_boxes: f64 = alone.iter().map(|at| area((sizes[*at].width, sizes[*at].height))).sum();
    let widest = drawn.iter().map(|(_, inner)| inner.size.0).max().unwrap_or_default();
    let width = widest.max(((area_of_parts + area_of_boxes) * SHAPE).sqrt() as i32);

    let mut layout = Layout {
        boxes: vec![Point { x: 0, y: 0 }; sizes.len()],
        lines: vec![Vec::new(); links.len()],
        ..Layout::default()
    };
    // Parts fill rows, the highest first.
    let mut at = Point { x: 0, y: 0 };
    for (part, inner) in drawn {
        if at.x > 0 && at.x + inner.size.0 > width {
            at = Point { x: 0, y: layout.size.1 + PART_GAP };
        }
        layout.put(&part, &inner, at);
        at.x += inner.size.0 + PART_GAP;
    }
    layout.fill(&alone, sizes, width);
    layout
}

impl Layout {
    /// Puts a part that was laid out by itself at a place.
    fn put(&mut self, part: &Part, inner: &Self, at: Point) {
        let moved = |point: &Point| Point { x: point.x + at.x, y: point.y + at.y };
        for (index, corner) in part.boxes.iter().zip(&inner.boxes) {
            self.boxes[*index] = moved(corner);
        }
        for (index, line) in part.links.iter().zip(&inner.lines) {
            self.lines[*index] = line.iter().map(moved).collect();
        }
        self.grow((at.x + inner.size.0, at.y + inner.size.1));
    }

    /// Puts boxes without links under everything, each into the shortest of the columns that fit.
    fn fill(&mut self, boxes: &[usize], sizes: &[Size], width: i32) {
        let column = boxes.iter().map(|at| sizes[*at].width).max().unwrap_or_default() + BOX_GAP;
        let top = if self.size.1 > 0 { self.size.1 + PART_GAP } else { 0 };
        let count =
            usize::try_from((width + BOX_GAP) / column.max(1)).unwrap_or(1).clamp(1, boxes.len().max(1));
        let mut columns: Vec<(i32, i32)> =
            (0_i32..).step_by(column.max(1) as usize).map(|x| (x, top)).take(count).collect();
        for at in boxes {
            let Some((x, y)) = columns.iter_mut().min_by_key(|(_, y)| *y) else { return };
            self.boxes[*at] = Point { x: *x, y: *y };
            *y += sizes[*at].height + BOX_GAP;
            let corner = (*x + sizes[*at].width, *y - BOX_GAP);
            self.grow(corner);
        }
    }

    fn grow(&mut self, (width, height): (i32, i32)) {
        self.size = (self.size.0.max(width), self.size.1.max(height));
    }
}

/// Boxes that are linked with each other and with no other.
struct Part {
    boxes: Vec<usize>,
    links: Vec<usize>,
}

impl Part {
    fn lay_out(self, sizes: &[Size], links: &[Link]) -> (Self, Layout) {
        let place =
            |index: usize| self.boxes.binary_search(&index).expect("a part has the ends of its links");
        let own_sizes: Vec<Size> = self.boxes.iter().map(|at| sizes[*at]).collect();
        let own_links: Vec<Link> = self
            .links
            .iter()
            .map(|at| Link { child: place(links[*at].child), parent: place(links[*at].parent), ..links[*at] })
            .collect();
        let ranks = ranks::ranks(&own_sizes, &own_links);
        let mut nets = Nets::new(&own_sizes, &own_links, &ranks);
        order::order(&mut nets);
        let tops = place::place(&nets);
        let layout = route::route(&nets, &own_sizes, &own_links, &tops);
        (self, layout)
    }
}

/// Returns the parts in the order of their first box.
fn parts(count: usize, links: &[Link]) -> Vec<Part> {
    let mut heads: Vec<usize> = (0..count).collect();
    for link in links {
        let (left, right) = (head(&mut heads, link.child), head(&mut heads, link.parent));
        heads[left.max(right)] = left.min(right);
    }
    let mut parts: Vec<Part> = Vec::new();
    let mut place_of_head = vec![usize::MAX; count];
    for index in 0..count {
        let head = head(&mut heads, index);
        if place_of_head[head] == usize::MAX {
            place_of_head[head] = parts.len();
            parts.push(Part { boxes: Vec::new(), links: Vec::new() });
        }
        parts[place_of_head[head]].boxes.push(index);
    }
    for (index, link) in links.iter().enumerate() {
        let head = head(&mut heads, link.child);
        parts[place_of_head[head]].links.push(index);
    }
    parts
}

/// Returns the first box of the part, and makes the way to it shorter.
fn head(heads: &mut [usize], mut index: usize) -> usize {
    while heads[index] != index {
        heads[index] = heads[heads[index]];
        index = heads[index];
    }
    index
}

#[cfg(test)]
mod tests {
    use super::{Layout, Link, Point, Size, lay_out};

    /// Numbers that look like chance and are the same every time.
    struct Numbers(u64);

    impl Numbers {
        fn below(&mut self, end: usize) -> usize {
            self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (self.0 >> 33) as usize % end.max(1)
        }
    }

    /// Boxes of rows, linked from rows to rows: some in trees, some at will, with circles and links to themselves.
    fn drawing(seed: u64) -> (Vec<Size>, Vec<Link>) {
        let mut numbers = Numbers(seed);
        let count = 1 + numbers.below(if seed.is_multiple_of(10) { 150 } else { 25 });
        let rows: Vec<usize> = (0..count).map(|_| 1 + numbers.below(14)).collect();
        let sizes: Vec<Size> = rows
            .iter()
            .map(|rows| Size { width: 90 + numbers.below(200) as i32, height: 32 + 22 * *rows as i32 })
            .collect();
        let links = (0..numbers.below(2 * count)).map(|_| {
            let child = numbers.below(count);
            let parent = if numbers.below(3) > 0 { numbers.below(child + 1) } else { numbers.below(count) };
            // Most refer to the first row.
            let parent_row = if numbers.below(4) > 0 { 0 } else { numbers.below(rows[parent]) };
            let y = |row: usize| 39 + 22 * row as i32;
            Link { child, child_y: y(numbers.below(rows[child])), parent, parent_y: y(parent_row) }
        });
        let links = links.collect();
        (sizes, links)
    }

    fn overlap(one: (i32, i32), other: (i32, i32)) -> bool {
        one.0 < other.1 && other.0 < one.1
    }

    fn expect_clear(sizes: &[Size], links: &[Link], layout: &Layout) {
        let frames: Vec<_> = layout
            .boxes
            .iter()
            .zip(sizes)
            .map(|(corner, size)| ((corner.x, corner.x + size.width), (corner.y, corner.y + size.height)))
            .collect();
        for (at, one) in frames.iter().enumerate() {
            let is_inside =
                one.0.0 >= 0 && one.1.0 >= 0 && one.0.1 <= layout.size.0 && one.1.1 <= layout.size.1;
            assert!(is_inside, "box {at} is outside");
            for (behind, other) in frames[..at].iter().enumerate() {
                assert!(!(overlap(one.0, other.0) && overlap(one.1, other.1)), "boxes {at} and {behind}");
            }
        }
        for (at, (line, link)) in layout.lines.iter().zip(links).enumerate() {
            let is_at_side = |point: &Point, frame: &((i32, i32), (i32, i32))| {
                (point.x == frame.0.0 || point.x == frame.0.1) && overlap((point.y, point.y + 1), frame.1)
            };
            assert!(is_at_side(&line[0], &frames[link.child]), "line {at} begins at its child");
            assert!(is_at_side(&line[line.len() - 1], &frames[link.parent]), "line {at} ends at its parent");
            for step in line.windows(2) {
                let (x, y) = spans(step);
                assert!(x.0 == x.1 || y.0 == y.1, "line {at} is neither level nor upright");
                // At the side of a box is not in it.
                let is_in = |frame: &((i32, i32), (i32, i32))| {
                    overlap((x.0, x.1.max(x.0 + 1)), frame.0) && overlap((y.0, y.1.max(y.0 + 1)), frame.1)
                };
                let found = frames.iter().position(is_in);
                assert_eq!(found, None, "line {at} runs through a box: {step:?}");
            }
        }
    }

    fn spans(step: &[Point]) -> ((i32, i32), (i32, i32)) {
        let (one, other) = (step[0], step[1]);
        ((one.x.min(other.x), one.x.max(other.x)), (one.y.min(other.y), one.y.max(other.y)))
    }

    /// Lines lie on each other only on their way to the same port.
    fn expect_apart(links: &[Link], layout: &Layout) {
        let lie_on = |one: &[Point], other: &[Point]| {
            let ((x, y), (other_x, other_y)) = (spans(one), spans(other));
            let level = y.0 == y.1 && y == other_y && overlap(x, other_x);
            let upright = x.0 == x.1 && x == other_x && overlap(y, other_y);
            level || upright
        };
        let port = |at: usize| (links[at].parent, links[at].parent_y);
        for (at, line) in layout.lines.iter().enumerate() {
            for (other, before) in
                layout.lines[..at].iter().enumerate().filter(|(other, _)| port(*other) != port(at))
            {
                let meets = line.windows(2).any(|one| before.windows(2).any(|other| lie_on(one, other)));
                assert!(!meets, "lines {other} and {at}: {before:?} {line:?}");
            }
        }
    }

    #[test]
    fn boxes_do_not_overlap_and_lines_run_around_them() {
        for seed in 0..300 {
            let (sizes, links) = drawing(seed);
            let layout = lay_out(&sizes, &links);
            assert_eq!((layout.boxes.len(), layout.lines.len()), (sizes.len(), links.len()));
            println!("seed {seed}");
            expect_clear(&sizes, &links, &layout);
            expect_apart(&links, &layout);
        }
    }

    #[test]
    fn parents_stand_to_the_left_of_their_children() {
        let sizes = [Size { width: 100, height: 60 }; 4];
        let link = |child: usize, parent: usize| Link { child, child_y: 39, parent, parent_y: 39 };
        let layout = lay_out(&sizes, &[link(0, 1), link(1, 2), link(0, 2), link(3, 3)]);
        let x: Vec<i32> = layout.boxes.iter().map(|corner| corner.x).collect();
        assert!(x[2] < x[1] && x[1] < x[0], "{x:?}");
        assert_eq!(layout.lines[3].len(), 2, "ends at one height: {:?}", layout.lines[3]);
    }
}
