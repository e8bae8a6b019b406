//! What the learner changes of the looks.

use super::notice;
use crate::tui::effect::Effect;
use crate::tui::settings::{ENTRIES, Mouse};
use crate::tui::world::World;

/// Sets an entry of the settings to a word of its own, shows it at once, and keeps it.
pub fn set(world: &mut World, key: &str, word: &str) -> Vec<Effect> {
    let (before, mut settings) = (world.settings, world.settings);
    if !ENTRIES.iter().any(|entry| entry.key == key && entry.set(&mut settings, word)) {
        return Vec::new();
    }
    world.choose(settings, world.abilities);
    let is = if key.ends_with('s') { "are" } else { "is" };
    let unseen = match key {
        "theme" if !world.theme.colour => ", but this terminal or NO_COLOR wants no colours",
        _ => "",
    };
    notice(world, format!("The {key} {is} {word}{unseen}."), false);
    let mut effects = vec![Effect::KeepSetting { key: key.to_owned(), word: word.to_owned() }];
    if settings.mouse != before.mouse {
        effects.push(Effect::Mouse(settings.mouse == Mouse::On));
    }
    effects
}
