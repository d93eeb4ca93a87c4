//! Where a feed's bytes come from, as `[[feed]] from` writes it.

use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::str::FromStr;

/// One kind of source, as `[[feed]] from` names it.
#[derive(Debug)]
pub struct Source {
    /// The scheme.
    pub scheme: &'static str,
    /// What it does, in words.
    pub about: &'static str,
}

/// The kinds of sources, for reference pages.
pub static SOURCES: &[Source] = &[
    Source {
        scheme: "udp",
        about: "receives datagrams at ADDRESS:PORT; at the bound the oldest give way",
    },
    Source {
        scheme: "udp+multicast",
        about: "joins GROUP:PORT?interface=ADDRESS and receives as udp does; programs share the port",
    },
    Source { scheme: "tcp", about: "connects to HOST:PORT and reads; at the bound it waits" },
    Source {
        scheme: "tcp-listen",
        about: "accepts connections at ADDRESS:PORT; at the bound they wait",
    },
    Source {
        scheme: "serial",
        about: "reads the port /PATH?baud=N&parity=none|even|odd&bits=7|8&stop=1|2; an unplugged one is tried again",
    },
    Source { scheme: "file", about: "plays a recording at its own pace times `speed`" },
];

/// Where a feed's bytes come from.
#[derive(Debug, Clone, PartialEq)]
pub enum Address {
    /// Receive datagrams here.
    Udp(SocketAddr),
    /// Join this group and receive its datagrams.
    Multicast(Multicast),
    /// Connect to this host and port.
    Tcp(String),
    /// Accept connections here.
    TcpListen(SocketAddr),
    /// Read this serial port.
    Serial(Serial),
    /// Play this file.
    File(PathBuf),
}

/// A multicast group and where it is joined.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Multicast {
    /// The group and the port.
    pub group: SocketAddr,
    /// On which interface; the operating system chooses if it is not named.
    pub interface: Option<Interface>,
}

/// A network interface as the two families name it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Interface {
    /// By an address of its own, for IPv4 groups.
    Address(std::net::Ipv4Addr),
    /// By its number (`ip link` shows it), for IPv6 groups.
    Index(u32),
}

/// A serial port and how it speaks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Serial {
    /// The device, as `/dev/ttyUSB0`.
    pub path: PathBuf,
    /// Bits a second. NMEA 0183 has 4,800, AIS receivers 38,400.
    pub baud: u32,
    /// Which parity bit follows each character.
    pub parity: Parity,
    /// Bits of a character, 7 or 8.
    pub bits: u8,
    /// Stop bits, 1 or 2.
    pub stop: u8,
}

/// The parity bit of a character.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Parity {
    /// None.
    None,
    /// Even.
    Even,
    /// Odd.
    Odd,
}

impl Parity {
    const ALL: [Self; 3] = [Self::None, Self::Even, Self::Odd];

    /// The parity on the outside.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Even => "even",
            Self::Odd => "odd",
        }
    }
}

/// Why a text is no address of a source. The configuration is at fault.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AddressError {
    /// The scheme is missing or unknown.
    #[error("{0:?} does not begin with {known}", known = schemes())]
    Scheme(String),
    /// What follows is no address and port.
    #[error("{0:?} is no ADDRESS:PORT")]
    Socket(String),
    /// What follows is empty.
    #[error("{0:?} names no file or host")]
    Empty(String),
    /// The address is none that a group can have.
    #[error("{0} is no multicast group (224.0.0.0 to 239.255.255.255, or ff00::/8)")]
    Group(IpAddr),
    /// What follows the question mark is wrong.
    #[error("{given:?}: {expected}")]
    Option {
        /// The option as it stands.
        given: String,
        /// What is expected.
        expected: &'static str,
    },
}

fn schemes() -> String {
    let schemes: Vec<String> =
        SOURCES.iter().map(|source| format!("{}://", source.scheme)).collect();
    schemes.join(", ")
}

impl FromStr for Address {
    type Err = AddressError;

    fn from_str(text: &str) -> Result<Self, AddressError> {
        let scheme_error = || AddressError::Scheme(text.to_owned());
        let (scheme, rest) = text.split_once("://").ok_or_else(scheme_error)?;
        if rest.is_empty() {
            return Err(AddressError::Empty(text.to_owned()));
        }
        match scheme {
            "udp" => socket(rest).map(Self::Udp),
            "udp+multicast" => multicast(rest).map(Self::Multicast),
            "tcp-listen" => socket(rest).map(Self::TcpListen),
            "tcp" if rest.rsplit_once(':').is_some_and(|(_, port)| port.parse::<u16>().is_ok()) => {
                Ok(Self::Tcp(rest.to_owned()))
            }
            "tcp" => Err(AddressError::Socket(rest.to_owned())),
            "serial" => serial(rest).map(Self::Serial),
            "file" => Ok(Self::File(PathBuf::from(rest))),
            _ => Err(scheme_error()),
        }
    }
}

fn socket(text: &str) -> Result<SocketAddr, AddressError> {
    text.parse().map_err(|_| AddressError::Socket(text.to_owned()))
}

/// What stands before the question mark, and the options behind it as name and value.
fn options(text: &str) -> (&str, impl Iterator<Item = (&str, &str)>) {
    let (before, options) = text.split_once('?').unwrap_or((text, ""));
    let pairs = options.split('&').filter(|option| !option.is_empty());
    (before, pairs.map(|option| option.split_once('=').unwrap_or((option, ""))))
}

