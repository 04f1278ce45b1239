//! Chromium, over real TLS.

use clients::browser::{Browser, Kind};
use clients::client::Client;
use clients::nginx::Nginx;
use clients::scenarios::life::live;
use clients::shop::Shop;
use clients::variants::Variant;
use harness::observed::observed;

clients::scenarios! { Chromium:
    back::back_after_a_logout,
    back::back_after_clear_site_data,
    back::back_after_the_idle_timeout,
    back::back_to_a_page_that_reloads,
    flooded::a_late_response_after_a_flood,
    flooded::a_late_response_after_clear_site_data,
    flooded::priority_in_a_flood,
    frames::a_full_partition,
    frames::a_subdomain_that_embeds_is_the_same_site,
    frames::partitioned_sessions_live_apart,
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

#[test]
fn behind_nginx() {
    let shop = Shop::open();
    let nginx = Nginx::start(&shop);
    let mut client = Browser::start(Kind::Chromium);
    let bytes = live(&mut client, &shop, &nginx.base(), Variant::Default).bytes;
    observed(format_args!(
        "{} behind {}: a session lives, {bytes} bytes fit",
        client.name(),
        Nginx::version()
    ));
}
