//! Bars and dots: how far something has come.

/// One sign for each step: `●` done, `◐` here, `○` to come.
pub fn dots(done: &[bool], here: Option<usize>) -> String {
    done.iter()
        .enumerate()
        .map(|(index, done)| match (done, here) {
            (true, _) => '●',
            (false, Some(at)) if at == index => '◐',
            (false, _) => '○',
        })
        .collect()
}

/// A life of `width` cells: `━` has passed, `▌` is now, `─` is left, and each mark has its sign. Places are parts of one.
pub fn life_bar(width: usize, now: f64, marks: &[(f64, char)]) -> String {
    let place = |part: f64| {
        let last = width.saturating_sub(1);
        #[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        let at = (part.clamp(0.0, 1.0) * last as f64).round() as usize;
        at.min(last)
    };
    let now = place(now);
    let mark = |at: usize| marks.iter().find(|(mark, _)| place(*mark) == at).map(|(_, sign)| *sign);
    (0..width)
        .map(|at| match mark(at) {
            _ if at == now => '▌',
            Some(sign) => sign,
            None if at < now => '━',
            None => '─',
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{dots, life_bar};

    #[test]
    fn steps() {
        assert_eq!(dots(&[true, false, true, false], Some(1)), "●◐●○");
        assert_eq!(dots(&[], None), "");
    }

    #[test]
    fn lives() {
        assert_eq!(life_bar(9, 0.0, &[(1.0, '┊')]), "▌───────┊");
        assert_eq!(life_bar(9, 0.5, &[]), "━━━━▌────");
        assert_eq!(life_bar(9, 7.0, &[(0.5, '┊')]), "━━━━┊━━━▌");
        assert_eq!(life_bar(0, 0.5, &[]), "");
        assert_eq!(life_bar(3, f64::NAN, &[]), "▌──");
        assert_eq!(life_bar(9, 0.2, &[(0.5, '┊'), (0.75, '╎')]), "━━▌─┊─╎──");
    }
}
