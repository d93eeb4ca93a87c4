//! A recording that plays again, moved to now.

use std::collections::VecDeque;
use std::fmt;
use std::io::{BufRead, BufReader, Read};
use std::sync::Arc;

use flate2::read::GzDecoder;
use picket_model::Time;

use crate::{Door, Emission};

/// Lines that a receiver heard, played once at their own pace and moved to a new start.
///
/// **Pace.** One station of the feed writes its satellite clock (`$GPZDA`) once a second.
/// Those lines are the recording's time; the lines between two of them are spread evenly.
/// (The Unix times behind some sentences lie 1 to 6 s before that and out of order: these
/// sentences came to the feed by a longer way.)
///
/// **Start.** AIS reports say only the second of their minute. So the recording is moved by
/// whole minutes: it begins at the line whose second of the minute is that of `start`, which
/// leaves out less than its first minute.
///
/// **Bytes.** Receive times behind a checksum (`*30,1327664821`) and in a tag block
/// (`\c:1327664821*hh\`, whose checksum is made anew) are moved with it. All else is played
/// byte for byte, damaged lines too; so clock lines and base stations still say 2012.
///
/// **End.** It plays once and then is silent. Played again, every ship would leap back to where
/// it was six minutes ago, and Picket would rightly call that impossible.
pub struct Recording {
    device: Arc<str>,
    lines: Box<dyn BufRead + Send + Sync>,
    start: Time,
    /// The recording's clock at the last clock line that was read, and how far it is moved.
    clock: Option<(Time, i64)>,
    /// Read and timed, not yet played: the lines of one second.
    ready: VecDeque<(Time, Vec<u8>)>,
}

impl fmt::Debug for Recording {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Recording")
            .field("device", &self.device)
            .field("start", &self.start)
            .field("clock", &self.clock)
            .field("ready", &self.ready.len())
            .finish_non_exhaustive()
    }
}

impl Recording {
    /// The bundled recording of the Australian coast: about 116 lines a second for 6 min 25 s.
    ///
    /// Source, commit and licence stand in `recordings/README.md`. It is unpacked as it is
    /// played; at most a second of it is in memory.
    #[must_use]
    pub fn amsa(start: Time) -> Self {
        let packed: &'static [u8] = include_bytes!("../recordings/amsa-2012-01-27.nmea.gz");
        Self::play("ais-amsa-2012", BufReader::new(GzDecoder::new(packed)), start)
    }

    fn play(device: &str, lines: impl BufRead + Send + Sync + 'static, start: Time) -> Self {
        let mut recording = Self {
            device: Arc::from(device),
            lines: Box::new(lines),
            start,
            clock: None,
            ready: VecDeque::new(),
        };
        recording.refill();
        recording
    }

    /// The receiver's name, as [`Emission::device`] has it.
    #[must_use]
    pub const fn device(&self) -> &Arc<str> {
        &self.device
    }

    /// When its next line is due; `None` once it has ended.
    #[must_use]
    pub fn next_at(&self) -> Option<Time> {
        self.ready.front().map(|&(at, _)| at)
    }

    /// Appends the lines that are due up to and at `now`, in order, at most
    /// [`EMISSIONS_MAX`](crate::EMISSIONS_MAX) at a time: call again while
    /// [`next_at`](Self::next_at) is not later.
    pub fn emit(&mut self, now: Time, out: &mut Vec<Emission>) {
        for _ in 0..crate::EMISSIONS_MAX {
            if self.next_at().is_none_or(|at| at > now) {
                return;
            }
            if let Some((at, bytes)) = self.ready.pop_front() {
                out.push(Emission { at, device: Arc::clone(&self.device), door: Door::Ais, bytes });
            }
            if self.ready.is_empty() {
                self.refill();
            }
        }
    }

