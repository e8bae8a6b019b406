//! Durations as Kubernetes shows ages. Upstream: apimachinery/pkg/util/duration/duration.go:HumanDuration.

use jiff::{SignedDuration, Timestamp};

/// The time of day, `14:32`; with the day before it when that is another one than that of `beside`.
pub fn time_of_day(at: Timestamp, beside: Timestamp) -> String {
    let day = |at: Timestamp| at.strftime("%Y-%m-%d").to_string();
    let format = if day(at) == day(beside) { "%H:%M" } else { "%Y-%m-%d %H:%M" };
    at.strftime(format).to_string()
}

/// `5s`, `3m20s`, `150m`, `5h12m`, `30h`, `4d6h`, `218d`, `3y40d`: at most two units, coarser with age.
pub fn human_duration(span: SignedDuration) -> String {
    let seconds = span.as_secs();
    if seconds < -1 {
        return "<invalid>".to_owned();
    }
    if seconds < 0 {
        return "0s".to_owned();
    }
    let (minutes, hours) = (seconds / 60, seconds / 3600);
    let (days, years) = (hours / 24, hours / 24 / 365);
    let two = |big: i64, unit: char, small: i64, small_unit: char| match small {
        0 => format!("{big}{unit}"),
        _ => format!("{big}{unit}{small}{small_unit}"),
    };
    match () {
        () if seconds < 120 => format!("{seconds}s"),
        () if minutes < 10 => two(minutes, 'm', seconds % 60, 's'),
        () if minutes < 180 => format!("{minutes}m"),
        () if hours < 8 => two(hours, 'h', minutes % 60, 'm'),
        () if hours < 48 => format!("{hours}h"),
        () if hours < 192 => two(days, 'd', hours % 24, 'h'),
        () if days < 730 => format!("{days}d"),
        () if days < 8 * 365 => two(years, 'y', days % 365, 'd'),
        () => format!("{years}y"),
    }
}

#[cfg(test)]
mod tests {
    use super::human_duration;
    use jiff::SignedDuration;

    #[test]
    fn ages() {
        let rows = [
            (-5, "<invalid>"),
            (-1, "0s"),
            (0, "0s"),
            (45, "45s"),
            (119, "119s"),
            (120, "2m"),
            (200, "3m20s"),
            (599, "9m59s"),
            (600, "10m"),
            (9000, "150m"),
            (3 * 3600, "3h"),
            (5 * 3600 + 720, "5h12m"),
            (8 * 3600, "8h"),
            (30 * 3600, "30h"),
            (48 * 3600, "2d"),
            (4 * 86400 + 6 * 3600, "4d6h"),
            (8 * 86400, "8d"),
            (218 * 86400, "218d"),
            (730 * 86400, "2y"),
            (3 * 365 * 86400 + 40 * 86400, "3y40d"),
            (9 * 365 * 86400, "9y"),
        ];
        for (seconds, want) in rows {
            assert_eq!(human_duration(SignedDuration::from_secs(seconds)), want, "{seconds} s");
        }
    }
}
