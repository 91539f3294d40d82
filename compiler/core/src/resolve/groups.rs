//! Groups: the definitions of a module in dependency order, mutually recursive ones together
//! (Tarjan 1972, with an explicit stack). A constant that reaches itself is reported.

use super::ModuleCtx;
use crate::core::{DefId, DefKind, Expr};
use crate::diagnostics as report;
use eclexia_base::{FxHashMap, FxHashSet, Name, Span};

const UNSEEN: u32 = u32::MAX;

struct TarjanCtx<'g> {
    /// Successors by local index.
    edges: &'g [Vec<u32>],
    index: Vec<u32>,
    low: Vec<u32>,
    on_stack: Vec<bool>,
    stack: Vec<u32>,
    next: u32,
    components: Vec<Vec<u32>>,
}

/// Strongly connected components, each after those it points to; members ascending.
pub(crate) fn components(edges: &[Vec<u32>]) -> Vec<Vec<u32>> {
    let n = edges.len();
    let mut ctx = TarjanCtx {
        edges,
        index: vec![UNSEEN; n],
        low: vec![0; n],
        on_stack: vec![false; n],
        stack: Vec::new(),
        next: 0,
        components: Vec::new(),
    };
    for root in 0..n as u32 {
        if ctx.index[root as usize] == UNSEEN {
            ctx.visit(root);
        }
    }
    ctx.components
}

impl TarjanCtx<'_> {
    fn enter(&mut self, v: u32) {
        let at = v as usize;
        self.index[at] = self.next;
        self.low[at] = self.next;
        self.next += 1;
        self.stack.push(v);
        self.on_stack[at] = true;
    }

    fn visit(&mut self, root: u32) {
        self.enter(root);
        let mut work: Vec<(u32, usize)> = vec![(root, 0)];
        while let Some((v, i)) = work.last_mut() {
            let at = *v as usize;
            if let Some(&w) = self.edges[at].get(*i) {
                *i += 1;
                let to = w as usize;
                if self.index[to] == UNSEEN {
                    self.enter(w);
                    work.push((w, 0));
                } else if self.on_stack[to] {
                    self.low[at] = self.low[at].min(self.index[to]);
                }
                continue;
            }
            work.pop();
            if let Some((parent, _)) = work.last() {
                let p = *parent as usize;
                self.low[p] = self.low[p].min(self.low[at]);
            }
            if self.low[at] == self.index[at] {
                self.close(at as u32);
            }
        }
    }

    fn close(&mut self, root: u32) {
        let from = self.stack.iter().rposition(|w| *w == root).unwrap_or(0);
        let mut members = self.stack.split_off(from);
        for w in &members {
            self.on_stack[*w as usize] = false;
        }
        members.sort_unstable();
        self.components.push(members);
    }
}

impl ModuleCtx<'_, '_> {
    pub(super) fn group(&mut self) {
        let defs: Vec<DefId> = self.program.modules[self.module]
            .defs
            .iter()
            .copied()
            .filter(|d| self.program.defs[*d].body.is_some())
            .collect();
        let at: FxHashMap<DefId, u32> = defs.iter().zip(0..).map(|(d, i)| (*d, i)).collect();
        let edges: Vec<Vec<u32>> = defs
            .iter()
            .map(|d| {
                let uses = self.uses.get(d).map_or(&[][..], Vec::as_slice);
                uses.iter().filter_map(|(to, _)| at.get(to).copied()).collect()
            })
            .collect();
        for component in components(&edges) {
            let group: Vec<DefId> = component.iter().map(|i| defs[*i as usize]).collect();
            self.check_cycle(&group, &component, &edges);
            for def in &group {
                self.program.defs[*def].group = group[0];
            }
            self.program.groups.push(group);
        }
    }

    /// A constant whose value is needed to compute itself.
    fn check_cycle(&mut self, group: &[DefId], component: &[u32], edges: &[Vec<u32>]) {
        let first = component[0];
        if group.len() == 1 && !edges[first as usize].contains(&first) {
            return;
        }
        let Some(start) = group.iter().copied().find(|d| self.is_computed(*d)) else { return };
        let steps = self.shortest_cycle(start, group);
        self.diagnostics.push(report::dependency_cycle(&steps));
    }

    /// Whether it is a constant that is no function: recursion through a `fn` is fine.
    fn is_computed(&self, def: DefId) -> bool {
        let def = &self.program.defs[def];
        let is_constant = match def.kind {
            DefKind::Constant | DefKind::Repl | DefKind::FieldDefault { .. } => true,
            DefKind::InstanceMethod { .. } | DefKind::MethodDefault { .. } => {
                def.body.as_ref().is_some_and(|b| !b.is_function)
            }
            DefKind::Function | DefKind::Builtin | DefKind::Extern | DefKind::Test => false,
        };
        let is_fn = def
            .body
            .as_ref()
            .is_some_and(|b| matches!(b.exprs.get(b.root), Some(Expr::Fn { .. } | Expr::Error)));
        is_constant && !is_fn
    }

    /// From `start` back to itself within the group, by breadth-first search: the name of each
    /// step and the place where it mentions the next.
    fn shortest_cycle(&self, start: DefId, group: &[DefId]) -> Vec<(Name, Span)> {
        let members: FxHashSet<DefId> = group.iter().copied().collect();
        let mut from: FxHashMap<DefId, (DefId, Span)> = FxHashMap::default();
        let mut queue = std::collections::VecDeque::from([start]);
        'search: while let Some(def) = queue.pop_front() {
            for (to, span) in self.uses.get(&def).map_or(&[][..], Vec::as_slice) {
                if members.contains(to) && !from.contains_key(to) {
                    from.insert(*to, (def, *span));
                    if *to == start {
                        break 'search;
                    }
                    queue.push_back(*to);
                }
            }
        }
        let mut steps = Vec::new();
        let mut at = start;
        while let Some((before, span)) = from.get(&at).copied() {
            steps.push((self.program.defs[before].name, span));
            at = before;
            if at == start {
                break;
            }
        }
        steps.reverse();
        steps
    }
}

#[cfg(test)]
mod tests {
    use super::components;

    #[test]
    fn components_come_after_what_they_use() {
        let edges = vec![vec![1], vec![2], vec![1, 3], vec![], vec![0, 4]];
        assert_eq!(components(&edges), [vec![3], vec![1, 2], vec![0], vec![4]]);
    }

    #[test]
    fn a_long_chain_does_not_recurse() {
        let n = 200_000;
        let edges: Vec<Vec<u32>> =
            (0..n).map(|i| if i + 1 < n { vec![i + 1] } else { vec![] }).collect();
        assert_eq!(components(&edges).len(), n as usize);
    }
}
