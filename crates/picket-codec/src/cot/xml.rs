//! The part of XML that Cursor on Target uses, and nothing else.
//!
//! No document type, no entities but the five, no namespaces, UTF-8 only; bounds on length,
//! depth and attributes. A general parser would have to be told what not to do; here it
//! cannot be asked.
//!
//! Standard: Extensible Markup Language 1.0, fifth edition; clause numbers below are its.

use std::borrow::Cow;

use crate::error::DecodeError;

/// Most bytes of a document; routes with drawings seen in the field stay below 64 KiB.
pub const DOCUMENT_BYTES_MAX: usize = 256 * 1_024;
/// Most elements inside one another; details seen in the field stay below 10.
pub const DEPTH_MAX: usize = 64;
/// Most attributes of an element; details seen in the field stay below 30.
pub const ATTRIBUTES_MAX: usize = 64;

/// Finds where documents begin and end, one byte at a time, in bounded memory.
#[derive(Debug, Default)]
pub(super) struct Scanner {
    state: State,
    depth: usize,
    /// The present document as far as it came.
    document: Vec<u8>,
    /// Where in the document the latest `<` stands.
    open_at: usize,
    /// The document was entered while looking for an event, and its root is not known yet:
    /// if it is none, nothing was lost that was not reported.
    quiet: bool,
    /// The document has a document type: it will be rejected, but as a whole.
    has_document_type: bool,
}

/// What a byte led to.
#[derive(Debug)]
pub(super) enum Step {
    /// Nothing yet.
    More,
    /// The document is whole; [`Scanner::take`] gives it.
    Whole,
    /// The document is given up. `lost` bytes of it are gone, this one included; what is left
    /// is the beginning of the next.
    Bad {
        /// How many bytes are gone.
        lost: usize,
        /// Why, or `None` if it was no document.
        error: Option<DecodeError>,
    },
}

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum State {
    /// Between documents: white space.
    #[default]
    Between,
    /// Looking for `<event`, of which so many bytes matched.
    Lost(usize),
    /// In text.
    Text,
    /// Behind `<`.
    Open,
    /// In the name of a start tag.
    Name,
    /// In a start tag, behind its name: within quotes, or behind a `/`.
    Tag { quote: Option<u8>, slash: bool },
    /// In an end tag.
    EndTag,
    /// In a declaration or processing instruction, perhaps behind its `?`.
    Instruction { question: bool },
    /// Behind `<!`.
    Bang,
    /// In a document type declaration, within its brackets or not.
    DocumentType { brackets: bool },
    /// In a comment, behind so many `-`.
    Comment(u8),
    /// In a CDATA section, behind so many `]`.
    CharacterData(u8),
}

const EVENT: &[u8] = b"<event";

impl Scanner {
    /// Whether a document has begun and not ended.
    pub(super) const fn is_open(&self) -> bool {
        !self.document.is_empty() && !self.quiet
    }

    /// How many bytes of the present document came.
    pub(super) fn length(&self) -> usize {
        self.document.len()
    }

    /// The document that is whole; the scanner is between documents again.
    pub(super) fn take(&mut self) -> Vec<u8> {
        let next = Self { document: Vec::new(), ..Self::default() };
        std::mem::replace(self, next).document
    }

    /// Forgets the present document.
    pub(super) fn clear(&mut self) {
        *self = Self::default();
    }

    /// Takes the next byte.
    pub(super) fn step(&mut self, byte: u8) -> Step {
        if self.state == State::Between {
            // A few senders put a zero byte behind a document or a byte order mark before it.
            if byte.is_ascii_whitespace() || matches!(byte, 0 | 0xef | 0xbb | 0xbf) {
                return Step::More;
            }
            if byte != b'<' {
                self.state = State::Lost(0);
                let reason = "text stands where a document should begin";
                return Step::Bad { lost: 1, error: Some(DecodeError::Xml { at: 0, reason }) };
            }
        }
        if let State::Lost(matched) = self.state {
            return self.look_for_event(matched, byte);
        }
        self.document.push(byte);
        if self.document.len() > DOCUMENT_BYTES_MAX {
            let (max, unit) = (DOCUMENT_BYTES_MAX, "bytes");
            return self.give_up(DecodeError::TooLong { field: "document", max, unit });
        }
        match self.advance(byte) {
            Ok(true) if self.has_document_type => {
                let lost = self.document.len();
                self.clear();
                Step::Bad { lost, error: Some(document_type()) }
            }
            Ok(true) => Step::Whole,
            Ok(false) => Step::More,
            Err(Wrong::Lost(reason)) => {
                let at = self.document.len() - 1;
                self.give_up(DecodeError::Xml { at, reason })
            }
            Err(Wrong::NextBegan(reason)) => self.begin_again(reason),
        }
    }

