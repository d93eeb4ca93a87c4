//! Captures: packets of a pcap file, and the datagrams in them.
//!
//! Both byte orders, microseconds and nanoseconds. A datagram's length is that of its UDP
//! header: a short Ethernet frame is padded, and its padding is no ASTERIX. Packets that are
//! not UDP over IP are stepped over in silence, since a capture holds other traffic too.
//!
//! Standard: draft-ietf-opsawg-pcap; RFC 768, 791, 8200; IEEE 802.1Q.

use picket_model::Time;

use super::fault::Fault;
use crate::reader::Cursor;

/// The file's own header, octets.
pub(super) const FILE_HEADER: usize = 24;

/// A packet's header, octets.
pub(super) const PACKET_HEADER: usize = 16;

/// Most octets of a packet: the largest that tcpdump and Wireshark ever write or read.
/// A header that says more ends the reading, since nothing says where the next packet is.
pub const PACKET_BYTES_MAX: usize = 262_144;

/// What a capture's header says of its packets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Capture {
    is_little: bool,
    nanoseconds_per_tick: i64,
    link: Link,
}

/// What stands before the IP header, or that nothing does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Link {
    /// Data blocks, bare (LINKTYPE_USER0).
    Bare,
    Ethernet,
    /// IP, version 4 or 6 by its first four bits.
    Ip,
    /// Linux "cooked" capture, version 1.
    Sll,
    /// Linux "cooked" capture, version 2.
    Sll2,
}

impl Capture {
    /// Reads the file's header.
    pub(super) fn read(header: &[u8; FILE_HEADER]) -> Result<Self, Fault> {
        let [a, b, c, d, .., w, x, y, z] = *header;
        let magic = u32::from_be_bytes([a, b, c, d]);
        let (is_little, nanoseconds_per_tick) = match magic {
            0xa1b2_c3d4 => (false, 1_000),
            0xd4c3_b2a1 => (true, 1_000),
            0xa1b2_3c4d => (false, 1),
            0x4d3c_b2a1 => (true, 1),
            _ => return Err(Fault::NotPcap { magic }),
        };
        // The upper half says how long a frame check sequence is.
        let link_type = number(is_little, [w, x, y, z]) & 0xffff;
        let link = match link_type {
            1 => Link::Ethernet,
            101 | 228 | 229 => Link::Ip,
            113 => Link::Sll,
            147 => Link::Bare,
            276 => Link::Sll2,
            _ => return Err(Fault::LinkType { link_type }),
        };
        Ok(Self { is_little, nanoseconds_per_tick, link })
    }

    /// Reads a packet's header: when it came, and how many of its octets follow.
    pub(super) fn packet(&self, header: &[u8; PACKET_HEADER]) -> Result<(Time, usize), Fault> {
        let [s0, s1, s2, s3, t0, t1, t2, t3, l0, l1, l2, l3, ..] = *header;
        let seconds = number(self.is_little, [s0, s1, s2, s3]);
        let ticks = number(self.is_little, [t0, t1, t2, t3]);
        let said = number(self.is_little, [l0, l1, l2, l3]);
        let second = Time::from_unix_s(i64::from(seconds));
        let at = Time(second.0.saturating_add(i64::from(ticks) * self.nanoseconds_per_tick));
        match usize::try_from(said) {
            Ok(length @ ..=PACKET_BYTES_MAX) => Ok((at, length)),
            _ => Err(Fault::PacketLength { said }),
        }
    }

    /// How many octets a packet that is cut should have, its header counted.
    pub(super) fn want(&self, packet: &[u8]) -> usize {
        let header = packet.first_chunk::<PACKET_HEADER>();
        let length = header.and_then(|header| self.packet(header).ok()).map(|(_, length)| length);
        PACKET_HEADER + length.unwrap_or(0)
    }

    /// The datagram of a packet and its offset within; `None` if the packet is not UDP.
    pub(super) fn datagram<'a>(
        &self,
        packet: &'a [u8],
    ) -> Result<Option<(usize, &'a [u8])>, Fault> {
        let mut c = Cursor::new(packet);
        let read = match self.link {
            Link::Bare => return Ok(Some((0, packet))),
            Link::Ethernet => ethernet(&mut c),
            Link::Ip => Some(()),
            Link::Sll => c.take(14).and_then(|_| ip_follows(&mut c)),
            Link::Sll2 => ip_follows(&mut c).and_then(|()| c.take(18)).map(|_| ()),
        };
        if read.is_none() {
            return Ok(None);
        }
        let at = c.at();
        let Some((skip, udp)) = ip(c.rest())? else { return Ok(None) };
        let payload = udp_payload(udp)?;
        Ok(Some((at + skip + UDP_HEADER, payload)))
    }
}

