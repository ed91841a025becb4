//! How high each thing of a layer stands: as near to what it is linked with as the order allows.

use super::nets::Nets;

/// How often all layers are gone through.
const SWEEPS: usize = 8;

/// Everything stands on a grid, so that lines between rows are often level, and lines that are not are well apart.
const GRID: i32 = 11;

/// Returns the top of each thing, 0 being the highest.
pub(super) fn place(nets: &Nets) -> Vec<i32> {
    let count = nets.heights.len();
    let mut before: Vec<Vec<(usize, f64)>> = vec![Vec::new(); count];
    let mut behind = before.clone();
    for piece in nets.gaps.iter().flatten() {
        for (left, left_y) in &piece.left {
            for (right, right_y) in &piece.right {
                before[*right].push((*left, f64::from(left_y - right_y)));
                behind[*left].push((*right, f64::from(right_y - left_y)));
            }
        }
    }
    let mut tops = vec![0.0; count];
    for layer in &nets.layers {
        settle(nets, layer, &mut tops, &|_| None);
    }
    for sweep in 0..SWEEPS {
        let is_last = sweep + 2 >= SWEEPS;
        let pull = |thing: usize, tops: &[f64], sides: &[&Vec<Vec<(usize, f64)>>]| {
            let linked = sides.iter().flat_map(|side| &side[thing]);
            let (sum, number) = linked
                .fold((0.0, 0_u32), |(sum, number), (other, shift)| (sum + tops[*other] + shift, number + 1));
            (number > 0).then(|| sum / f64::from(number))
        };
        for step in 0..nets.layers.len() {
            let (layer, sides): (usize, Vec<_>) = match (is_last, sweep % 2) {
                (true, 0) => (step, vec![&before, &behind]),
                (true, _) => (nets.layers.len() - 1 - step, vec![&before, &behind]),
                (false, 0) => (step, vec![&before]),
                (false, _) => (nets.layers.len() - 1 - step, vec![&behind]),
            };
            let wanted: Vec<Option<f64>> =
                nets.layers[layer].iter().map(|thing| pull(*thing, &tops, &sides)).collect();
            settle(nets, &nets.layers[layer], &mut tops, &|at| wanted[at]);
        }
    }
    let highest = tops.iter().copied().fold(f64::INFINITY, f64::min);
    // What is apart by whole steps stays so.
    tops.into_iter().map(|top| ((top - highest) / f64::from(GRID)).round() as i32 * GRID).collect()
}

/// How far the tops of two neighbours of a layer are apart, in whole steps of the grid.
fn distance(nets: &Nets, one: usize, other: usize) -> f64 {
    let room = match (nets.is_box(one), nets.is_box(other)) {
        (true, true) => 30,
        (true, false) => 12,
        (false, true) => 22,
        (false, false) => GRID,
    };
    f64::from((nets.heights[one] + room + GRID - 1) / GRID * GRID)
}

/// Things that push each other and so move as one.
struct Block {
    first: usize,
    sum: f64,
    weight: f64,
}

impl Block {
    fn mean(&self) -> f64 {
        self.sum / self.weight
    }
}

/// Moves the things of a layer to where they want to be, as far as those in front of and behind them let them: the
/// places with the least sum of squares (by pooling neighbours that would stand in each other's way).
fn settle(nets: &Nets, layer: &[usize], tops: &mut [f64], wanted: &dyn Fn(usize) -> Option<f64>) {
    let mut offsets = Vec::with_capacity(layer.len());
    let mut offset = 0.0;
    for (at, thing) in layer.iter().enumerate() {
        if let Some(previous) = at.checked_sub(1).map(|at| layer[at]) {
            offset += distance(nets, previous, *thing);
        }
        offsets.push(offset);
    }
    let mut blocks: Vec<Block> = Vec::new();
    for (at, thing) in layer.iter().enumerate() {
        let (place, weight) = wanted(at).map_or((tops[*thing], 0.05), |place| (place, 1.0));
        blocks.push(Block { first: at, sum: (place - offsets[at]) * weight, weight });
        while let [.., one, other] = blocks.as_slice() {
            if one.mean() <= other.mean() {
                break;
            }
            let pooled =
                Block { first: one.first, sum: one.sum + other.sum, weight: one.weight + other.weight };
            blocks.truncate(blocks.len() - 2);
            blocks.push(pooled);
        }
    }
    for (number, block) in blocks.iter().enumerate() {
        let end = blocks.get(number + 1).map_or(layer.len(), |next| next.first);
        for at in block.first..end {
            tops[layer[at]] = block.mean() + offsets[at];
        }
    }
}