    /// Moves by one byte within a document; `true` when it was the last.
    fn advance(&mut self, byte: u8) -> Result<bool, Wrong> {
        let here = self.document.len() - 1;
        self.state = match (self.state, byte) {
            (State::Between | State::Text, b'<') => {
                self.open_at = here;
                State::Open
            }
            (State::Text, _) if self.depth == 0 && !byte.is_ascii_whitespace() => {
                return Err(Wrong::Lost("text stands outside the root element"));
            }
            (State::Open, b'/') if self.depth == 0 => {
                return Err(Wrong::Lost("an end tag has no start tag"));
            }
            (State::Open, b'/') => State::EndTag,
            (State::Open, b'?') => State::Instruction { question: false },
            (State::Open, b'!') => State::Bang,
            (State::Open, byte) if is_name_start(byte) => State::Name,
            (State::Open, _) => return Err(Wrong::Lost("'<' begins no tag")),
            (State::Name, byte) if is_name(byte) => State::Name,
            (State::Name, _) => {
                self.name_ended()?;
                return self.in_tag(None, false, byte);
            }
            (State::Tag { quote, slash }, _) => return self.in_tag(quote, slash, byte),
            (State::EndTag, b'>') => {
                self.depth -= 1;
                if self.depth == 0 {
                    return Ok(true);
                }
                State::Text
            }
            (State::EndTag, b'<') => return self.next_began(here),
            (State::Instruction { question: true }, b'>') => State::Text,
            (State::Instruction { .. }, _) => State::Instruction { question: byte == b'?' },
            (State::Bang, _) => self.behind_bang()?,
            (State::DocumentType { brackets: false }, b'>') => State::Text,
            (State::DocumentType { .. }, b'[') => State::DocumentType { brackets: true },
            (State::DocumentType { .. }, b']') => State::DocumentType { brackets: false },
            (State::DocumentType { brackets }, _) => State::DocumentType { brackets },
            (State::Comment(2..), b'>') => State::Text,
            (State::Comment(dashes), b'-') => State::Comment((dashes + 1).min(2)),
            (State::Comment(_), _) => State::Comment(0),
            (State::CharacterData(2..), b'>') => State::Text,
            (State::CharacterData(brackets), b']') => State::CharacterData((brackets + 1).min(2)),
            (State::CharacterData(_), _) => State::CharacterData(0),
            (State::Between | State::Text | State::EndTag | State::Lost(_), _) => self.state,
        };
        Ok(false)
    }

    fn in_tag(&mut self, quote: Option<u8>, slash: bool, byte: u8) -> Result<bool, Wrong> {
        self.state = match (quote, byte) {
            // §2.3: no attribute value holds a '<', so the tag was cut and a new one begins.
            (_, b'<') => return self.next_began(self.document.len() - 1),
            (Some(open), _) if open == byte => State::Tag { quote: None, slash: false },
            (Some(_), _) => State::Tag { quote, slash: false },
            (None, b'"' | b'\'') => State::Tag { quote: Some(byte), slash: false },
            (None, b'>') if slash && self.depth == 0 => return Ok(true),
            (None, b'>') if slash => State::Text,
            (None, b'>') if self.depth == DEPTH_MAX => {
                return Err(Wrong::Lost("elements lie deeper than 64 levels"));
            }
            (None, b'>') => {
                self.depth += 1;
                State::Text
            }
            (None, _) => State::Tag { quote: None, slash: byte == b'/' },
        };
        Ok(false)
    }

    /// Judges the element whose name just ended with the byte before this one.
    fn name_ended(&mut self) -> Result<(), Wrong> {
        let end = self.document.len() - 1;
        let name = self.document.get(self.open_at + 1..end).unwrap_or(&[]);
        match (self.depth, name) {
            (0, b"event" | b"auth") => self.quiet = false,
            (0, _) => return Err(Wrong::Lost("the root element is no event")),
            // Streams are cut at the end tag of an event, so none holds another.
            (_, b"event") => {
                return Err(Wrong::NextBegan("an event begins before the last one ended"));
            }
            _ => {}
        }
        Ok(())
    }

