//! What the learner chooses of the looks, each setting one of a few words, and what the terminal can show of it.

use serde::{Deserialize, Serialize};

macro_rules! choice {
    ($(#[$doc:meta])* $name:ident: $($(#[$say:meta])* $variant:ident = $word:literal),+ $(,)?) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
        pub enum $name { $($(#[$say])* #[serde(rename = $word)] $variant),+ }

        impl $name {
            /// Every choice, in order.
            pub const ALL: &[Self] = &[$(Self::$variant),+];
            /// How they are written, in the same order.
            pub const WORDS: &[&str] = &[$($word),+];

            /// How it is written.
            pub fn word(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }

            /// The choice that is written so.
            pub fn of(word: &str) -> Option<Self> {
                match word { $($word => Some(Self::$variant),)+ _ => None }
            }
        }
    };
}

choice! {
    /// Which colours.
    Colours:
    /// Dark or light, as the terminal says it is; dark when it does not say.
    #[default]
    Auto = "auto",
    /// On a dark ground.
    Dark = "dark",
    /// On a light ground.
    Light = "light",
    /// Black and the brightest colours; nothing is grey.
    HighContrast = "high-contrast",
    /// Told apart by every common colour vision.
    ColourBlind = "colour-blind",
}

choice! {
    /// Whether what changes may catch the eye.
    Motion:
    /// It lights up for a moment.
    #[default]
    Full = "full",
    /// It says so in words alone.
    Reduced = "reduced",
}

choice! {
    /// Who gets the mouse.
    Mouse:
    /// The tutor: it scrolls and clicks.
    #[default]
    On = "on",
    /// The terminal: it selects text.
    Off = "off",
}

choice! {
    /// Which signs are drawn.
    Signs:
    /// What the terminal's locale has.
    #[default]
    Auto = "auto",
    /// All of them.
    Unicode = "unicode",
    /// ASCII alone.
    Ascii = "ascii",
}

/// What the learner chose.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settings {
    /// Which colours.
    pub theme: Colours,
    /// Whether what changes may catch the eye.
    pub motion: Motion,
    /// Who gets the mouse.
    pub mouse: Mouse,
    /// Which signs are drawn.
    pub signs: Signs,
}

/// A setting: its name, what it can be, and how it is set.
pub struct Entry {
    /// Its name in the file.
    pub key: &'static str,
    /// What it is about, in a few words.
    pub say: &'static str,
    /// What it can be; the first is the default.
    pub words: &'static [&'static str],
    set: fn(&mut Settings, &str) -> bool,
}

impl Entry {
    /// Sets it; `false` when the word is none of its own.
    pub fn set(&self, settings: &mut Settings, word: &str) -> bool {
        (self.set)(settings, word)
    }

    /// Whether it is that word now.
    pub fn is(&self, settings: Settings, word: &str) -> bool {
        let mut changed = settings;
        self.set(&mut changed, word) && changed == settings
    }
}

/// Every setting.
pub const ENTRIES: &[Entry] = &[
    Entry {
        key: "theme",
        say: "colours of the screen",
        words: Colours::WORDS,
        set: |settings, word| Colours::of(word).map(|choice| settings.theme = choice).is_some(),
    },
    Entry {
        key: "motion",
        say: "whether changes light up",
        words: Motion::WORDS,
        set: |settings, word| Motion::of(word).map(|choice| settings.motion = choice).is_some(),
    },
    Entry {
        key: "mouse",
        say: "who gets the mouse",
        words: Mouse::WORDS,
        set: |settings, word| Mouse::of(word).map(|choice| settings.mouse = choice).is_some(),
    },
    Entry {
        key: "signs",
        say: "which signs are drawn",
        words: Signs::WORDS,
        set: |settings, word| Signs::of(word).map(|choice| settings.signs = choice).is_some(),
    },
];

/// What the terminal can show, as far as its environment tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Abilities {
    /// Whether it has the 256 colours whose look is fixed, and not the 16 of the learner's scheme alone.
    pub many_colours: bool,
    /// Whether its own ground is light.
    pub is_light: bool,
    /// Whether it has signs beyond ASCII.
    pub unicode: bool,
}

impl Default for Abilities {
    fn default() -> Self {
        Self { many_colours: false, is_light: false, unicode: true }
    }
}
