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

/// Makes a test of each scenario that every browser goes through.
#[macro_export]
macro_rules! scenarios {
    ($kind:ident) => {
        $crate::tests_of! { $kind:
            back::back_after_a_logout,
            back::back_after_clear_site_data,
            back::back_after_the_idle_timeout,
            back::back_to_a_page_that_reloads,
            flooded::a_late_response_after_a_flood,
            flooded::a_late_response_after_clear_site_data,
            flooded::priority_in_a_flood,
            frames::a_subdomain_that_embeds_is_the_same_site,
            frames::sessions_in_frames_of_another_site,
            hand_made::prefixes_are_enforced,
            hand_made::scripts_neither_see_nor_replace_it,
            life::sessions_live,
            life::ten_cookies_at_once,
            origins::a_form_without_referrer,
            other_sites::a_link_carries_it_and_a_form_does_not,
            other_sites::a_login_by_redirects,
            other_sites::the_response_to_a_forged_form_replaces_the_session,
            planted::a_removal_with_a_domain,
            planted::a_sibling_plants_a_cookie,
            planted::a_sibling_plants_a_host_cookie,
            planted::leftovers_reach_a_planted_host_cookie,
            sizes::sizes,
            tabs::a_late_renewal_does_not_bring_it_back,
            tabs::a_late_response_does_not_bring_it_back,
            tabs::a_logout_is_for_both,
        }
    };
}

/// Makes a test of each scenario for a browser that knows partitions.
#[macro_export]
macro_rules! scenarios_of_partitions {
    ($kind:ident) => {
        $crate::tests_of! { $kind:
            frames::a_full_partition,
            frames::partitioned_sessions_live_apart,
        }
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! tests_of {
    ($kind:ident: $($module:ident::$scenario:ident),+ $(,)?) => {
        $(
            #[test]
            fn $scenario() {
                $crate::scenarios::$module::$scenario($crate::browser::Kind::$kind);
            }
        )+
    };
}
