//! Lines that lead to the same port, as one tree, and what stands in each layer: boxes, and places where a line passes.

use std::collections::BTreeMap;

use super::{Link, Size};

/// How far ports of one row lie apart.
const PORT: i32 = 6;

/// How much higher lines lie that lead to the right. Else two tables that refer to each other, side by side, would have
/// lines on each other.
const BACK: i32 = 3;

/// All lines to one port of a box that come from the same side.
#[derive(Debug)]
pub(super) struct Net {
    pub(super) parent: usize,
    /// The height of the port in the parent's box.
    pub(super) parent_y: i32,
    /// Whether the children stand to the left of the parent.
    pub(super) is_back: bool,
    /// The links.
    pub(super) links: Vec<usize>,
    /// The place where it passes through a layer, for each layer that it passes.
    pub(super) passes: BTreeMap<usize, usize>,
}

/// What a gap holds of a net: the ends at its left and at its right, each a thing of a layer and a height in it.
#[derive(Debug, Default)]
pub(super) struct Piece {
    pub(super) net: usize,
    pub(super) left: Vec<(usize, i32)>,
    pub(super) right: Vec<(usize, i32)>,
}

/// The things of the layers. A thing is a box (with the box's index) or a place where a line passes.
#[derive(Debug)]
pub(super) struct Nets {
    pub(super) nets: Vec<Net>,
    /// The net of each link, and the height at which the link leaves the child.
    pub(super) ends: Vec<(usize, i32)>,
    /// The height of each thing; that of a passing line is 0.
    pub(super) heights: Vec<i32>,
    /// How many of the things are boxes.
    pub(super) boxes: usize,
    /// The things of each layer, from top to bottom.
    pub(super) layers: Vec<Vec<usize>>,
    pub(super) ranks: Vec<usize>,
    /// What is in the gap behind each layer.
    pub(super) gaps: Vec<Vec<Piece>>,
}

impl Nets {
    pub(super) fn new(sizes: &[Size], links: &[Link], ranks: &[usize]) -> Self {
        let count = ranks.iter().max().map_or(0, |last| last + 1);
        let mut layers: Vec<Vec<usize>> = vec![Vec::new(); count];
        ranks.iter().enumerate().for_each(|(index, rank)| layers[*rank].push(index));
        let mut nets = Self {
            nets: Vec::new(),
            ends: vec![(0, 0); links.len()],
            heights: sizes.iter().map(|size| size.height).collect(),
            boxes: sizes.len(),
            layers,
            ranks: ranks.to_vec(),
            gaps: (0..count).map(|_| Vec::new()).collect(),
        };
        nets.gather(links);
        nets.spread_ports(links);
        for net in 0..nets.nets.len() {
            nets.pass(net, links);
            nets.fill_gaps(net, links);
        }
        nets
    }

    fn gather(&mut self, links: &[Link]) {
        let mut known: BTreeMap<(usize, i32, bool), usize> = BTreeMap::new();
        for (at, link) in links.iter().enumerate() {
            let is_back = self.ranks[link.child] < self.ranks[link.parent];
            let net = *known.entry((link.parent, link.parent_y, is_back)).or_insert_with(|| {
                let (parent, parent_y) = (link.parent, link.parent_y);
                self.nets.push(Net { parent, parent_y, is_back, links: Vec::new(), passes: BTreeMap::new() });
                self.nets.len() - 1
            });
            self.nets[net].links.push(at);
            self.ends[at] = (net, link.child_y);
        }
    }

    /// Whether the link leaves its child at the right: towards a parent there, or around its own box.
    fn leaves_right(&self, link: &Link) -> bool {
        self.ranks[link.child] <= self.ranks[link.parent]
    }

    /// Moves ports of different nets apart where they are at one height of one side.
    fn spread_ports(&mut self, links: &[Link]) {
        let mut ports: BTreeMap<(usize, bool, i32), Vec<usize>> = BTreeMap::new();
        for (at, net) in self.nets.iter().enumerate() {
            ports.entry((net.parent, !net.is_back, net.parent_y)).or_default().push(at);
        }
        for (at, link) in links.iter().enumerate() {
            let nets = ports.entry((link.child, self.leaves_right(link), link.child_y)).or_default();
            if !nets.contains(&self.ends[at].0) {
                nets.push(self.ends[at].0);
            }
        }
        let is_back: Vec<bool> = self.nets.iter().map(|net| net.is_back).collect();
        let shift = |key: (usize, bool, i32), net: usize| {
            let nets = ports.get(&key).map(Vec::as_slice).unwrap_or_default();
            let place = nets.iter().position(|other| *other == net).unwrap_or_default();
            let step = if nets.len() > 3 { PORT / 2 } else { PORT };
            (2 * place as i32 + 1 - nets.len() as i32) * step / 2 - if is_back[net] { BACK } else { 0 }
        };
        for (at, link) in links.iter().enumerate() {
            self.ends[at].1 += shift((link.child, self.leaves_right(link), link.child_y), self.ends[at].0);
        }
        for (at, net) in self.nets.iter_mut().enumerate() {
            net.parent_y += shift((net.parent, !net.is_back, net.parent_y), at);
        }
    }

    /// Makes the places where the net passes through layers.
    fn pass(&mut self, net: usize, links: &[Link]) {
        let own = self.ranks[self.nets[net].parent];
        let ranks = self.nets[net].links.iter().map(|link| self.ranks[links[*link].child]);
        let passed = if self.nets[net].is_back {
            ranks.min().unwrap_or(own) + 1..own
        } else {
            own + 1..ranks.max().unwrap_or(own)
        };
        for layer in passed {
            let thing = self.heights.len();
            self.heights.push(0);
            self.ranks.push(layer);
            self.layers[layer].push(thing);
            self.nets[net].passes.insert(layer, thing);
        }
    }

    fn fill_gaps(&mut self, net: usize, links: &[Link]) {
        let known = &self.nets[net];
        let mut pieces: BTreeMap<usize, Piece> = BTreeMap::new();
        let mut end = |gap: usize, is_left: bool, thing: usize, y: i32| {
            let piece = pieces.entry(gap).or_insert_with(|| Piece { net, ..Piece::default() });
            let ends = if is_left { &mut piece.left } else { &mut piece.right };
            if !ends.contains(&(thing, y)) {
                ends.push((thing, y));
            }
        };
        let own = self.ranks[known.parent];
        match known.is_back {
            true => end(own - 1, false, known.parent, known.parent_y),
            false => end(own, true, known.parent, known.parent_y),
        }
        for (layer, thing) in &known.passes {
            end(layer - 1, false, *thing, 0);
            end(*layer, true, *thing, 0);
        }
        for at in &known.links {
            let link = &links[*at];
            match self.leaves_right(link) {
                true => end(self.ranks[link.child], true, link.child, self.ends[*at].1),
                false => end(self.ranks[link.child] - 1, false, link.child, self.ends[*at].1),
            }
        }
        for (gap, piece) in pieces {
            self.gaps[gap].push(piece);
        }
    }

    /// Whether the thing is a box.
    pub(super) fn is_box(&self, thing: usize) -> bool {
        thing < self.boxes
    }
}
