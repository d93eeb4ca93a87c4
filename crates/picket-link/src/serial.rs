//! `serial://`: a port; unplugged, it is a link that is down and tried again.

use std::io;
use std::sync::Arc;

use picket_model::LinkState;
use serial2_tokio::{CharSize, FlowControl, Parity as PortParity, SerialPort, Settings, StopBits};

use crate::address::{Parity, Serial};
use crate::feed::FeedError;
use crate::intake::Parts;
use crate::tcp;

/// Opens the port and reads until it is unplugged or the node stops.
pub(crate) async fn read(parts: &Arc<Parts>, port: &Serial) -> Result<(), FeedError> {
    let open = SerialPort::open(&port.path, |settings| set(settings, port)).map_err(|error| {
        let text = format!("cannot open {}: {error}", port.path.display());
        FeedError::Io(io::Error::new(error.kind(), text))
    })?;
    parts.say_link(LinkState::Up, &format!("reading {}", port.path.display())).await?;
    tcp::read(parts, open).await?;
    Err(FeedError::Unplugged)
}

/// Sets the line as the configuration says; nobody paces anybody, because we never write.
fn set(mut settings: Settings, port: &Serial) -> io::Result<Settings> {
    settings.set_raw();
    settings.set_baud_rate(port.baud)?;
    settings.set_char_size(if port.bits == 7 { CharSize::Bits7 } else { CharSize::Bits8 });
    settings.set_stop_bits(if port.stop == 2 { StopBits::Two } else { StopBits::One });
    settings.set_parity(match port.parity {
        Parity::None => PortParity::None,
        Parity::Even => PortParity::Even,
        Parity::Odd => PortParity::Odd,
    });
    settings.set_flow_control(FlowControl::None);
    Ok(settings)
}
