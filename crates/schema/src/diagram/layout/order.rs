//! The order in each layer: the one, of those that were tried, in which the fewest lines cross.

use super::nets::Nets;

/// How often the layers are gone through.
const SWEEPS: usize = 24;

/// A line across a gap: what is at its left, what at its right, and the heights as shares of the things there.
#[derive(Debug, Clone, Copy)]
struct Joint {
    left: (usize, f64),
    right: (usize, f64),
}

/// Sorts the things of each layer.
pub(super) fn order(nets: &mut Nets) {
    let gaps = joints(nets);
    let mut before: Vec<Vec<(usize, f64, f64)>> = vec![Vec::new(); nets.heights.len()];
    let mut behind = before.clone();
    for joint in gaps.iter().flatten() {
        before[joint.right.0].push((joint.left.0, joint.left.1, joint.right.1));
        behind[joint.left.0].push((joint.right.0, joint.right.1, joint.left.1));
    }
    let mut places = places(&nets.layers, nets.heights.len());
    let mut best = (crossings(&gaps, &places), nets.layers.clone());
    for sweep in 0..SWEEPS {
        let count = nets.layers.len();
        for step in 1..count {
            let (layer, neighbours) =
                if sweep % 2 == 0 { (step, &before) } else { (count - 1 - step, &behind) };
            sort(&mut nets.layers[layer], neighbours, &mut places);
        }
        let found = crossings(&gaps, &places);
        if found < best.0 {
            best = (found, nets.layers.clone());
        }
    }
    nets.layers = best.1;
}

/// Sorts a layer by the middle of what each thing is linked with; a thing without links there keeps its place.
fn sort(layer: &mut [usize], neighbours: &[Vec<(usize, f64, f64)>], places: &mut [f64]) {
    let mut keys: Vec<(f64, usize)> = layer
        .iter()
        .map(|thing| match neighbours[*thing].as_slice() {
            [] => (places[*thing], *thing),
            linked => {
                let sum: f64 = linked.iter().map(|(other, there, _)| places[*other] + there).sum();
                (sum / linked.len() as f64, *thing)
            }
        })
        .collect();
    // Stable, so that equals stay as they are.
    keys.sort_by(|one, other| one.0.total_cmp(&other.0));
    for (at, (_, thing)) in keys.into_iter().enumerate() {
        layer[at] = thing;
        places[thing] = at as f64;
    }
}

fn places(layers: &[Vec<usize>], count: usize) -> Vec<f64> {
    let mut places = vec![0.0; count];
    for layer in layers {
        layer.iter().enumerate().for_each(|(at, thing)| places[*thing] = at as f64);
    }
    places
}

fn joints(nets: &Nets) -> Vec<Vec<Joint>> {
    let share = |(thing, y): (usize, i32)| match nets.heights[thing] {
        0 => (thing, 0.5),
        height => (thing, f64::from(y) / f64::from(height)),
    };
    let of_gap = |gap: &Vec<super::nets::Piece>| {
        let pairs = gap.iter().flat_map(|piece| {
            piece.left.iter().flat_map(|left| piece.right.iter().map(|right| (*left, *right)))
        });
        pairs.map(|(left, right)| Joint { left: share(left), right: share(right) }).collect()
    };
    nets.gaps.iter().map(of_gap).collect()
}

/// Counts the pairs of lines that cross.
fn crossings(gaps: &[Vec<Joint>], places: &[f64]) -> usize {
    gaps.iter().map(|joints| crossings_of_gap(joints, places)).sum()
}

fn crossings_of_gap(joints: &[Joint], places: &[f64]) -> usize {
    let mut lines: Vec<(f64, f64)> = joints
        .iter()
        .map(|joint| (places[joint.left.0] + joint.left.1, places[joint.right.0] + joint.right.1))
        .collect();
    lines.sort_by(|one, other| one.0.total_cmp(&other.0).then(one.1.total_cmp(&other.1)));
    let mut rights: Vec<f64> = lines.iter().map(|line| line.1).collect();
    rights.sort_by(f64::total_cmp);
    rights.dedup();
    // A tree of counts (Fenwick): how many of the lines so far end at or over a place.
    let mut counts = vec![0_usize; rights.len() + 1];
    let mut crossings = 0;
    for (seen, (_, right)) in lines.iter().enumerate() {
        let place = rights.partition_point(|other| other < right) + 1;
        let mut not_below = 0;
        let mut at = place;
        while at > 0 {
            not_below += counts[at];
            at &= at - 1;
        }
        crossings += seen - not_below;
        let mut at = place;
        while at < counts.len() {
            counts[at] += 1;
            at += at & at.wrapping_neg();
        }
    }
    crossings
}
