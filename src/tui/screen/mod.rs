//! What fills the window: the course list, the workbench, the end of the course.

pub mod course;
pub mod end;
pub mod workbench;