    /// Reads on to the next clock line that has something to play; leaves `ready` empty at the end.
    fn refill(&mut self) {
        let mut lines = Vec::new();
        while self.ready.is_empty() {
            let Some(line) = self.read_line() else {
                self.time_tail(lines);
                return;
            };
            let clock = clock_of(&line);
            lines.push(line);
            if lines.len() >= SECOND_LINES_MAX {
                // Without a clock, time stands still.
                let until = self.clock.map(|(until, _)| until);
                self.time_lines(std::mem::take(&mut lines), until);
            } else if let Some(clock) = clock
                && self.clock.is_none_or(|(last, _)| clock > last)
            {
                self.time_lines(std::mem::take(&mut lines), Some(clock));
            }
        }
    }

    /// The next line with its end; the rest of an overlong one comes as further lines.
    /// A damaged archive ends where the damage begins.
    fn read_line(&mut self) -> Option<Vec<u8>> {
        let mut line = Vec::new();
        let mut bounded = self.lines.by_ref().take(LINE_BYTES_MAX);
        bounded.read_until(b'\n', &mut line).ok()?;
        (!line.is_empty()).then_some(line)
    }

    /// Spreads lines from the last clock to this one, and keeps those from `start` on.
    fn time_lines(&mut self, lines: Vec<Vec<u8>>, until: Option<Time>) {
        let Some(until) = until else { return };
        let (since, moved_ns) = self.clock.unwrap_or_else(|| (until, self.moved_ns(until)));
        self.clock = Some((until, moved_ns));
        self.spread(lines, since, until, moved_ns);
    }

    /// What follows the last clock line takes a second.
    fn time_tail(&mut self, lines: Vec<Vec<u8>>) {
        if let Some((since, moved_ns)) = self.clock {
            self.spread(lines, since, since.plus_s(1.0), moved_ns);
        }
    }

    fn spread(&mut self, lines: Vec<Vec<u8>>, since: Time, until: Time, moved_ns: i64) {
        let count = i64::try_from(lines.len()).unwrap_or(i64::MAX);
        let step_ns = (until.0 - since.0).checked_div(count).unwrap_or(0);
        let mut at = Time(since.0.saturating_add(moved_ns));
        for line in lines {
            at = Time(at.0.saturating_add(step_ns));
            if at >= self.start {
                self.ready.push_back((at, moved(line, moved_ns.div_euclid(1_000_000_000))));
            }
        }
    }

    /// How far to move a recording whose clock first says `first`: whole minutes, so that its
    /// beginning is not after the start.
    fn moved_ns(&self, first: Time) -> i64 {
        self.start.0.saturating_sub(first.0).div_euclid(MINUTE_NS).saturating_mul(MINUTE_NS)
    }
}

const MINUTE_NS: i64 = 60_000_000_000;
/// Most lines between two clock lines; the bundled recording has up to 253.
const SECOND_LINES_MAX: usize = 4_096;
/// Longest line, with its end: an NMEA sentence has 82 characters, a tag block 80 more.
const LINE_BYTES_MAX: u64 = 1_024;

/// The time of a `$GPZDA` line: `hhmmss.ss,dd,mm,yyyy`.
///
/// Standard: NMEA 0183 version 4.11, sentence ZDA.
fn clock_of(line: &[u8]) -> Option<Time> {
    let text = std::str::from_utf8(line).ok()?.trim_end();
    let (body, sum) = text.strip_prefix('$')?.split_once('*')?;
    if u8::from_str_radix(sum, 16).ok()? != xor(body.as_bytes()) {
        return None;
    }
    let mut fields = body.strip_prefix("GPZDA,")?.split(',');
    let (clock, day, month, year) =
        (fields.next()?, fields.next()?, fields.next()?, fields.next()?);
    let (hour, minute, second) = (clock.get(0..2)?, clock.get(2..4)?, clock.get(4..)?);
    Time::parse_rfc3339(&format!("{year}-{month}-{day}T{hour}:{minute}:{second}Z"))
}

/// The line with its receive times moved by so many seconds.
fn moved(line: Vec<u8>, by_s: i64) -> Vec<u8> {
    match move_tag_block(&line, by_s).or_else(|| move_suffix(&line, by_s)) {
        Some(line) => line,
        None => line,
    }
}

