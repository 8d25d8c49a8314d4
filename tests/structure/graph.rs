//! A directed graph of names, and its rings.

use std::collections::{BTreeMap, BTreeSet};

/// Which module uses which.
#[derive(Debug, Default)]
pub(crate) struct Graph(BTreeMap<String, BTreeSet<String>>);

impl Graph {
    /// Notes that one uses another. A use of itself is ignored.
    pub(crate) fn connect(&mut self, from: &str, to: &str) {
        self.0.entry(to.to_owned()).or_default();
        let used = self.0.entry(from.to_owned()).or_default();
        if from != to {
            used.insert(to.to_owned());
        }
    }

    pub(crate) fn edges(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().flat_map(|(from, used)| used.iter().map(|to| (from.as_str(), to.as_str())))
    }

    /// The same by the part before the first slash of each name, or before the dot.
    pub(crate) fn by_module(&self) -> Self {
        let module = |file: &str| file.split(['/', '.']).next().unwrap_or_default().to_owned();
        let mut modules = Self::default();
        for (from, to) in self.edges() {
            modules.connect(&module(from), &module(to));
        }
        modules
    }

    fn reached(&self, from: &str) -> BTreeSet<&str> {
        let (mut reached, mut left) = (BTreeSet::new(), vec![from]);
        while let Some(at) = left.pop() {
            let used = self.0.get(at).into_iter().flatten().map(String::as_str);
            left.extend(used.filter(|to| reached.insert(*to)).collect::<Vec<_>>());
        }
        reached
    }
}

/// The sets of names each of which uses, through others, all of its set; each with the uses inside it.
pub(crate) fn rings(graph: &Graph) -> Vec<Vec<String>> {
    let reached: BTreeMap<_, _> = graph.0.keys().map(|name| (name.as_str(), graph.reached(name))).collect();
    let mut rings = BTreeSet::new();
    for (name, all) in &reached {
        let ring: BTreeSet<_> = all.iter().copied().filter(|other| reached[other].contains(name)).collect();
        if ring.len() > 1 {
            rings.insert(ring);
        }
    }
    let inside = |ring: &BTreeSet<&str>| {
        let edges = graph.edges().filter(|(from, to)| ring.contains(from) && ring.contains(to));
        edges.map(|(from, to)| format!("{from} -> {to}")).collect()
    };
    rings.iter().map(inside).collect()
}

#[test]
fn a_ring_is_found_and_a_chain_is_none() {
    let mut graph = Graph::default();
    for (from, to) in [("a.rs", "b/x.rs"), ("b/x.rs", "c.rs"), ("c.rs", "d.rs"), ("d.rs", "d.rs")] {
        graph.connect(from, to);
    }
    assert_eq!(rings(&graph), Vec::<Vec<String>>::new());
    graph.connect("c.rs", "b/y.rs");
    assert_eq!(rings(&graph), Vec::<Vec<String>>::new());
    assert_eq!(rings(&graph.by_module()), [["b -> c", "c -> b"]]);
    graph.connect("c.rs", "a.rs");
    assert_eq!(rings(&graph), [["a.rs -> b/x.rs", "b/x.rs -> c.rs", "c.rs -> a.rs"]]);
}
