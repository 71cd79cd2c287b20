//! Strongly connected components of a small directed graph, without recursion.

/// Numbers each node's component: two nodes share it when each leads to the other.
///
/// Tarjan's algorithm; `steps` holds the targets of each node with a note of the caller's.
pub(super) fn components<T>(steps: &[Vec<(usize, T)>]) -> Vec<usize> {
    const NEW: usize = usize::MAX;
    let count = steps.len();
    let (mut order, mut low) = (vec![NEW; count], vec![0; count]);
    let (mut component, mut is_open) = (vec![NEW; count], vec![false; count]);
    let (mut open, mut next_order, mut next_component) = (Vec::new(), 0, 0);
    for start in 0..count {
        if order[start] != NEW {
            continue;
        }
        let mut path = vec![(start, 0)];
        while let Some((at, step)) = path.last_mut() {
            let at = *at;
            if *step == 0 {
                order[at] = next_order;
                low[at] = next_order;
                next_order += 1;
                open.push(at);
                is_open[at] = true;
            }
            if let Some((to, _)) = steps[at].get(*step) {
                *step += 1;
                if order[*to] == NEW {
                    path.push((*to, 0));
                } else if is_open[*to] {
                    low[at] = low[at].min(order[*to]);
                }
                continue;
            }
            // A node without steps was opened above and is closed here.
            path.pop();
            if let Some((parent, _)) = path.last() {
                low[*parent] = low[*parent].min(low[at]);
            }
            if low[at] == order[at] {
                while let Some(member) = open.pop() {
                    is_open[member] = false;
                    component[member] = next_component;
                    if member == at {
                        break;
                    }
                }
                next_component += 1;
            }
        }
    }
    component
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn reaches(steps: &[Vec<(usize, ())>], from: usize, goal: usize) -> bool {
        let mut is_seen = vec![false; steps.len()];
        let mut stack = vec![from];
        while let Some(at) = stack.pop() {
            if std::mem::replace(&mut is_seen[at], true) {
                continue;
            }
            stack.extend(steps[at].iter().map(|(to, ())| *to));
        }
        is_seen[goal]
    }

    proptest! {
        #[test]
        fn shared_component_means_mutual_reach(
            edges in proptest::collection::vec((0usize..7, 0usize..7), 0..20),
        ) {
            let mut steps = vec![Vec::new(); 7];
            for (from, to) in edges {
                steps[from].push((to, ()));
            }
            let component = components(&steps);
            for a in 0..7 {
                for b in 0..7 {
                    let mutual = reaches(&steps, a, b) && reaches(&steps, b, a);
                    prop_assert_eq!(component[a] == component[b], mutual);
                }
            }
        }
    }
}
