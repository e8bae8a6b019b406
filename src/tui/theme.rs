//! Colours by meaning, in one place. Each meaning also has a sign or a word, so that the screen reads well without them.
//!
//! A terminal with 256 colours is painted, ground and all. Its own ground is whatever the learner's scheme made of it; no
//! colour can be read on every one of them, and a learner would have to find out why a hint cannot be seen. On a ground of
//! our own the contrast is known, and tested. The colours are numbers from 16 up, which no scheme changes, and which
//! terminals with true colour have as well.
//!
//! Where there are 16 colours, they are the scheme's. Then the ground is left as it is, and only such colours are used
//! as no common scheme has for its ground or next to it: neither black, white nor the bright ones (Solarized has greys
//! there), and no blue.

use ratatui::buffer::Buffer;
use ratatui::style::{Color, Modifier, Style};

use super::settings::Colours;

/// What a colour says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Meaning {
    /// Nothing special.
    Plain,
    /// What to do now.
    Accent,
    /// True now.
    Good,
    /// Changed, or about to change.
    Change,
    /// Refused, wrong, gone.
    Refused,
    /// Beside the point: hints, ages, what is not selected.
    Dim,
    /// Words to type, or names of things in the cluster.
    Code,
    /// A title.
    Title,
}

impl Meaning {
    /// Every meaning.
    pub const ALL: &[Self] =
        &[Self::Plain, Self::Accent, Self::Good, Self::Change, Self::Refused, Self::Dim, Self::Code, Self::Title];
}

/// How meanings look.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Theme {
    /// Whether colours may be used; `NO_COLOR` says no.
    pub colour: bool,
    /// Which ones the learner wants.
    pub choice: Colours,
    /// Whether there are 256 of them.
    pub many: bool,
    /// Whether the terminal's own ground is light.
    pub is_light: bool,
}

/// The colours of a theme, by their numbers among the 256.
struct Palette {
    ground: u8,
    text: u8,
    accent: u8,
    good: u8,
    change: u8,
    refused: u8,
    dim: u8,
    code: u8,
}

const DARK: Palette =
    Palette { ground: 234, text: 252, accent: 87, good: 70, change: 222, refused: 210, dim: 246, code: 147 };
const LIGHT: Palette =
    Palette { ground: 231, text: 235, accent: 25, good: 22, change: 130, refused: 161, dim: 242, code: 54 };
const HIGH_CONTRAST: Palette =
    Palette { ground: 16, text: 231, accent: 51, good: 70, change: 226, refused: 210, dim: 250, code: 183 };
/// Blue, yellow and orange, and a green light enough to be told from them: apart by hue for some eyes, by lightness for
/// others, and apart from plain and dim text as well.
const COLOUR_BLIND: Palette =
    Palette { ground: 234, text: 252, accent: 157, good: 75, change: 220, refused: 209, dim: 246, code: 189 };

impl Theme {
    /// The style of a meaning.
    pub fn style(self, meaning: Meaning) -> Style {
        let plain = Style::new();
        let bold = plain.add_modifier(Modifier::BOLD);
        if !self.colour {
            return match meaning {
                Meaning::Accent | Meaning::Title | Meaning::Refused => bold,
                Meaning::Dim if self.choice != Colours::HighContrast => plain.add_modifier(Modifier::DIM),
                _ => plain,
            };
        }
        let Some(palette) = self.palette() else { return self.of_sixteen(meaning) };
        match meaning {
            Meaning::Plain => plain,
            Meaning::Accent => bold.fg(Color::Indexed(palette.accent)),
            Meaning::Good => plain.fg(Color::Indexed(palette.good)),
            Meaning::Change => plain.fg(Color::Indexed(palette.change)),
            Meaning::Refused => plain.fg(Color::Indexed(palette.refused)),
            Meaning::Dim => plain.fg(Color::Indexed(palette.dim)),
            Meaning::Code => plain.fg(Color::Indexed(palette.code)),
            Meaning::Title => bold,
        }
    }