/// Unix seconds behind the checksum: `!AIVDM,..*30,1327664821`.
fn move_suffix(line: &[u8], by_s: i64) -> Option<Vec<u8>> {
    let text = std::str::from_utf8(line).ok()?;
    let end = text.trim_end_matches(['\r', '\n']);
    let (sentence, seconds) = end.rsplit_once(',')?;
    let (_, sum) = sentence.rsplit_once('*')?;
    if sum.len() != 2 || seconds.len() != UNIX_DIGITS {
        return None;
    }
    let seconds = digits(seconds)?.checked_add(by_s)?;
    Some(format!("{sentence},{seconds}{}", text.get(end.len()..)?).into_bytes())
}

/// Unix seconds or milliseconds in a tag block: `\s:station,c:1327664821*hh\!AIVDM,..`.
///
/// Standard: NMEA 0183 version 4.11 §7, parameter `c`.
fn move_tag_block(line: &[u8], by_s: i64) -> Option<Vec<u8>> {
    let text = std::str::from_utf8(line).ok()?;
    let (block, sentence) = text.strip_prefix('\\')?.split_once('\\')?;
    let (body, sum) = block.rsplit_once('*')?;
    if u8::from_str_radix(sum, 16).ok()? != xor(body.as_bytes()) {
        return None;
    }
    let parameters: Option<Vec<String>> =
        body.split(',').map(|parameter| move_parameter(parameter, by_s)).collect();
    let body = parameters?.join(",");
    let sum = xor(body.as_bytes());
    let sentence = move_suffix(sentence.as_bytes(), by_s)
        .and_then(|moved| String::from_utf8(moved).ok())
        .unwrap_or_else(|| sentence.to_owned());
    Some(format!("\\{body}*{sum:02X}\\{sentence}").into_bytes())
}

fn move_parameter(parameter: &str, by_s: i64) -> Option<String> {
    let Some(clock) = parameter.strip_prefix("c:") else { return Some(parameter.to_owned()) };
    let unit = if clock.len() == UNIX_DIGITS { 1 } else { 1_000 };
    let clock = digits(clock)?.checked_add(by_s.checked_mul(unit)?)?;
    Some(format!("c:{clock}"))
}

/// Digits of Unix seconds from 2001 to 2286.
const UNIX_DIGITS: usize = 10;

fn digits(text: &str) -> Option<i64> {
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok()).flatten()
}

