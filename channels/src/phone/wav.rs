//! Length of a recording, read from its own header without trusting it.

/// A WAV file (RIFF) as far as its header says how long it plays.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wav {
    /// Bytes of sound a second.
    pub byte_rate: u32,
    /// Bytes of sound that are really there.
    pub data_bytes: u64,
}

/// Most chunks that are looked at before the sound.
const MOST_CHUNKS: usize = 64;

impl Wav {
    /// Reads the header; `None` when it is no WAV file. A recorder that was cut off leaves lengths of zero or far
    /// too large: what counts is what is there.
    #[must_use]
    pub fn read(file: &[u8]) -> Option<Self> {
        if file.get(..4)? != b"RIFF" || file.get(8..12)? != b"WAVE" {
            return None;
        }
        let mut rest = file.get(12..)?;
        let mut byte_rate = None;
        for _ in 0..MOST_CHUNKS {
            let (name, size) = (rest.get(..4)?, u32::from_le_bytes(rest.get(4..8)?.try_into().ok()?));
            let there = rest.get(8..)?;
            let size = usize::try_from(size).ok()?;
            match name {
                b"fmt " => {
                    let rate = there.get(..size.min(there.len())).and_then(|fmt| fmt.get(8..12))?;
                    byte_rate = Some(u32::from_le_bytes(rate.try_into().ok()?)).filter(|rate| *rate > 0);
                }
                b"data" => {
                    let data = if size == 0 { there.len() } else { size.min(there.len()) };
                    return Some(Self { byte_rate: byte_rate?, data_bytes: data as u64 });
                }
                _ => {}
            }
            // Chunks begin at even places.
            rest = there.get(size.checked_add(size % 2)?..)?;
        }
        None
    }

    /// How long it plays, rounded.
    #[must_use]
    pub fn seconds(&self) -> u32 {
        let rate = u64::from(self.byte_rate);
        u32::try_from((self.data_bytes + rate / 2) / rate.max(1)).unwrap_or(u32::MAX)
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use proptest::prelude::*;

    /// A WAV file of silence, 8 kHz, 16 bit, one channel.
    pub(crate) fn silence(seconds: usize) -> Vec<u8> {
        let data = vec![0; 16_000 * seconds];
        let mut file = b"RIFF".to_vec();
        file.extend((36 + data.len() as u32).to_le_bytes());
        file.extend(b"WAVEfmt ");
        file.extend(16_u32.to_le_bytes());
        file.extend([1, 0, 1, 0]);
        file.extend(8_000_u32.to_le_bytes());
        file.extend(16_000_u32.to_le_bytes());
        file.extend([2, 0, 16, 0]);
        file.extend(b"LIST\x03\0\0\0abc\0");
        file.extend(b"data");
        file.extend((data.len() as u32).to_le_bytes());
        file.extend(data);
        file
    }

    #[test]
    fn the_length_is_that_of_the_sound_that_is_there() {
        let whole = silence(4);
        assert_eq!(Wav::read(&whole).map(|w| w.seconds()), Some(4));
        assert_eq!(Wav::read(&whole[..whole.len() - 32_000]).map(|w| w.seconds()), Some(2));
        let place = whole.windows(4).position(|w| w == b"data").unwrap() + 4;
        for size in [0_u32, u32::MAX] {
            let mut cut_off = whole.clone();
            cut_off[place..place + 4].copy_from_slice(&size.to_le_bytes());
            assert_eq!(Wav::read(&cut_off).map(|w| w.seconds()), Some(4), "{size}");
        }
        assert_eq!(Wav::read(b"ID3\x04mp3"), None);
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_or_refused(tail in prop::collection::vec(any::<u8>(), 0..120), flips in prop::collection::vec((0..60_usize, any::<u8>()), 0..6)) {
            let _either = Wav::read(&tail).map(|w| w.seconds());
            let mut file = silence(1);
            for (place, byte) in flips {
                file[place] = byte;
            }
            file.extend(tail);
            prop_assert!(Wav::read(&file).is_none_or(|w| w.data_bytes <= file.len() as u64));
        }
    }
}
