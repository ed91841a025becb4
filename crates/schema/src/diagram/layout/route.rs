//! Where the vertical parts of lines run in the gaps between layers, and so where the layers stand and each line turns.

use super::nets::{Nets, Piece};
use super::{Layout, Link, Point, Size};

/// The room at both sides of a gap, where the ends of lines are drawn.
const MARGIN: i32 = 26;

/// How far vertical parts lie apart.
const TRACK: i32 = 10;

/// What of a net is in a gap, with heights of the whole.
#[derive(Debug)]
struct Run {
    net: usize,
    left: Vec<i32>,
    right: Vec<i32>,
    top: i32,
    bottom: i32,
    /// The number of its track; `None` for a line that goes straight through.
    track: Option<i32>,
}

impl Run {
    fn new(piece: &Piece, tops: &[i32]) -> Self {
        let heights = |ends: &[(usize, i32)]| ends.iter().map(|(thing, y)| tops[*thing] + y).collect();
        let (left, right): (Vec<i32>, Vec<i32>) = (heights(&piece.left), heights(&piece.right));
        let all = || left.iter().chain(&right).copied();
        let (top, bottom) = (all().min().unwrap_or_default(), all().max().unwrap_or_default());
        let track = (top != bottom).then_some(0);
        Self { net: piece.net, left, right, top, bottom, track }
    }

    fn meets(&self, other: &Self) -> bool {
        self.top - TRACK < other.bottom && other.top - TRACK < self.bottom
    }

    /// What it costs when this one runs to the left of the other: crossings, and much for lines that lie on each other.
    fn cost_left_of(&self, other: &Self) -> usize {
        let crossed = |run: &Self, y: i32| run.top < y && y < run.bottom;
        let to_the_right = self.right.iter().filter(|y| crossed(other, **y)).count();
        let from_the_left = other.left.iter().filter(|y| crossed(self, **y)).count();
        to_the_right + from_the_left + if self.lies_on(other) { 1000 } else { 0 }
    }

    /// Whether parts of both lie on each other when this one runs to the left of the other.
    fn lies_on(&self, other: &Self) -> bool {
        self.right.iter().any(|y| other.left.iter().any(|left| (y - left).abs() < 3))
    }
}

/// Draws everything.
pub(super) fn route(nets: &Nets, sizes: &[Size], links: &[Link], tops: &[i32]) -> Layout {
    let mut gaps: Vec<Vec<Run>> = nets
        .gaps
        .iter()
        .map(|gap| {
            let (mut runs, straight): (Vec<Run>, Vec<Run>) =
                gap.iter().map(|piece| Run::new(piece, tops)).partition(|run| run.track.is_some());
            give_tracks(&mut runs);
            runs.extend(straight);
            runs
        })
        .collect();

    // The left side of each layer, and of each gap.
    let mut x = 0;
    let mut layers = Vec::new();
    for (layer, gap) in nets.layers.iter().zip(&mut gaps) {
        let boxes = layer.iter().filter(|thing| nets.is_box(**thing));
        let width = boxes.map(|thing| sizes[*thing].width).max().unwrap_or_default();
        layers.push(x);
        x += width;
        let tracks = gap.iter().filter_map(|run| run.track).max().map_or(0, |last| last + 1);
        for run in gap.iter_mut() {
            run.track = run.track.map(|track| x + MARGIN + track * TRACK);
        }
        x += match (gap.is_empty(), tracks) {
            (true, _) => 0,
            (false, 0) => 2 * MARGIN,
            (false, tracks) => 2 * MARGIN + (tracks - 1) * TRACK,
        };
    }

    let mut layout = Layout::default();
    for index in 0..nets.boxes {
        let corner = Point { x: layers[nets.ranks[index]], y: tops[index] };
        layout.grow((corner.x + sizes[index].width, corner.y + sizes[index].height));
        layout.boxes.push(corner);
    }
    for (at, link) in links.iter().enumerate() {
        let line = line(nets, (at, link), sizes, &layout.boxes, tops, &gaps);
        line.iter().for_each(|point| layout.grow((point.x + TRACK, point.y + TRACK)));
        layout.lines.push(line);
    }
    layout
}

/// Numbers the tracks from the left.
fn give_tracks(runs: &mut [Run]) {
    runs.sort_by_key(|run| (run.top, run.bottom));
    // Neighbours change places as long as that is better; often enough for all that a person draws.
    let mut rounds = runs.len().min(60);
    let mut moved = true;
    while std::mem::take(&mut moved) && rounds > 0 {
        rounds -= 1;
        for at in 1..runs.len() {
            let (one, other) = (&runs[at - 1], &runs[at]);
            if other.cost_left_of(one) < one.cost_left_of(other) {
                runs.swap(at - 1, at);
                moved = true;
            }
        }
    }
    // One that lies on another goes to its other side. Two that would lie on each other there as well are left.
    for at in 0..runs.len() {
        let mut moves = 0;
        while let Some(other) = (at + 1..runs.len()).find(|other| runs[at].lies_on(&runs[*other])) {
            moves += 1;
            if moves > runs.len() || runs[other].lies_on(&runs[at]) {
                break;
            }
            runs[at..=other].rotate_right(1);
        }
    }
    for at in 0..runs.len() {
        let behind = |other: &Run| other.track.unwrap_or_default() + 1;
        let track = runs[..at].iter().filter(|other| other.meets(&runs[at])).map(behind).max();
        runs[at].track = Some(track.unwrap_or_default());
    }
}

/// Returns the corners of a line, from the child to the parent.
fn line(
    nets: &Nets,
    (at, link): (usize, &Link),
    sizes: &[Size],
    boxes: &[Point],
    tops: &[i32],
    gaps: &[Vec<Run>],
) -> Vec<Point> {
    let (net, child_y) = nets.ends[at];
    let (child, parent) = (nets.ranks[link.child], nets.ranks[link.parent]);
    let known = &nets.nets[net];
    let leaves_right = child <= parent;
    let side = |index: usize, is_right: bool| boxes[index].x + if is_right { sizes[index].width } else { 0 };
    let start = Point { x: side(link.child, leaves_right), y: tops[link.child] + child_y };
    let end = Point { x: side(link.parent, !known.is_back), y: tops[link.parent] + known.parent_y };
    // The gaps on the way, each with the height at which the line leaves it.
    let height = |layer: usize| known.passes.get(&layer).map_or(end.y, |thing| tops[*thing]);
    let way: Vec<(usize, i32)> = match child.cmp(&parent) {
        std::cmp::Ordering::Equal => vec![(child, end.y)],
        std::cmp::Ordering::Less => (child..parent).map(|gap| (gap, height(gap + 1))).collect(),
        std::cmp::Ordering::Greater => (parent..child).rev().map(|gap| (gap, height(gap))).collect(),
    };
    let mut points = vec![start];
    let mut y = start.y;
    for (gap, next) in way {
        let track = gaps[gap].iter().find(|run| run.net == net).and_then(|run| run.track);
        if let Some(x) = track.filter(|_| y != next) {
            points.extend([Point { x, y }, Point { x, y: next }]);
            y = next;
        }
    }
    points.push(end);
    points
}