    fn next_began(&mut self, here: usize) -> Result<bool, Wrong> {
        self.open_at = here;
        Err(Wrong::NextBegan("a tag begins within another"))
    }

    fn behind_bang(&mut self) -> Result<State, Wrong> {
        let said = self.document.get(self.open_at + 2..).unwrap_or(&[]);
        match said {
            b"--" => Ok(State::Comment(0)),
            b"[CDATA[" if self.depth > 0 => Ok(State::CharacterData(0)),
            _ if b"--".starts_with(said) || b"[CDATA[".starts_with(said) => Ok(State::Bang),
            _ if self.depth == 0 => {
                self.has_document_type = true;
                Ok(State::DocumentType { brackets: false })
            }
            _ => Err(Wrong::Lost("'<!' begins no comment")),
        }
    }

    /// Steps over everything up to the next `<event`.
    fn look_for_event(&mut self, matched: usize, byte: u8) -> Step {
        if matched == EVENT.len() && !is_name(byte) {
            self.document.extend_from_slice(EVENT);
            self.document.push(byte);
            self.open_at = 0;
            return match self.in_tag(None, false, byte) {
                Ok(true) => Step::Whole,
                Ok(false) => Step::More,
                // `<event<`: the second `<` may begin an event.
                Err(_) => {
                    self.clear();
                    self.state = State::Lost(1);
                    Step::More
                }
            };
        }
        let matches = EVENT.get(matched) == Some(&byte);
        self.state = State::Lost(if matches { matched + 1 } else { usize::from(byte == b'<') });
        Step::More
    }

    /// Gives the document up and looks for the next event.
    fn give_up(&mut self, error: DecodeError) -> Step {
        let lost = self.document.len();
        let error = if self.has_document_type { document_type() } else { error };
        let error = (!self.quiet).then_some(error);
        self.clear();
        self.state = State::Lost(0);
        Step::Bad { lost, error }
    }

    /// Gives up what stands before the latest `<`, which begins a document of its own.
    fn begin_again(&mut self, reason: &'static str) -> Step {
        let mut lost = self.open_at;
        let error = DecodeError::Xml { at: lost, reason };
        let error = if self.has_document_type { document_type() } else { error };
        let error = (!self.quiet).then_some(error);
        // What is kept are at most a tag's name and the byte behind it: few, and scanned anew.
        let next = self.document.split_off(lost);
        self.clear();
        self.quiet = true;
        for byte in &next {
            self.document.push(*byte);
            if self.advance(*byte).is_err() {
                self.clear();
                self.state = State::Lost(usize::from(*byte == b'<'));
                lost += next.len();
                break;
            }
        }
        Step::Bad { lost, error }
    }
}

fn document_type() -> DecodeError {
    bad(0, "a document type declaration is not allowed")
}

enum Wrong {
    /// Nothing of the document is worth keeping.
    Lost(&'static str),
    /// The latest `<` begins the next document.
    NextBegan(&'static str),
}

/// A first byte of a name (§2.3, with all of non-ASCII let in).
const fn is_name_start(byte: u8) -> bool {
    byte.is_ascii_alphabetic() || matches!(byte, b'_' | b':' | 0x80..)
}

/// A byte of a name (§2.3, with all of non-ASCII let in).
const fn is_name(byte: u8) -> bool {
    is_name_start(byte) || byte.is_ascii_digit() || matches!(byte, b'-' | b'.')
}

/// A start tag.
#[derive(Debug)]
pub(super) struct Tag<'a> {
    /// The element's name.
    pub(super) name: &'a str,
    attributes: Vec<(&'a str, Cow<'a, str>)>,
    /// It has no end tag.
    pub(super) is_empty: bool,
    /// Where the tag begins.
    pub(super) at: usize,
}

impl Tag<'_> {
    /// The value of an attribute; an empty one says nothing.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        let found = self.attributes.iter().find(|(other, _)| *other == name);
        found.map(|(_, value)| value.as_ref()).filter(|value| !value.is_empty())
    }
}

