//! Places: so many at once, and so many for each who asks.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Arc, Mutex, PoisonError};

/// A bounded number of places, fairly shared.
#[derive(Debug)]
pub(crate) struct Places<K: Ord + Clone> {
    total_max: usize,
    each_max: usize,
    taken: Mutex<(usize, BTreeMap<K, usize>)>,
}

/// One place, given back when dropped.
#[derive(Debug)]
pub(crate) struct Place<K: Ord + Clone> {
    places: Arc<Places<K>>,
    of: Option<K>,
}

impl<K: Ord + Clone> Places<K> {
    pub(crate) fn new(total_max: usize, each_max: usize) -> Arc<Self> {
        Arc::new(Self { total_max, each_max, taken: Mutex::default() })
    }

    /// Takes a place for `of`, or for somebody whose share is not counted.
    pub(crate) fn take(self: &Arc<Self>, of: Option<K>) -> Option<Place<K>> {
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        let (total, each) = &mut *taken;
        if *total >= self.total_max {
            return None;
        }
        if let Some(of) = &of {
            let own = each.entry(of.clone()).or_default();
            if *own >= self.each_max {
                return None;
            }
            *own += 1;
        }
        *total += 1;
        drop(taken);
        Some(Place { places: Arc::clone(self), of })
    }
}

impl<K: Ord + Clone> Drop for Place<K> {
    fn drop(&mut self) {
        let mut taken = self.places.taken.lock().unwrap_or_else(PoisonError::into_inner);
        let (total, each) = &mut *taken;
        *total = total.saturating_sub(1);
        let Some(of) = &self.of else { return };
        if let Some(own) = each.get_mut(of) {
            *own = own.saturating_sub(1);
            if *own == 0 {
                each.remove(of);
            }
        }
    }
}

/// What one peer can hardly leave: an IPv4 address, or the 64 bits that an IPv6 network is given.
pub(crate) fn neighbourhood(peer: IpAddr) -> IpAddr {
    match peer.to_canonical() {
        IpAddr::V4(address) => IpAddr::V4(address),
        IpAddr::V6(address) if address.is_loopback() => IpAddr::V6(address),
        IpAddr::V6(address) => {
            IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() & (u128::MAX << 64)))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_network_of_ipv6_is_one_neighbourhood() {
        for (peer, expected) in [
            ("192.0.2.7", "192.0.2.7"),
            ("::ffff:192.0.2.7", "192.0.2.7"),
            ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"),
            ("::1", "::1"),
        ] {
            assert_eq!(neighbourhood(peer.parse().unwrap()), expected.parse::<IpAddr>().unwrap());
        }
    }

    #[test]
    fn nobody_takes_more_than_their_share() {
        let places = Places::new(3, 2);
        let first = places.take(Some("a"));
        let second = places.take(Some("a"));
        assert!(first.is_some());
        assert!(second.is_some());
        assert!(places.take(Some("a")).is_none());
        let third = places.take(Some("b"));
        assert!(third.is_some());
        assert!(places.take(None).is_none(), "all are taken");
        drop(first);
        assert!(places.take(Some("a")).is_some());
    }
}