    /// In the colours of the learner's scheme. What these do not carry, weight and lines do.
    fn of_sixteen(self, meaning: Meaning) -> Style {
        let plain = Style::new();
        let (bold, dim) = (plain.add_modifier(Modifier::BOLD), plain.add_modifier(Modifier::DIM));
        let lined = Modifier::UNDERLINED;
        match (self.resolved(), meaning) {
            (_, Meaning::Plain) => plain,
            (_, Meaning::Title) => bold,
            (Colours::HighContrast, Meaning::Dim) => plain,
            (_, Meaning::Dim) => dim,
            // On white, green, yellow and cyan are hardly seen.
            (Colours::Light, Meaning::Accent) => bold.fg(Color::Magenta),
            (Colours::Light, Meaning::Change) => plain.fg(Color::Magenta),
            (Colours::Light, Meaning::Good | Meaning::Code) => bold,
            (Colours::HighContrast, Meaning::Accent | Meaning::Good | Meaning::Code) => bold,
            (Colours::HighContrast, Meaning::Change) => plain.add_modifier(lined),
            (Colours::HighContrast | Colours::ColourBlind, Meaning::Refused) => bold.add_modifier(lined),
            (Colours::ColourBlind, Meaning::Accent) => bold,
            (Colours::ColourBlind, Meaning::Good) => plain.fg(Color::Cyan),
            (Colours::ColourBlind, Meaning::Change) => plain.fg(Color::Yellow).add_modifier(lined),
            (_, Meaning::Accent) => bold.fg(Color::Cyan),
            (_, Meaning::Good) => plain.fg(Color::Green),
            (_, Meaning::Change) => plain.fg(Color::Yellow),
            (_, Meaning::Refused) => bold.fg(Color::Red),
            (_, Meaning::Code) => plain.fg(Color::Cyan),
        }
    }

    /// The theme that `auto` stands for, or the one that was chosen.
    fn resolved(self) -> Colours {
        match self.choice {
            Colours::Auto if self.is_light => Colours::Light,
            Colours::Auto => Colours::Dark,
            choice => choice,
        }
    }

    fn palette(self) -> Option<&'static Palette> {
        (self.colour && self.many).then(|| match self.resolved() {
            Colours::Auto | Colours::Dark => &DARK,
            Colours::Light => &LIGHT,
            Colours::HighContrast => &HIGH_CONTRAST,
            Colours::ColourBlind => &COLOUR_BLIND,
        })
    }

    /// The colour of plain text and the one of the ground, where the screen is painted.
    pub fn ground(self) -> Option<(Color, Color)> {
        self.palette().map(|palette| (Color::Indexed(palette.text), Color::Indexed(palette.ground)))
    }

    /// Paints what has no colour of its own.
    pub fn paint(self, buf: &mut Buffer) {
        let Some((text, ground)) = self.ground() else { return };
        for cell in &mut buf.content {
            if cell.fg == Color::Reset {
                cell.fg = text;
            }
            if cell.bg == Color::Reset {
                cell.bg = ground;
            }
        }
    }

    /// Whether what is dim is seen to be so. Where it is not, it could be taken for what is typed.
    pub fn has_grey(self) -> bool {
        self.colour && (self.many || self.choice != Colours::HighContrast)
    }

    /// The block cursor, and the selected line.
    pub fn cursor(self) -> Style {
        Style::new().add_modifier(Modifier::REVERSED)
    }
}

#[cfg(test)]
mod tests {
    use super::{Meaning, Theme};
    use crate::tui::settings::Colours;
    use ratatui::style::{Color, Modifier};

    type Rgb = [f64; 3];

    fn theme(choice: Colours, many: bool) -> Theme {
        Theme { colour: true, choice, many, is_light: choice == Colours::Light }
    }

    /// Red, green and blue of one of the 256 colours: a cube of six steps, then greys.
    fn rgb(colour: Color) -> [u8; 3] {
        let Color::Indexed(number @ 16..) = colour else { panic!("{colour:?} is the scheme's") };
        if number >= 232 {
            return [8 + 10 * (number - 232); 3];
        }
        let step = |at: u8| if at == 0 { 0 } else { 55 + 40 * at };
        [(number - 16) / 36, (number - 16) / 6 % 6, (number - 16) % 6].map(step)
    }