/// A piece of a document.
#[derive(Debug)]
pub(super) enum Piece<'a> {
    /// A start tag.
    Start(Tag<'a>),
    /// An end tag, and where it begins.
    End(usize),
    /// Text, with its entities resolved.
    Text(Cow<'a, str>),
}

/// Reads the pieces of a document in order.
#[derive(Debug)]
pub(super) struct Pieces<'a> {
    text: &'a str,
    at: usize,
    /// The names of the elements that are open.
    open: Vec<&'a str>,
}

impl<'a> Pieces<'a> {
    /// The pieces of a document that a [`Scanner`] found whole.
    ///
    /// # Errors
    /// [`DecodeError::Xml`] if it is not UTF-8, or holds a character that XML does not know.
    pub(super) fn of(document: &'a [u8]) -> Result<Self, DecodeError> {
        let text = std::str::from_utf8(document)
            .map_err(|error| bad(error.valid_up_to(), "the document is not UTF-8"))?;
        match text.char_indices().find(|(_, c)| !is_character(*c)) {
            Some((at, _)) => Err(bad(at, "a control character is not allowed")),
            None => Ok(Self { text, at: 0, open: Vec::new() }),
        }
    }

    /// Where the next piece begins.
    pub(super) const fn at(&self) -> usize {
        self.at
    }

    /// The next piece; `None` at the end.
    ///
    /// # Errors
    /// [`DecodeError::Xml`] at what is not well-formed.
    pub(super) fn next(&mut self) -> Result<Option<Piece<'a>>, DecodeError> {
        loop {
            let (at, rest) = (self.at, self.rest());
            if rest.is_empty() {
                return match self.open.is_empty() {
                    true => Ok(None),
                    false => Err(bad(at, "an element has no end tag")),
                };
            }
            if rest.starts_with("<?") {
                self.at += 2;
                self.step_over("?>", "an instruction has no end")?;
            } else if rest.starts_with("<!--") {
                self.at += 4;
                self.step_over("-->", "a comment has no end")?;
            } else if rest.starts_with("<![CDATA[") {
                self.at += 9;
                let inner = self.step_over("]]>", "a CDATA section has no end")?;
                return Ok(Some(Piece::Text(Cow::Borrowed(inner))));
            } else if rest.starts_with("<!") {
                return Err(document_type());
            } else if rest.starts_with("</") {
                return self.end_tag().map(Some);
            } else if rest.starts_with('<') {
                return self.start_tag().map(|tag| Some(Piece::Start(tag)));
            } else {
                let end = rest.find('<').unwrap_or(rest.len());
                let raw = rest.get(..end).unwrap_or("");
                self.at += end;
                return Ok(Some(Piece::Text(resolve(raw, at)?)));
            }
        }
    }

    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or("")
    }

    /// Steps behind `end` and gives what stands before it.
    fn step_over(&mut self, end: &str, missing: &'static str) -> Result<&'a str, DecodeError> {
        let rest = self.rest();
        let found = rest.find(end).ok_or(bad(self.at, missing))?;
        self.at += found + end.len();
        Ok(rest.get(..found).unwrap_or(""))
    }

    fn end_tag(&mut self) -> Result<Piece<'a>, DecodeError> {
        let at = self.at;
        self.at += 2;
        let name = self.step_over(">", "an end tag has no '>'")?;
        match self.open.pop() {
            Some(open) if open == name.trim_end() => Ok(Piece::End(at)),
            _ => Err(bad(at, "an end tag does not fit its start tag")),
        }
    }

    fn start_tag(&mut self) -> Result<Tag<'a>, DecodeError> {
        let at = self.at;
        self.at += 1;
        let name = self.name()?;
        let mut attributes: Vec<(&str, Cow<'a, str>)> = Vec::new();
        loop {
            let had_space = self.white_space();
            if self.take("/>") {
                return Ok(Tag { name, attributes, is_empty: true, at });
            }
            if self.take(">") {
                if self.open.len() >= DEPTH_MAX {
                    return Err(bad(at, "elements lie deeper than 64 levels"));
                }
                self.open.push(name);
                return Ok(Tag { name, attributes, is_empty: false, at });
            }
            if !had_space {
                return Err(bad(self.at, "white space is missing in a tag"));
            }
            if attributes.len() >= ATTRIBUTES_MAX {
                return Err(bad(at, "an element has more than 64 attributes"));
            }
            let key = self.name()?;
            if attributes.iter().any(|(other, _)| *other == key) {
                return Err(bad(self.at, "an attribute stands twice in a tag"));
            }
            attributes.push((key, self.value()?));
        }
    }

    fn value(&mut self) -> Result<Cow<'a, str>, DecodeError> {
        self.white_space();
        if !self.take("=") {
            return Err(bad(self.at, "an attribute has no value"));
        }
        self.white_space();
        let quote = match self.rest().as_bytes().first() {
            Some(b'"') => "\"",
            Some(b'\'') => "'",
            _ => return Err(bad(self.at, "an attribute's value has no quotes")),
        };
        self.at += 1;
        let at = self.at;
        let raw = self.step_over(quote, "an attribute's value has no end")?;
        if raw.contains('<') {
            return Err(bad(at, "an attribute's value holds a '<'"));
        }
        resolve(raw, at)
    }

    fn name(&mut self) -> Result<&'a str, DecodeError> {
        let rest = self.rest();
        let length = rest.bytes().take_while(|byte| is_name(*byte)).count();
        match rest.get(..length) {
            Some(name) if name.bytes().next().is_some_and(is_name_start) => {
                self.at += length;
                Ok(name)
            }
            _ => Err(bad(self.at, "a name is missing in a tag")),
        }
    }

    fn white_space(&mut self) -> bool {
        let is_space = |byte: &u8| matches!(byte, b' ' | b'\t' | b'\r' | b'\n');
        let count = self.rest().bytes().take_while(is_space).count();
        self.at += count;
        count > 0
    }

    fn take(&mut self, expected: &str) -> bool {
        let is_next = self.rest().starts_with(expected);
        self.at += if is_next { expected.len() } else { 0 };
        is_next
    }
}

