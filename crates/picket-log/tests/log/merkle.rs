//! The tree against published vectors and against RFC 6962's own recursion.

use std::convert::Infallible;

use picket_log::block::Hash;
use picket_log::merkle::{
    Nodes, consistency, empty_root, inclusion, leaf_hash, node_hash, root, verify_consistency,
    verify_inclusion,
};
use picket_model::id::parse_hex;

/// github.com/transparency-dev/merkle, testonly/constants.go: LeafInputs.
const LEAVES: [&[u8]; 8] = [
    b"",
    b"\x00",
    b"\x10",
    b"\x20\x21",
    b"\x30\x31",
    b"\x40\x41\x42\x43",
    b"\x50\x51\x52\x53\x54\x55\x56\x57",
    b"\x60\x61\x62\x63\x64\x65\x66\x67\x68\x69\x6a\x6b\x6c\x6d\x6e\x6f",
];

/// There: RootHashes, by size.
const ROOTS: [&str; 9] = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
];

#[test]
fn roots_are_those_of_the_reference_tree() {
    let leaves = hashes(&LEAVES);
    for (size, right) in ROOTS.iter().enumerate() {
        let found = root(&Naive(&leaves), size as u64).unwrap();
        assert_eq!(Some(found), parse_hex(right), "size {size}");
    }
}

#[test]
fn proofs_hold_or_fail_as_the_published_cases_say() {
    let mut cases = 0;
    for line in include_str!("../../vectors/merkle.txt").lines().filter(|l| !l.starts_with('#')) {
        let words: Vec<&str> = line.split(' ').collect();
        let [kind, holds, first, size, one, two, proof] = words.as_slice() else {
            panic!("{line}");
        };
        let (first, size) = (first.parse().unwrap(), size.parse().unwrap());
        let proof: Option<Vec<Hash>> = match *proof {
            "-" => Some(Vec::new()),
            proof => proof.split(',').map(hash).collect(),
        };
        // A proof with an item that is no hash cannot even be handed to us.
        let found = proof.is_some_and(|proof| match (*kind, hash(one), hash(two)) {
            ("inclusion", Some(leaf), Some(root)) => {
                verify_inclusion(first, size, &leaf, &proof, &root)
            }
            ("consistency", ..) => {
                verify_consistency(first, size, &proof, &padded(one), &padded(two))
            }
            _ => false,
        });
        assert_eq!(found, *holds == "yes", "{line}");
        cases += 1;
    }
    assert_eq!(cases, 194);
}

#[test]
fn proofs_are_those_of_rfc_6962s_recursion_and_hold() {
    let leaves: Vec<Hash> = (0..70_u64).map(|n| leaf_hash(&n.to_be_bytes())).collect();
    for size in 1..=leaves.len() {
        let tree = &leaves[..size];
        let nodes = Naive(&leaves);
        let size_u64 = size as u64;
        let top = mth(tree);
        assert_eq!(root(&nodes, size_u64).unwrap(), top);
        for index in 0..size {
            let path = inclusion(&nodes, index as u64, size_u64).unwrap();
            assert_eq!(path, path_of(index, tree));
            assert!(verify_inclusion(index as u64, size_u64, &leaves[index], &path, &top));
            if size > 1 {
                let other = &leaves[(index + 1) % size];
                assert!(!verify_inclusion(index as u64, size_u64, other, &path, &top));
            }
        }
        for from in 1..=size {
            let proof = consistency(&nodes, from as u64, size_u64).unwrap();
            let right = if from == size { Vec::new() } else { subproof(from, tree, true) };
            assert_eq!(proof, right, "{from} in {size}");
            let older = mth(&leaves[..from]);
            assert!(verify_consistency(from as u64, size_u64, &proof, &older, &top));
            assert!(
                !verify_consistency(from as u64, size_u64, &proof, &leaves[69], &top) || from == 70
            );
        }
    }
}

struct Naive<'l>(&'l [Hash]);

impl Nodes for Naive<'_> {
    type Error = Infallible;
    fn node(&self, level: u8, index: u64) -> Result<Hash, Infallible> {
        let width = 1_usize << level;
        let first = usize::try_from(index).unwrap() * width;
        Ok(mth(&self.0[first..first + width]))
    }
}

/// RFC 6962 §2.1, MTH, over leaf hashes.
fn mth(leaves: &[Hash]) -> Hash {
    match leaves {
        [] => empty_root(),
        [one] => *one,
        _ => {
            let (left, right) = leaves.split_at(split(leaves.len()));
            node_hash(&mth(left), &mth(right))
        }
    }
}

/// RFC 6962 §2.1.1, PATH.
fn path_of(index: usize, leaves: &[Hash]) -> Vec<Hash> {
    if leaves.len() <= 1 {
        return Vec::new();
    }
    let (left, right) = leaves.split_at(split(leaves.len()));
    let (mut path, other) = match index.checked_sub(left.len()) {
        None => (path_of(index, left), mth(right)),
        Some(index) => (path_of(index, right), mth(left)),
    };
    path.push(other);
    path
}

/// RFC 6962 §2.1.2, SUBPROOF.
fn subproof(from: usize, leaves: &[Hash], whole: bool) -> Vec<Hash> {
    if from == leaves.len() {
        return if whole { Vec::new() } else { vec![mth(leaves)] };
    }
    let (left, right) = leaves.split_at(split(leaves.len()));
    let (mut proof, other) = if from <= left.len() {
        (subproof(from, left, whole), mth(right))
    } else {
        (subproof(from - left.len(), right, false), mth(left))
    };
    proof.push(other);
    proof
}

fn split(len: usize) -> usize {
    len.next_power_of_two() / 2
}

fn hashes(leaves: &[&[u8]]) -> Vec<Hash> {
    leaves.iter().map(|leaf| leaf_hash(leaf)).collect()
}

/// A hash in base 64; `None` if it is none.
fn hash(text: &str) -> Option<Hash> {
    decode(text).try_into().ok()
}

/// A root in base 64; the cases have some that are shorter than a hash, and only compared.
fn padded(text: &str) -> Hash {
    let mut bytes = decode(text);
    bytes.resize(32, 0);
    bytes.try_into().unwrap()
}

fn decode(text: &str) -> Vec<u8> {
    const DIGITS: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let values = text.chars().filter_map(|digit| DIGITS.find(digit));
    let bits: Vec<usize> =
        values.flat_map(|value| (0..6).rev().map(move |bit| value >> bit & 1)).collect();
    bits.chunks_exact(8)
        .map(|byte| u8::try_from(byte.iter().fold(0, |sum, bit| sum << 1 | bit)).unwrap())
        .collect()
}
