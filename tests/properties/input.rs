//! Bytes as a source of choices. When they have run out, every choice is the first one.

pub(crate) struct Input<'a>(pub(crate) &'a [u8]);

impl<'a> Input<'a> {
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn byte(&mut self) -> u8 {
        self.bytes(1).first().copied().unwrap_or(0)
    }

    /// Up to so many bytes.
    pub(crate) fn bytes(&mut self, count: usize) -> &'a [u8] {
        let (taken, rest) = self.0.split_at(count.min(self.0.len()));
        self.0 = rest;
        taken
    }

    pub(crate) fn number(&mut self) -> u64 {
        // Small ones in one byte, all others in as many as they take.
        let length = usize::from(self.byte());
        match length {
            0..=246 => length as u64,
            _ => self.bytes(length - 246).iter().fold(0, |number, byte| number << 8 | u64::from(*byte)),
        }
    }

    pub(crate) fn below(&mut self, bound: usize) -> usize {
        let wide = usize::from(self.byte());
        let wide = if bound > 256 { wide << 8 | usize::from(self.byte()) } else { wide };
        wide % bound.max(1)
    }

    pub(crate) fn flag(&mut self) -> bool {
        self.byte() & 1 == 1
    }

    pub(crate) fn one_of<T: Copy>(&mut self, choices: &[T]) -> T {
        choices[self.below(choices.len())]
    }

    /// Text of the bytes of a length that is given first; what is not UTF-8 is left out.
    pub(crate) fn text(&mut self) -> String {
        let length = self.below(256);
        String::from_utf8_lossy(self.bytes(length)).replace('\u{fffd}', "")
    }
}
