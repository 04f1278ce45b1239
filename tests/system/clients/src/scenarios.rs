//! What is asked of clients: `life` of all of them, the others of browsers.

pub mod back;
pub mod flooded;
pub mod frames;
pub mod hand_made;
pub mod life;
pub mod origins;
pub mod other_sites;
pub mod planted;
pub mod sizes;
pub mod tabs;

/// Makes a test of each scenario, for one browser.
#[macro_export]
macro_rules! scenarios {
    ($kind:ident: $($module:ident::$scenario:ident),+ $(,)?) => {
        $(
            #[test]
            fn $scenario() {
                $crate::scenarios::$module::$scenario($crate::browser::Kind::$kind);
            }
        )+
    };
}
