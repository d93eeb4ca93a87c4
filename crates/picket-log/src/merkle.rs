//! The Merkle tree: hashes, roots, inclusion and consistency proofs.
//!
//! `Standard:` RFC 6962 §2.1 with SHA-256: a leaf hashes as `0x00 | leaf`, a node as
//! `0x01 | left | right`. Proofs are checked by the steps of RFC 9162 §2.1.3.2 and
//! §2.1.4.2, which say the same with less recursion.

use crate::block::{Hash, sha256};

/// The hash of a leaf.
#[must_use]
pub fn leaf_hash(leaf: &[u8]) -> Hash {
    sha256(&[&[0], leaf])
}

/// The hash of two subtrees side by side.
#[must_use]
pub fn node_hash(left: &Hash, right: &Hash) -> Hash {
    let mut bytes = [1; 65];
    for (to, from) in bytes.iter_mut().skip(1).zip(left.iter().chain(right)) {
        *to = *from;
    }
    sha256(&[&bytes])
}

/// The root of a tree without leaves.
#[must_use]
pub fn empty_root() -> Hash {
    sha256(&[])
}

/// Gives the hashes of complete subtrees.
pub trait Nodes {
    /// Why a hash cannot be had.
    type Error;
    /// The hash over the leaves `index << level` to `(index + 1) << level`.
    ///
    /// # Errors
    /// If it cannot be had.
    fn node(&self, level: u8, index: u64) -> Result<Hash, Self::Error>;
}

/// The root over the first `size` leaves.
///
/// # Errors
/// Those of `nodes`.
pub fn root<N: Nodes + ?Sized>(nodes: &N, size: u64) -> Result<Hash, N::Error> {
    if size == 0 {
        return Ok(empty_root());
    }
    range(nodes, 0, size)
}

/// The audit path of a leaf in the tree of the first `size` leaves, from the leaf's sibling up;
/// empty if there is no such leaf. Costs O(log² size) hashes at most.
///
/// # Errors
/// Those of `nodes`.
pub fn inclusion<N: Nodes + ?Sized>(
    nodes: &N,
    index: u64,
    size: u64,
) -> Result<Vec<Hash>, N::Error> {
    let mut path = Vec::new();
    if index >= size {
        return Ok(path);
    }
    let (mut first, mut end) = (0, size);
    while end - first > 1 {
        let middle = first + split(end - first);
        if index < middle {
            path.push(range(nodes, middle, end)?);
            end = middle;
        } else {
            path.push(range(nodes, first, middle)?);
            first = middle;
        }
    }
    path.reverse();
    Ok(path)
}

/// The proof that the tree of `size` leaves begins with the tree of `from` leaves.
///
/// # Errors
/// Those of `nodes`.
pub fn consistency<N: Nodes + ?Sized>(
    nodes: &N,
    from: u64,
    size: u64,
) -> Result<Vec<Hash>, N::Error> {
    let mut proof = Vec::new();
    if from == 0 || from >= size {
        return Ok(proof);
    }
    // RFC 6962 §2.1.2, SUBPROOF(from, D[first:end], whole) with the recursion unrolled.
    let (mut first, mut end) = (0, size);
    let mut whole = true;
    while from != end {
        let middle = first + split(end - first);
        if from <= middle {
            proof.push(range(nodes, middle, end)?);
            end = middle;
        } else {
            proof.push(range(nodes, first, middle)?);
            first = middle;
            whole = false;
        }
    }
    if !whole {
        proof.push(range(nodes, first, end)?);
    }
    proof.reverse();
    Ok(proof)
}

/// Whether the path leads from this leaf hash to this root.
#[must_use]
pub fn verify_inclusion(
    index: u64,
    size: u64,
    leaf: &Hash,
    path: &[Hash],
    root_hash: &Hash,
) -> bool {
    if index >= size {
        return false;
    }
    let (mut at, mut last) = (index, size - 1);
    let mut hash = *leaf;
    for sibling in path {
        if last == 0 {
            return false;
        }
        if at & 1 == 1 || at == last {
            hash = node_hash(sibling, &hash);
            while at & 1 == 0 && at != 0 {
                at >>= 1;
                last >>= 1;
            }
        } else {
            hash = node_hash(&hash, sibling);
        }
        at >>= 1;
        last >>= 1;
    }
    last == 0 && hash == *root_hash
}

/// Whether the tree with the second root begins with the tree that has the first.
#[must_use]
pub fn verify_consistency(
    from: u64,
    size: u64,
    proof: &[Hash],
    from_root: &Hash,
    root_hash: &Hash,
) -> bool {
    // Nothing is to be proven from an empty tree (RFC 9162 §2.1.4: 0 < first).
    if from == 0 || from > size {
        return false;
    }
    if from == size {
        return proof.is_empty() && from_root == root_hash;
    }
    let mut rest = proof.iter();
    // A complete first tree is its own first hash.
    let seed = if from.is_power_of_two() { Some(from_root) } else { rest.next() };
    let Some(seed) = seed else { return false };
    let (mut at, mut last) = (from - 1, size - 1);
    while at & 1 == 1 {
        at >>= 1;
        last >>= 1;
    }
    let (mut old, mut new) = (*seed, *seed);
    for hash in rest {
        if last == 0 {
            return false;
        }
        if at & 1 == 1 || at == last {
            old = node_hash(hash, &old);
            new = node_hash(hash, &new);
            while at & 1 == 0 && at != 0 {
                at >>= 1;
                last >>= 1;
            }
        } else {
            new = node_hash(&new, hash);
        }
        at >>= 1;
        last >>= 1;
    }
    last == 0 && old == *from_root && new == *root_hash
}

/// The hash over the leaves `first` to `end`, a range that RFC 6962's splitting makes.
fn range<N: Nodes + ?Sized>(nodes: &N, first: u64, end: u64) -> Result<Hash, N::Error> {
    // From the right: the smallest complete subtrees are joined to the larger on their left.
    let mut sizes = end - first;
    let mut right = end;
    let mut hash = None;
    while sizes != 0 {
        let level = sizes.trailing_zeros();
        let width = 1 << level;
        right -= width;
        let node = nodes.node(u8::try_from(level).unwrap_or(u8::MAX), right >> level)?;
        hash = Some(match hash {
            None => node,
            Some(below) => node_hash(&node, &below),
        });
        sizes -= width;
    }
    Ok(hash.unwrap_or_else(empty_root))
}

/// The largest power of two below `size`; `size` is at least 2.
const fn split(size: u64) -> u64 {
    1 << (u64::BITS - 1 - (size - 1).leading_zeros())
}
