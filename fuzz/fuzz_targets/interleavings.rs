//! The model of one browser (tests/model), whose events are chosen by the input: no rule is broken.
#![no_main]
#![allow(dead_code, reason = "the model's own tests use the rest")]

#[path = "../../tests/model/browser.rs"]
mod browser;
#[path = "../../tests/model/canon.rs"]
mod canon;
#[path = "../../tests/model/defects.rs"]
mod defects;
#[path = "../../tests/model/explore.rs"]
mod explore;
#[path = "../../tests/model/fleet.rs"]
mod fleet;
#[path = "../../tests/model/handler.rs"]
mod handler;
#[path = "../../tests/model/meaning.rs"]
mod meaning;
#[path = "../../tests/model/node.rs"]
mod node;
#[path = "../../tests/model/response.rs"]
mod response;
#[path = "../../tests/model/rules.rs"]
mod rules;
#[path = "../../tests/model/scenario.rs"]
mod scenario;
#[path = "../../tests/model/sights.rs"]
mod sights;
#[path = "../../tests/model/story.rs"]
mod story;
#[path = "../../tests/model/walk.rs"]
mod walk;
#[path = "../../tests/model/world.rs"]
mod world;

libfuzzer_sys::fuzz_target!(|data: &[u8]| walk::check(data));
