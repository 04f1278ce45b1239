//! What bytes that were drawn look like.
#![allow(clippy::indexing_slicing, reason = "a test may panic")]

/// Fails if one of many draws repeats another, or a bit is the same in all of them: then less was drawn than is
/// claimed. Of a hundred draws, a bit is so by chance once in 2⁹⁹ tries.
#[track_caller]
pub(crate) fn assert_all_of_it_is_drawn(draws: &[Vec<u8>]) {
    let (length, count) = (draws[0].len(), draws.len());
    assert!(count >= 100 && draws.iter().all(|draw| draw.len() == length));
    assert_eq!(draws.iter().collect::<std::collections::HashSet<_>>().len(), count, "one repeats another");
    for bit in 0..8 * length {
        let ones = draws.iter().filter(|draw| draw[bit / 8] >> (bit % 8) & 1 == 1).count();
        assert!((1..count).contains(&ones), "bit {bit} is the same in all of them");
    }
}
