//! The CoT events that the world's devices write.
//!
//! Standard: Cursor on Target event 2.0; `ce` is one sigma of a Gaussian error
//! (MITRE, Event.xsd 1.4), 9999999 is unknown, `opex="e"` is an exercise.

use std::fmt::{self, Write as _};

use picket_model::{Position, Time};

use crate::mover::Motion;

/// One event.
pub(crate) struct Event<'a> {
    pub(crate) uid: &'a str,
    /// The class path, such as `a-f-G-U-C`.
    pub(crate) class: &'static str,
    pub(crate) how: &'static str,
    pub(crate) at: Time,
    /// Seconds until it lapses.
    pub(crate) stale_s: f64,
    pub(crate) position: Position,
    pub(crate) height_m: Option<f64>,
    /// Horizontal error, one sigma.
    pub(crate) error_m: f64,
    pub(crate) detail: Detail<'a>,
}

/// What a device says beside place and time.
#[derive(Default)]
pub(crate) struct Detail<'a> {
    pub(crate) callsign: Option<&'a str>,
    /// Where it takes messages: on the connection that it opened.
    pub(crate) takes_messages: bool,
    /// Colour and role.
    pub(crate) group: Option<(&'a str, &'a str)>,
    pub(crate) battery_percent: Option<u8>,
    pub(crate) motion: Option<Motion>,
    /// How its own place is known: source of position and of height.
    pub(crate) precision: Option<(&'a str, &'a str)>,
    /// Device and software.
    pub(crate) made: Option<(&'a str, &'a str)>,
    /// Who saw it, and what that is.
    pub(crate) seen_by: Option<(&'a str, &'static str)>,
    pub(crate) remarks: Option<&'a str>,
    /// By what a perimeter sensor perceived something.
    pub(crate) alarm: Option<&'a str>,
    /// A call for help, and whether this ends it.
    pub(crate) emergency: Option<bool>,
}

impl Event<'_> {
    /// The event as one XML document.
    pub(crate) fn to_xml(&self) -> Vec<u8> {
        let mut text = String::with_capacity(640);
        // Writing to a String cannot fail.
        let _written = self.write(&mut text);
        text.into_bytes()
    }

    fn write(&self, out: &mut String) -> fmt::Result {
        let stale = self.at.plus_s(self.stale_s);
        out.write_str(
            "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n<event version=\"2.0\"",
        )?;
        attribute(out, "uid", self.uid)?;
        write!(out, " type=\"{}\" how=\"{}\" opex=\"e\"", self.class, self.how)?;
        let at = self.at;
        write!(out, " time=\"{at}\" start=\"{at}\" stale=\"{stale}\">")?;
        let (lat, lon) = (self.position.lat.degrees(), self.position.lon.degrees());
        write!(out, "<point lat=\"{lat:.7}\" lon=\"{lon:.7}\"")?;
        match self.height_m {
            Some(height_m) => write!(out, " hae=\"{height_m:.1}\"")?,
            None => out.write_str(" hae=\"9999999.0\"")?,
        }
        write!(out, " ce=\"{:.1}\" le=\"9999999.0\"/>", self.error_m)?;
        self.detail.write(out, self.at)?;
        out.write_str("</event>")
    }
}

impl Detail<'_> {
    fn write(&self, out: &mut String, at: Time) -> fmt::Result {
        out.write_str("<detail>")?;
        if let Some(callsign) = self.callsign {
            out.write_str("<contact")?;
            attribute(out, "callsign", callsign)?;
            if self.takes_messages {
                attribute(out, "endpoint", "*:-1:stcp")?;
            }
            out.write_str("/>")?;
        }
        if let Some((name, role)) = self.group {
            out.write_str("<__group")?;
            attribute(out, "name", name)?;
            attribute(out, "role", role)?;
            out.write_str("/>")?;
        }
        if let Some(percent) = self.battery_percent {
            write!(out, "<status battery=\"{percent}\"/>")?;
        }
        if let Some(motion) = self.motion {
            let course_deg = motion.course.bearing_degrees();
            write!(out, "<track speed=\"{:.2}\" course=\"{course_deg:.1}\"/>", motion.speed_mps)?;
        }
        if let Some((place, height)) = self.precision {
            out.write_str("<precisionlocation")?;
            attribute(out, "geopointsrc", place)?;
            attribute(out, "altsrc", height)?;
            out.write_str("/>")?;
        }
        if let Some((device, platform)) = self.made {
            out.write_str("<takv")?;
            attribute(out, "device", device)?;
            attribute(out, "platform", platform)?;
            out.write_str(" os=\"\" version=\"1.0\"/>")?;
        }
        if let Some((uid, class)) = self.seen_by {
            out.write_str("<link")?;
            attribute(out, "uid", uid)?;
            write!(out, " type=\"{class}\" relation=\"p-p\"/>")?;
        }
        if let Some(kind) = self.alarm {
            out.write_str("<__picket")?;
            attribute(out, "alarm", kind)?;
            out.write_str("/>")?;
        }
        match self.emergency {
            Some(false) => out.write_str("<emergency type=\"911 Alert\"/>")?,
            Some(true) => out.write_str("<emergency cancel=\"true\"/>")?,
            None => {}
        }
        if let Some(remarks) = self.remarks {
            write!(out, "<remarks time=\"{at}\">")?;
            escape(out, remarks)?;
            out.write_str("</remarks>")?;
        }
        out.write_str("</detail>")
    }
}

fn attribute(out: &mut String, name: &str, value: &str) -> fmt::Result {
    write!(out, " {name}=\"")?;
    escape(out, value)?;
    out.write_char('"')
}

/// XML 1.0 §2.4: what would end a value is named; what a document may not hold is left out.
fn escape(out: &mut String, text: &str) -> fmt::Result {
    for character in text.chars() {
        match character {
            '&' => out.write_str("&amp;")?,
            '<' => out.write_str("&lt;")?,
            '>' => out.write_str("&gt;")?,
            '"' => out.write_str("&quot;")?,
            '\'' => out.write_str("&apos;")?,
            '\t' | '\n' | '\r' => write!(out, "&#{};", u32::from(character))?,
            '\0'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => {}
            plain => out.write_char(plain)?,
        }
    }
    Ok(())
}