fn bad(at: usize, reason: &'static str) -> DecodeError {
    DecodeError::Xml { at, reason }
}

/// A character that a document may hold (§2.2).
const fn is_character(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..)
}

/// Resolves the five entities and numbers of characters (§4.1, §4.6).
///
/// An `&` that begins no entity stands for itself: node-cot 12 writes call signs so.
fn resolve(raw: &str, at: usize) -> Result<Cow<'_, str>, DecodeError> {
    let mut parts = raw.split('&');
    let first = parts.next().unwrap_or("");
    if first.len() == raw.len() {
        return Ok(Cow::Borrowed(raw));
    }
    let mut text = String::with_capacity(raw.len());
    text.push_str(first);
    let wrong = bad(at, "an entity is none of the five");
    for part in parts {
        let is_in_entity = |byte: &u8| is_name(*byte) || *byte == b'#';
        let length = part.bytes().take_while(is_in_entity).count();
        match (part.get(..length), part.get(length..)) {
            (Some(entity), Some(after)) if length > 0 && after.starts_with(';') => {
                let Some(c) = character_of(entity) else { return Err(wrong) };
                text.push(c);
                text.push_str(after.get(1..).unwrap_or(""));
            }
            _ => {
                text.push('&');
                text.push_str(part);
            }
        }
    }
    Ok(Cow::Owned(text))
}

fn character_of(entity: &str) -> Option<char> {
    match entity {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        _ => {
            let number = entity.strip_prefix('#')?;
            let code = match number.strip_prefix('x') {
                Some(hex) => u32::from_str_radix(hex, 16).ok()?,
                None => number.parse().ok()?,
            };
            char::from_u32(code).filter(|c| is_character(*c))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_of_a_document_without_end_is_bounded() {
        for endless in ["<event a='", "<event><!--", "<event><a/>", "<", "<event<event", "x"] {
            let mut scanner = Scanner::default();
            for byte in endless.bytes().chain(std::iter::repeat_n(b'a', 2 * DOCUMENT_BYTES_MAX)) {
                scanner.step(byte);
                assert!(scanner.document.len() <= DOCUMENT_BYTES_MAX, "{endless}");
            }
            assert!(scanner.document.capacity() <= 2 * DOCUMENT_BYTES_MAX, "{endless}");
        }
    }

    #[test]
    fn entities_are_the_five_and_numbers() {
        // XML 1.0 §4.6 and §4.1.
        let text = resolve("&lt;&gt;&amp;&apos;&quot;&#65;&#x42; & co", 0).unwrap();
        assert_eq!(text, "<>&'\"AB & co");
        for bad in ["&nbsp;", "&#0;", "&#xD800;", "&#x110000;", "&#;", "&#x;", "&#99999999999;"] {
            assert!(resolve(bad, 0).is_err(), "{bad}");
        }
    }
}