fn number(is_little: bool, octets: [u8; 4]) -> u32 {
    if is_little { u32::from_le_bytes(octets) } else { u32::from_be_bytes(octets) }
}

fn u16_of(c: &mut Cursor<'_>) -> Option<u16> {
    c.take(2)?.first_chunk().map(|octets| u16::from_be_bytes(*octets))
}

/// Steps over a protocol number, if it is that of IP.
fn ip_follows(c: &mut Cursor<'_>) -> Option<()> {
    matches!(u16_of(c)?, 0x0800 | 0x86dd).then_some(())
}

/// Steps over an Ethernet header with up to two tags of IEEE 802.1Q.
fn ethernet(c: &mut Cursor<'_>) -> Option<()> {
    c.take(12)?;
    for _ in 0..3 {
        match u16_of(c)? {
            0x0800 | 0x86dd => return Some(()),
            0x8100 | 0x88a8 | 0x9100 => c.take(2)?,
            _ => return None,
        };
    }
    None
}

/// The UDP datagram in an IP packet, with its offset; `None` if it carries something else.
fn ip(packet: &[u8]) -> Result<Option<(usize, &[u8])>, Fault> {
    match packet.first().map(|octet| octet >> 4) {
        Some(4) => ipv4(packet),
        Some(6) => ipv6(packet),
        _ => Ok(None),
    }
}

const PROTOCOL_UDP: u8 = 17;

fn ipv4(packet: &[u8]) -> Result<Option<(usize, &[u8])>, Fault> {
    let Some(header) = packet.first_chunk::<20>() else { return Ok(None) };
    let [version, _, l0, l1, _, _, f0, f1, _, protocol, ..] = *header;
    if protocol != PROTOCOL_UDP {
        return Ok(None);
    }
    // "More fragments follow", or an offset.
    if u16::from_be_bytes([f0, f1]) & 0x3fff != 0 {
        return Err(Fault::Fragment);
    }
    let from = usize::from(version & 15) * 4;
    let said = usize::from(u16::from_be_bytes([l0, l1]));
    // A sender's card may fill in the length after the capture saw a 0.
    let to = if said == 0 { packet.len() } else { said.min(packet.len()) };
    Ok(packet.get(from.max(20)..to).map(|udp| (from.max(20), udp)))
}

fn ipv6(packet: &[u8]) -> Result<Option<(usize, &[u8])>, Fault> {
    let Some(header) = packet.first_chunk::<40>() else { return Ok(None) };
    let [_, _, _, _, l0, l1, mut next, ..] = *header;
    let said = usize::from(u16::from_be_bytes([l0, l1]));
    let to = if said == 0 { packet.len() } else { packet.len().min(40 + said) };
    let mut at = 40;
    loop {
        match next {
            PROTOCOL_UDP => return Ok(packet.get(at..to).map(|udp| (at, udp))),
            44 => return Err(Fault::Fragment),
            // Hop-by-hop, routing and destination options: next header, length in 8 octets.
            0 | 43 | 60 => {
                let Some([after, length]) = packet.get(at..to).and_then(|rest| rest.first_chunk())
                else {
                    return Ok(None);
                };
                next = *after;
                at += (usize::from(*length) + 1) * 8;
            }
            _ => return Ok(None),
        }
    }
}

const UDP_HEADER: usize = 8;

/// The payload of a UDP datagram, as long as its header says.
fn udp_payload(udp: &[u8]) -> Result<&[u8], Fault> {
    let have = udp.len();
    let Some([_, _, _, _, l0, l1, _, _]) = udp.first_chunk::<UDP_HEADER>() else {
        return Err(Fault::DatagramCut { said: UDP_HEADER, have });
    };
    let said = usize::from(u16::from_be_bytes([*l0, *l1]));
    udp.get(UDP_HEADER..said).ok_or(Fault::DatagramCut { said, have })
}
