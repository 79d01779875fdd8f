//! Numbers and names as people read them.

/// A count with thousands separated: `12,345`.
pub fn count(n: i64) -> String {
    let digits = n.unsigned_abs().to_string();
    let mut text = String::from(if n < 0 { "−" } else { "" });
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A share as a percentage with as many decimals as distinguish it from 0 % and 100 %; `–` for no number.
pub fn percent(share: f64) -> String {
    if share.is_nan() { "–".into() } else { format!("{} %", percent_digits(share, percent_decimals(share))) }
}

/// An interval of shares: `52–70 %`; empty if an end is no number.
pub fn percent_interval(lo: f64, hi: f64) -> String {
    if lo.is_nan() || hi.is_nan() {
        return String::new();
    }
    let decimals = percent_decimals(lo).min(percent_decimals(hi));
    format!("{}–{} %", percent_digits(lo, decimals), percent_digits(hi, decimals))
}

fn percent_decimals(share: f64) -> usize {
    match share.abs().min((1.0 - share).abs()) {
        d if d >= 0.0995 => 0,
        d if d >= 0.00995 => 1,
        d if d >= 0.000_095 => 2,
        _ => 3,
    }
}

/// 0 and 1 are exact and need no decimals.
fn percent_digits(share: f64, decimals: usize) -> String {
    let decimals = if share == 0.0 || share == 1.0 { 0 } else { decimals };
    format!("{:.decimals$}", share * 100.0)
}

/// A quantity with at most `decimals` decimals and no zeros at the end.
pub fn number(x: f64, decimals: usize) -> String {
    let text = format!("{x:.decimals$}");
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
}

/// A whole number, as of a count; nothing for others.
pub fn whole(x: f64) -> String {
    if (x - x.round()).abs() < 1e-9 { number(x, 0) } else { String::new() }
}

/// A name of a table as words: `front_pocket` becomes `front pocket`.
pub fn words(name: &str) -> String {
    name.replace('_', " ")
}

/// `1 day`, `2 days`.
pub fn plural(n: i64, one: &str) -> String {
    format!("{} {one}{}", count(n), if n == 1 { "" } else { "s" })
}

/// Text made safe inside HTML, in elements and in quoted attributes.
pub fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentages_keep_what_distinguishes_them() {
        assert_eq!(percent(0.0), "0 %");
        assert_eq!(percent(1.0), "100 %");
        assert_eq!(percent(0.614), "61 %");
        assert_eq!(percent(0.0321), "3.2 %");
        assert_eq!(percent(0.984), "98.4 %");
        assert_eq!(percent(0.9996), "99.96 %");
        assert_eq!(percent(0.000_021), "0.002 %");
        assert_eq!(percent(f64::NAN), "–");
        assert_eq!(percent_interval(0.52, 0.7), "52–70 %");
        assert_eq!(percent_interval(0.948, 0.9933), "94.8–99.3 %");
        assert_eq!(percent_interval(0.0, 0.021), "0–2.1 %");
        assert_eq!(percent_interval(0.97, 1.0), "97.0–100 %");
        assert_eq!(percent_interval(0.52, f64::NAN), "");
    }

    #[test]
    fn counts_and_quantities() {
        assert_eq!(count(0), "0");
        assert_eq!(count(1_234_567), "1,234,567");
        assert_eq!(count(-1000), "−1,000");
        assert_eq!(number(1.50, 2), "1.5");
        assert_eq!(number(100.0, 0), "100");
        assert_eq!(plural(1, "day"), "1 day");
    }
}
