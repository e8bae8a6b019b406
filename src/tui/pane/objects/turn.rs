//! What the story and the badge tell once a command was taken back, or done again.

use jiff::Timestamp;

use super::COUNTED;
use crate::tui::world::World;

/// What was told of something that was taken back.
#[derive(Clone, Debug, Default)]
pub struct TakenBack {
    story: Vec<(Timestamp, String)>,
    unseen: Vec<Timestamp>,
}

/// What a command did was taken back, or done again: what was told of it since then goes, or comes again.
pub fn turned(world: &mut World, undone: bool, since: Timestamp) {
    let objects = &mut world.panes.objects;
    if undone {
        let story = objects.index.take_back(since);
        let unseen = objects.unseen.extract_if(.., |at| *at >= since).collect();
        objects.taken_back.push(TakenBack { story, unseen });
        let surplus = objects.taken_back.len().saturating_sub(COUNTED);
        objects.taken_back.drain(..surplus);
    } else if let Some(TakenBack { story, unseen }) = objects.taken_back.pop() {
        objects.index.story.extend(story);
        objects.unseen.extend(unseen);
    }
    objects.turned = Some(undone);
}