    fn linear(colour: [u8; 3]) -> Rgb {
        colour.map(|part| {
            let part = f64::from(part) / 255.0;
            if part <= 0.04045 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) }
        })
    }

    /// WCAG 2: from 1 to 21.
    fn contrast(one: [u8; 3], other: [u8; 3]) -> f64 {
        let light = |colour| {
            let [red, green, blue] = linear(colour);
            0.2126 * red + 0.7152 * green + 0.0722 * blue + 0.05
        };
        let (one, other): (f64, f64) = (light(one), light(other));
        one.max(other) / one.min(other)
    }

    #[test]
    fn what_is_painted_can_be_read() {
        assert!((contrast([0; 3], [255; 3]) - 21.0).abs() < 0.01);
        for choice in Colours::ALL {
            let least = if *choice == Colours::HighContrast { 7.0 } else { 4.5 };
            let theme = theme(*choice, true);
            let (text, ground) = theme.ground().expect("painted");
            for meaning in Meaning::ALL {
                let style = theme.style(*meaning);
                assert!(!style.add_modifier.contains(Modifier::DIM), "{choice:?} {meaning:?}");
                let seen = contrast(rgb(style.fg.unwrap_or(text)), rgb(ground));
                assert!(seen >= least, "{choice:?} {meaning:?}: {seen:.2}");
            }
        }
    }

    /// What the ground is in common schemes, and what they make of red, green, yellow, magenta and cyan.
    const SCHEMES: &[(&str, Colours, u32, [u32; 5])] = &[
        ("xterm", Colours::Dark, 0x00_0000, [0xcd_0000, 0x00_cd00, 0xcd_cd00, 0xcd_00cd, 0x00_cdcd]),
        ("Linux console", Colours::Dark, 0x00_0000, [0xaa_0000, 0x00_aa00, 0xaa_5500, 0xaa_00aa, 0x00_aaaa]),
        ("Campbell", Colours::Dark, 0x0c_0c0c, [0xc5_0f1f, 0x13_a10e, 0xc1_9c00, 0x88_1798, 0x3a_96dd]),
        ("Tango", Colours::Dark, 0x2e_3436, [0xcc_0000, 0x4e_9a06, 0xc4_a000, 0x75_507b, 0x06_989a]),
        ("Solarized Dark", Colours::Dark, 0x00_2b36, [0xdc_322f, 0x85_9900, 0xb5_8900, 0xd3_3682, 0x2a_a198]),
        ("xterm, white", Colours::Light, 0xff_ffff, [0xcd_0000, 0x00_cd00, 0xcd_cd00, 0xcd_00cd, 0x00_cdcd]),
        ("Tango, light", Colours::Light, 0xff_ffff, [0xcc_0000, 0x4e_9a06, 0xc4_a000, 0x75_507b, 0x06_989a]),
        ("Solarized Light", Colours::Light, 0xfd_f6e3, [0xdc_322f, 0x85_9900, 0xb5_8900, 0xd3_3682, 0x2a_a198]),
    ];

    #[test]
    fn of_sixteen_colours_none_is_a_ground() {
        let parts = |colour: u32| [16, 8, 0].map(|shift| u8::try_from(colour >> shift & 0xff).expect("a byte"));
        for choice in Colours::ALL {
            let theme = theme(*choice, false);
            assert_eq!(theme.ground(), None);
            for meaning in Meaning::ALL {
                let style = theme.style(*meaning);
                assert_eq!(style.bg, None, "{choice:?} {meaning:?}");
                let at = match style.fg {
                    None => continue,
                    Some(Color::Red) => 0,
                    Some(Color::Green) => 1,
                    Some(Color::Yellow) => 2,
                    Some(Color::Magenta) => 3,
                    Some(Color::Cyan) => 4,
                    Some(other) => panic!("{choice:?} {meaning:?}: {other:?} may be the ground"),
                };
                for (name, ground_of, ground, colours) in SCHEMES {
                    if theme.resolved() == *ground_of {
                        let seen = contrast(parts(colours[at]), parts(*ground));
                        // The scheme is the learner's choice; here it is enough that nothing vanishes.
                        assert!(seen >= 2.0, "{choice:?} {meaning:?} in {name}: {seen:.2}");
                    }
                }
            }
        }
    }

    /// How eyes that lack one of three sorts of cones see a colour. Machado, Oliveira and Fernandes (2009), at full severity.
    const VISIONS: &[(&str, [Rgb; 3])] = &[
        ("all cones", [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]]),
        (
            "protanopia",
            [
                [0.152_286, 1.052_583, -0.204_868],
                [0.114_503, 0.786_281, 0.099_216],
                [-0.003_882, -0.048_116, 1.051_998],
            ],
        ),
        (
            "deuteranopia",
            [[0.367_322, 0.860_646, -0.227_968], [0.280_085, 0.672_501, 0.047_413], [-0.011_820, 0.042_940, 0.968_881]],
        ),
        (
            "tritanopia",
            [
                [1.255_528, -0.076_749, -0.178_779],
                [-0.078_411, 0.930_809, 0.147_602],
                [0.004_733, 0.691_367, 0.303_900],
            ],
        ),
    ];

    fn seen(colour: [u8; 3], vision: &[Rgb; 3]) -> Rgb {
        let colour = linear(colour);
        vision.map(|row| row.iter().zip(colour).map(|(much, part)| much * part).sum::<f64>().clamp(0.0, 1.0))
    }

    /// CIE L*a*b*, under D65.
    fn lab([red, green, blue]: Rgb) -> Rgb {
        let bent = |part: f64| if part > 0.008_856 { part.cbrt() } else { (903.3 * part + 16.0) / 116.0 };
        let x = bent((0.412_456 * red + 0.357_576 * green + 0.180_438 * blue) / 0.950_47);
        let y = bent(0.212_673 * red + 0.715_152 * green + 0.072_175 * blue);
        let z = bent((0.019_334 * red + 0.119_192 * green + 0.950_304 * blue) / 1.088_83);
        [116.0 * y - 16.0, 500.0 * (x - y), 200.0 * (y - z)]
    }

    /// The least distance of any two, as eyes of this kind see them: below 2 they are one colour, above 10 they are told apart at
    /// a glance.
    fn nearest(theme: Theme, meanings: &[Meaning], vision: &[Rgb; 3]) -> f64 {
        let (text, _) = theme.ground().expect("painted");
        let look = |meaning: &Meaning| lab(seen(rgb(theme.style(*meaning).fg.unwrap_or(text)), vision));
        let looks: Vec<Rgb> = meanings.iter().map(look).collect();
        let far = |one: &Rgb, other: &Rgb| one.iter().zip(other).map(|(a, b)| (a - b).powi(2)).sum::<f64>().sqrt();
        let pairs =
            looks.iter().enumerate().flat_map(|(at, one)| looks[at + 1..].iter().map(move |other| far(one, other)));
        pairs.fold(f64::INFINITY, f64::min)
    }

    #[test]
    fn meanings_are_told_apart() {
        const SAID: &[Meaning] = &[Meaning::Accent, Meaning::Good, Meaning::Change, Meaning::Refused];
        const ALL: &[Meaning] =
            &[Meaning::Accent, Meaning::Good, Meaning::Change, Meaning::Refused, Meaning::Plain, Meaning::Dim];
        for choice in Colours::ALL {
            for (at, (name, vision)) in VISIONS.iter().enumerate() {
                // On white, colours that can be read are all dark: there is less room between them.
                let least = if *choice == Colours::Light && at > 0 { 10.0 } else { 25.0 };
                let far = nearest(theme(*choice, true), SAID, vision);
                assert!(far >= least, "{choice:?}, {name}: {far:.1}");
            }
        }
        for (name, vision) in VISIONS {
            let far = nearest(theme(Colours::ColourBlind, true), ALL, vision);
            assert!(far >= 18.0, "{name}: {far:.1}");
        }
    }
}