fn xor(bytes: &[u8]) -> u8 {
    bytes.iter().fold(0, |sum, byte| sum ^ byte)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 11:47:00Z of the recording's day; its first clock line says 11:47:02.51.
    const MINUTE_1147: i64 = 1_327_664_820;

    fn all(recording: &mut Recording) -> Vec<Emission> {
        let mut out = Vec::new();
        while let Some(at) = recording.next_at() {
            recording.emit(at, &mut out);
        }
        out
    }

    fn unpacked() -> Vec<u8> {
        let packed: &[u8] = include_bytes!("../recordings/amsa-2012-01-27.nmea.gz");
        let mut text = Vec::new();
        GzDecoder::new(packed).read_to_end(&mut text).unwrap();
        text
    }

    #[test]
    fn played_at_its_own_time_it_is_the_recording_byte_for_byte() {
        let mut recording = Recording::amsa(Time::from_unix_ms(MINUTE_1147 * 1_000 + 2_510));
        let played: Vec<u8> = all(&mut recording).into_iter().flat_map(|line| line.bytes).collect();
        let original = unpacked();
        // 44,687 lines are what shared/data counts; the file's own length is the oracle here.
        assert_eq!(original.iter().filter(|&&byte| byte == b'\n').count(), 44_687);
        assert_eq!(played.len(), original.len());
        assert!(played == original);
    }

    #[test]
    fn moved_to_another_day_only_receive_times_differ_and_seconds_of_the_minute_stay() {
        // 2026-03-01T20:00:30Z: 30 seconds into a minute, so the first 28 s are left out.
        let start = Time::parse_rfc3339("2026-03-01T20:00:30Z").unwrap();
        let mut recording = Recording::amsa(start);
        let played = all(&mut recording);
        let first = played.first().unwrap();
        assert!((0.0..1.0).contains(&first.at.since_s(start)), "{first:?}");
        let last = played.last().unwrap().at.since_s(start);
        // 11:47:30 to the last clock line, 11:53:27.5, and a second of rest.
        assert!((last - 358.5).abs() < 0.1, "{last}");
        let by_s = start.unix_s() - (MINUTE_1147 + 30);
        assert_eq!(by_s.rem_euclid(60), 0);
        let original = unpacked();
        let lines: Vec<&[u8]> = original.split_inclusive(|&byte| byte == b'\n').collect();
        let tail = lines.get(lines.len() - played.len()..).unwrap();
        let mut suffixes = 0;
        for (now, then) in played.iter().zip(tail) {
            let (now, then) = (String::from_utf8_lossy(&now.bytes), String::from_utf8_lossy(then));
            if now == then {
                continue;
            }
            suffixes += 1;
            let (head, seconds) = now.trim_end().rsplit_once(',').unwrap();
            let (head_then, seconds_then) = then.trim_end().rsplit_once(',').unwrap();
            assert_eq!(head, head_then);
            let moved = seconds.parse::<i64>().unwrap() - seconds_then.parse::<i64>().unwrap();
            assert_eq!(moved, by_s);
        }
        assert!(suffixes > 700, "of the file's 851 suffixes, {suffixes} were moved");
    }

    #[test]
    fn time_never_runs_back_and_a_late_caller_gets_it_in_pieces() {
        let start = Time::from_unix_s(1_700_000_000);
        let mut recording = Recording::amsa(start);
        let mut out = Vec::new();
        let mut calls = 0;
        while recording.next_at().is_some() {
            let before = out.len();
            recording.emit(start.plus_s(1e6), &mut out);
            assert!(out.len() - before <= crate::EMISSIONS_MAX);
            assert!(recording.ready.len() <= SECOND_LINES_MAX);
            calls += 1;
        }
        assert!(calls > 30, "{calls}");
        assert!(out.windows(2).all(|pair| pair[0].at <= pair[1].at));
        assert!(out.iter().all(|line| line.door == Door::Ais && line.at >= start));
    }

    #[test]
    fn moves_times_behind_the_checksum_and_in_tag_blocks() {
        let check = |line: &str, expected: &str| {
            let moved = moved(line.as_bytes().to_vec(), 60);
            assert_eq!(String::from_utf8(moved).unwrap(), expected);
        };
        check("!AIVDM,1,1,,A,1,0*30,1327664821\r\n", "!AIVDM,1,1,,A,1,0*30,1327664881\r\n");
        check("!AIVDM,1,1,,A,1,0*30\n", "!AIVDM,1,1,,A,1,0*30\n");
        check(
            "$PVOL,MSSIS,9103,HEARTBEAT,199022,1327664824*21\n",
            "$PVOL,MSSIS,9103,HEARTBEAT,199022,1327664824*21\n",
        );
        // Sums computed by hand: XOR of `c:1000000000` is 0x58 ('c'^':'^'1'^nine '0's),
        // of `c:1000000060` 0x5E; a sum that is wrong stays wrong.
        check(
            "\\c:1000000000*58\\!AIVDM,1,1,,A,1,0*30\n",
            "\\c:1000000060*5E\\!AIVDM,1,1,,A,1,0*30\n",
        );
        check(
            "\\c:1000000000*59\\!AIVDM,1,1,,A,1,0*30\n",
            "\\c:1000000000*59\\!AIVDM,1,1,,A,1,0*30\n",
        );
    }

    #[test]
    fn lines_without_any_clock_are_not_played() {
        let lines = std::io::Cursor::new(b"!AIVDM,1,1,,A,1,0*30\n".repeat(10_000));
        let recording = Recording::play("none", lines, Time::from_unix_s(0));
        assert_eq!(recording.next_at(), None);
    }
}
