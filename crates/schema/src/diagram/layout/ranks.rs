//! Which layer a box stands in: behind all boxes that it refers to.

use std::collections::{BTreeSet, VecDeque};

use super::{Link, SHAPE, Size};

/// The width that a gap between two layers is taken to have, before the lines in it are known.
const GAP: f64 = 90.0;

/// The least room over a box.
const ROOM: i32 = 30;

/// Returns the layer of each box. Two linked boxes are never in one layer; a link that closes a cycle leads from a child
/// to a parent further right.
pub(super) fn ranks(sizes: &[Size], links: &[Link]) -> Vec<usize> {
    let pairs: BTreeSet<(usize, usize)> =
        links.iter().filter(|link| link.parent != link.child).map(|link| (link.parent, link.child)).collect();
    let order = order(sizes.len(), &pairs);
    let mut place = vec![0; sizes.len()];
    order.iter().enumerate().for_each(|(at, index)| place[*index] = at);
    // Every pair leads onwards in that order.
    let mut next: Vec<Vec<usize>> = vec![Vec::new(); sizes.len()];
    let mut has_previous = vec![false; sizes.len()];
    for (parent, child) in pairs {
        let (first, second) = if place[parent] < place[child] { (parent, child) } else { (child, parent) };
        next[first].push(second);
        has_previous[second] = true;
    }
    let mut ranks = vec![0_usize; sizes.len()];
    for index in &order {
        for other in &next[*index] {
            ranks[*other] = ranks[*other].max(ranks[*index] + 1);
        }
    }
    // What refers to nothing stands beside the first that refers to it.
    for index in order.iter().rev().filter(|index| !has_previous[**index]) {
        if let Some(nearest) = next[*index].iter().map(|other| ranks[*other]).min() {
            ranks[*index] = nearest - 1;
        }
    }
    split(sizes, &next, &ranks)
}

/// Returns the boxes with parents first. Where a cycle leaves none without a parent, the box that most others wait for,
/// and that waits for the fewest, goes first.
fn order(count: usize, pairs: &BTreeSet<(usize, usize)>) -> Vec<usize> {
    let mut children: Vec<Vec<usize>> = vec![Vec::new(); count];
    let mut waits_for = vec![0_i64; count];
    for (parent, child) in pairs {
        children[*parent].push(*child);
        waits_for[*child] += 1;
    }
    let mut is_placed = vec![false; count];
    let mut ready: VecDeque<usize> = (0..count).filter(|index| waits_for[*index] == 0).collect();
    let mut order = Vec::with_capacity(count);
    while order.len() < count {
        let index = ready.pop_front().or_else(|| {
            let open = (0..count).filter(|index| !is_placed[*index]);
            let score = |index: usize| {
                let waiting = children[index].iter().filter(|child| !is_placed[**child]).count();
                i64::try_from(waiting).unwrap_or(i64::MAX) - waits_for[index]
            };
            open.max_by_key(|index| (score(*index), std::cmp::Reverse(*index)))
        });
        let Some(index) = index else { break };
        if std::mem::replace(&mut is_placed[index], true) {
            continue;
        }
        order.push(index);
        for child in &children[index] {
            waits_for[*child] -= 1;
            if waits_for[*child] == 0 && !is_placed[*child] {
                ready.push_back(*child);
            }
        }
    }
    order
}

/// Makes several layers of a high one, so that the whole has the shape of a screen. Boxes of one layer have no link with
/// each other, so any of them may stand further right.
fn split(sizes: &[Size], next: &[Vec<usize>], ranks: &[usize]) -> Vec<usize> {
    let count = ranks.iter().max().map_or(0, |last| last + 1);
    let mut layers: Vec<Vec<usize>> = vec![Vec::new(); count];
    ranks.iter().enumerate().for_each(|(index, rank)| layers[*rank].push(index));
    let room = |index: &usize| sizes[*index].height + ROOM;
    let heights: Vec<i32> = layers.iter().map(|layer| layer.iter().map(room).sum()).collect();
    let width = |layer: &Vec<usize>| layer.iter().map(|index| sizes[*index].width).max().unwrap_or_default();
    let widths: Vec<f64> = layers.iter().map(|layer| f64::from(width(layer)) + GAP).collect();
    let tallest = sizes.iter().map(|size| size.height + ROOM).max().unwrap_or_default();
    let highest = heights.iter().copied().max().unwrap_or_default();

    // The height that makes the smallest screen which shows all of it.
    let screen = |limit: i32| {
        let columns =
            heights.iter().zip(&widths).map(|(height, width)| f64::from(pieces(*height, limit)) * width);
        (columns.sum::<f64>() / SHAPE).max(f64::from(limit))
    };
    let limits = (0..40).map(|step| (f64::from(highest) / 1.1_f64.powi(step)) as i32);
    let limit = limits
        .map(|limit| limit.max(tallest))
        .min_by(|one, other| screen(*one).total_cmp(&screen(*other)))
        .unwrap_or(highest);

    let mut split = vec![0; ranks.len()];
    let mut rank = 0;
    for (mut layer, height) in layers.into_iter().zip(heights) {
        let share = height / pieces(height, limit) + 1;
        // What others stand behind goes to the right.
        layer.sort_by_key(|index| next[*index].len());
        let mut filled = 0;
        for index in layer {
            if filled > 0 && filled + room(&index) / 2 > share {
                rank += 1;
                filled = 0;
            }
            split[index] = rank;
            filled += room(&index);
        }
        rank += 1;
    }
    split
}

fn pieces(height: i32, limit: i32) -> i32 {
    ((height + limit - 1) / limit.max(1)).max(1)
}
