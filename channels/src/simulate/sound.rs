//! Recordings that sound like something.

/// Samples a second, as telephones have them.
const RATE: u32 = 8000;

/// A WAV file of 16 bits and one channel: a tone that rises and falls like a voice, a little different for each
/// `seed`.
#[must_use]
pub fn tone(seconds: u32, seed: u64) -> Vec<u8> {
    let samples = RATE * seconds.clamp(1, 600);
    let bytes = samples * 2;
    let mut wav = Vec::with_capacity(44 + bytes as usize);
    wav.extend_from_slice(b"RIFF");
    wav.extend_from_slice(&(36 + bytes).to_le_bytes());
    wav.extend_from_slice(b"WAVEfmt \x10\0\0\0\x01\0\x01\0");
    wav.extend_from_slice(&RATE.to_le_bytes());
    wav.extend_from_slice(&(RATE * 2).to_le_bytes());
    wav.extend_from_slice(b"\x02\0\x10\0data");
    wav.extend_from_slice(&bytes.to_le_bytes());
    let pitch = 110.0 + (seed % 120) as f32;
    for n in 0..samples {
        let t = n as f32 / RATE as f32;
        // Syllables: three a second.
        let loudness = (t * 3.0 * std::f32::consts::PI).sin().abs();
        let wave = (t * pitch * std::f32::consts::TAU).sin();
        wav.extend_from_slice(&((wave * loudness * 9000.0) as i16).to_le_bytes());
    }
    wav
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::phone::wav::Wav;

    #[test]
    fn a_recording_lasts_as_long_as_it_says() {
        assert_eq!(Wav::read(&tone(3, 7)).map(|wav| wav.seconds()), Some(3));
        assert_ne!(tone(1, 1), tone(1, 2), "two callers do not sound alike");
    }
}