fn multicast(text: &str) -> Result<Multicast, AddressError> {
    let (group, options) = options(text);
    let group = socket(group)?;
    if !group.ip().is_multicast() {
        return Err(AddressError::Group(group.ip()));
    }
    let mut interface = None;
    for (name, value) in options {
        let wrong = |expected| AddressError::Option { given: format!("{name}={value}"), expected };
        interface = Some(match (name, group) {
            ("interface", SocketAddr::V4(_)) => {
                value.parse().map(Interface::Address).map_err(|_| {
                    wrong("an interface of an IPv4 group is named by one of its addresses")
                })?
            }
            ("interface", SocketAddr::V6(_)) => value
                .parse()
                .map(Interface::Index)
                .map_err(|_| wrong("an interface of an IPv6 group is named by its number"))?,
            _ => return Err(wrong("a multicast source has the option interface")),
        });
    }
    Ok(Multicast { group, interface })
}

fn serial(text: &str) -> Result<Serial, AddressError> {
    let (path, options) = options(text);
    if path.is_empty() {
        return Err(AddressError::Empty(format!("serial://{text}")));
    }
    let mut baud = None;
    let (mut parity, mut bits, mut stop) = (Parity::None, 8, 1);
    for (name, value) in options {
        let wrong = |expected| AddressError::Option { given: format!("{name}={value}"), expected };
        let one_of = |choices: [u8; 2], expected| {
            choices
                .into_iter()
                .find(|choice| value == choice.to_string())
                .ok_or_else(|| wrong(expected))
        };
        match name {
            "baud" => {
                let number = value.parse().ok().filter(|baud| BAUDS.contains(baud));
                let expected = "a baud rate is a number from 50 to 4000000";
                baud = Some(number.ok_or_else(|| wrong(expected))?);
            }
            "parity" => {
                let found = Parity::ALL.into_iter().find(|parity| parity.as_str() == value);
                parity = found.ok_or_else(|| wrong("parity is none, even or odd"))?;
            }
            "bits" => bits = one_of([7, 8], "a character has 7 or 8 bits")?,
            "stop" => stop = one_of([1, 2], "there are 1 or 2 stop bits")?,
            _ => return Err(wrong("a serial source has the options baud, parity, bits and stop")),
        }
    }
    let Some(baud) = baud else {
        let expected = "a serial source names its speed, as ?baud=38400";
        return Err(AddressError::Option { given: text.to_owned(), expected });
    };
    Ok(Serial { path: PathBuf::from(path), baud, parity, bits, stop })
}

/// Speeds of serial ports: the slowest that POSIX names, the fastest that Linux does.
const BAUDS: std::ops::RangeInclusive<u32> = 50..=4_000_000;

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Udp(address) => write!(f, "udp://{address}"),
            Self::Multicast(multicast) => write!(f, "udp+multicast://{multicast}"),
            Self::Tcp(to) => write!(f, "tcp://{to}"),
            Self::TcpListen(address) => write!(f, "tcp-listen://{address}"),
            Self::Serial(port) => write!(f, "serial://{port}"),
            Self::File(path) => write!(f, "file://{}", path.display()),
        }
    }
}

impl fmt::Display for Multicast {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.group)?;
        match self.interface {
            None => Ok(()),
            Some(Interface::Address(address)) => write!(f, "?interface={address}"),
            Some(Interface::Index(index)) => write!(f, "?interface={index}"),
        }
    }
}

impl fmt::Display for Serial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { path, baud, parity, bits, stop } = self;
        write!(f, "{}?baud={baud}", path.display())?;
        if *parity != Parity::None {
            write!(f, "&parity={}", parity.as_str())?;
        }
        if *bits != 8 {
            write!(f, "&bits={bits}")?;
        }
        if *stop != 1 {
            write!(f, "&stop={stop}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_address_reads_as_it_is_written() {
        for text in [
            "udp://127.0.0.1:10110",
            "udp+multicast://239.192.0.1:60001",
            "udp+multicast://239.192.0.1:60001?interface=10.0.0.7",
            "udp+multicast://[ff15::1]:60001?interface=2",
            "tcp://radar.example:5",
            "tcp-listen://[::1]:2000",
            "serial:///dev/ttyUSB0?baud=38400",
            "serial:///dev/ttyS1?baud=4800&parity=even&bits=7&stop=2",
            "file:///var/lib/recording.nmea",
        ] {
            let address: Address = text.parse().unwrap();
            assert_eq!(address.to_string(), text);
        }
    }

    #[test]
    fn what_is_wrong_is_named() {
        for (text, said) in [
            ("ftp://x:1", "does not begin"),
            ("ftp://x:1", "serial://"),
            ("udp://nowhere", "is no ADDRESS:PORT"),
            ("tcp://host", "is no ADDRESS:PORT"),
            ("file://", "names no file"),
            ("udp+multicast://10.0.0.1:5", "no multicast group"),
            ("udp+multicast://239.0.0.1:5?interface=eth0", "one of its addresses"),
            ("udp+multicast://[ff15::1]:5?interface=10.0.0.1", "by its number"),
            ("udp+multicast://239.0.0.1:5?hops=3", "has the option interface"),
            ("serial:///dev/ttyS0", "names its speed"),
            ("serial://?baud=4800", "names no file"),
            ("serial:///dev/ttyS0?baud=fast", "number from 50"),
            ("serial:///dev/ttyS0?baud=4800&parity=mark", "none, even or odd"),
            ("serial:///dev/ttyS0?baud=4800&bits=9", "7 or 8 bits"),
            ("serial:///dev/ttyS0?baud=4800&flow=xon", "has the options"),
        ] {
            let error = text.parse::<Address>().unwrap_err().to_string();
            assert!(error.contains(said), "{text}: {error}");
        }
    }
}
