//! `CookieConfig` and `Lifetimes` from a configuration file: what is read, and what is refused with which words.

use std::time::{Duration, UNIX_EPOCH};

use sealed_session::web::Priority;
use sealed_session::{CookieConfig, Lifetimes, SameSite, Sessions, testing};
use serde::Deserialize;

fn cookie(json: &str) -> Result<CookieConfig, String> {
    serde_json::from_str(json).map_err(|error| without_place(&error))
}

fn lifetimes(json: &str) -> Result<Lifetimes, String> {
    serde_json::from_str(json).map_err(|error| without_place(&error))
}

/// What is wrong, without the line and the column.
fn without_place(error: &serde_json::Error) -> String {
    let text = error.to_string();
    text.split(" at line ").next().unwrap().to_owned()
}

#[test]
fn every_setting_of_a_cookie_that_a_file_may_make() {
    let all = r#"{
        "name": "__Secure-shop",
        "path": "/shop",
        "domain": "shop.example",
        "same_site": "None",
        "partitioned": true,
        "priority": "high",
        "persistent": false
    }"#;
    let expected = CookieConfig::new("__Secure-shop")
        .path("/shop")
        .domain("shop.example")
        .same_site(SameSite::None)
        .partitioned(true)
        .priority(Priority::High)
        .persistent(false);
    assert_eq!(cookie(all), Ok(expected));
    assert_eq!(cookie("{}"), Ok(CookieConfig::default()));
    for (word, same_site) in [("strict", SameSite::Strict), ("Lax", SameSite::Lax), ("none", SameSite::None)]
    {
        let expected = CookieConfig::default().same_site(same_site);
        assert_eq!(cookie(&format!(r#"{{ "same_site": "{word}" }}"#)), Ok(expected));
    }
    for (word, priority) in [("low", Priority::Low), ("Medium", Priority::Medium), ("HIGH", Priority::High)] {
        let expected = CookieConfig::default().priority(priority);
        assert_eq!(cookie(&format!(r#"{{ "priority": "{word}" }}"#)), Ok(expected));
    }
}

#[test]
fn what_a_file_may_not_say_of_a_cookie() {
    for (json, expected) in [
        (r#"{ "secure": false }"#, "secure: only code can switch it off"),
        (r#"{ "secure": true }"#, "secure: only code can switch it off"),
        (r#"{ "http_only": false }"#, "http_only: only code can switch it off"),
        (r#"{ "name": "a", "name": "b" }"#, "name: given twice"),
        (r#"{ "same_site": "" }"#, "same_site: expected strict, lax or none"),
        (r#"{ "priority": "highest" }"#, "priority: expected low, medium or high"),
        (
            r#"{ "samesite": "lax" }"#,
            "unknown field `samesite`, expected one of `name`, `path`, `domain`, `same_site`, `partitioned`, \
             `priority`, `persistent`",
        ),
        (r#"{ "persistent": "yes" }"#, r#"invalid type: string "yes", expected a boolean"#),
        ("[]", "invalid type: sequence, expected the settings of a cookie"),
        ("null", "invalid type: null, expected the settings of a cookie"),
    ] {
        assert_eq!(cookie(json), Err(expected.to_owned()), "{json}");
    }
}

#[test]
fn every_time_that_a_file_may_give() {
    let hour = Duration::from_secs(3600);
    let all = r#"{
        "idle_timeout": "30m",
        "absolute_timeout": 43200,
        "max_lifetime": "90d",
        "renewal_interval": "60s",
        "not_before": "2026-11-01T00:00:00Z"
    }"#;
    let expected = Lifetimes::default()
        .idle_timeout(hour / 2)
        .absolute_timeout(12 * hour)
        .max_lifetime(90 * 24 * hour)
        .renewal_interval(Duration::from_secs(60))
        .not_before(UNIX_EPOCH + Duration::from_secs(1_793_491_200));
    assert_eq!(lifetimes(all), Ok(expected));
    assert_eq!(lifetimes("{}"), Ok(Lifetimes::default()));
    assert_eq!(lifetimes(r#"{ "idle_timeout": "none" }"#), Ok(Lifetimes::default().idle_timeout(None)));
    let moment = UNIX_EPOCH + Duration::from_secs(1_793_491_200);
    assert_eq!(lifetimes(r#"{ "not_before": 1793491200 }"#), Ok(Lifetimes::default().not_before(moment)));
}

#[test]
fn what_is_no_time_in_a_file() {
    let span = "expected whole seconds, or a text such as 30m, 12h or 7d";
    for (json, expected) in [
        (
            r#"{ "idle_timeout": "off" }"#,
            "idle_timeout: expected whole seconds, a text such as 30m, 12h or 7d, or none".to_owned(),
        ),
        (r#"{ "absolute_timeout": "none" }"#, format!("absolute_timeout: {span}")),
        (r#"{ "max_lifetime": "90" }"#, format!("max_lifetime: {span}")),
        (r#"{ "renewal_interval": "1h30m" }"#, format!("renewal_interval: {span}")),
        (
            r#"{ "not_before": "yesterday" }"#,
            "not_before: expected a time such as 2026-11-01T00:00:00Z, or whole seconds since 1970"
                .to_owned(),
        ),
        (r#"{ "idle_timeout": -1 }"#, "a time must not be negative".to_owned()),
        (
            r#"{ "idle_timeout": 1.5 }"#,
            "invalid type: floating point `1.5`, expected a text or whole seconds".to_owned(),
        ),
        (r#"{ "idle_timeout": null }"#, "invalid type: null, expected a text or whole seconds".to_owned()),
        (r#"{ "idle_timeout": 60, "idle_timeout": 60 }"#, "idle_timeout: given twice".to_owned()),
        (
            r#"{ "idle": 60 }"#,
            "unknown field `idle`, expected one of `idle_timeout`, `absolute_timeout`, `max_lifetime`, \
             `renewal_interval`, `not_before`"
                .to_owned(),
        ),
        ("60", "invalid type: integer `60`, expected the times of a session".to_owned()),
    ] {
        assert_eq!(lifetimes(json), Err(expected), "{json}");
    }
}

#[test]
fn what_a_file_says_is_checked_as_if_code_said_it() {
    #[derive(Deserialize)]
    struct Settings {
        cookie: CookieConfig,
        lifetimes: Lifetimes,
    }
    let build = |json: &str| {
        let Settings { cookie, lifetimes } = serde_json::from_str(json).unwrap();
        let builder = Sessions::<u64>::builder(testing::key_ring()).cookie(cookie).lifetimes(lifetimes);
        builder.build().map(|_| ()).map_err(|error| error.setting())
    };
    assert_eq!(build(r#"{ "cookie": {}, "lifetimes": {} }"#), Ok(()));
    assert_eq!(build(r#"{ "cookie": { "name": "a b" }, "lifetimes": {} }"#), Err("name"));
    assert_eq!(build(r#"{ "cookie": { "path": "/shop" }, "lifetimes": {} }"#), Err("name"));
    let huge = format!(r#"{{ "cookie": {{}}, "lifetimes": {{ "absolute_timeout": {} }} }}"#, u64::MAX);
    assert_eq!(build(&huge), Err("absolute_timeout and max_lifetime"));
    assert_eq!(build(r#"{ "cookie": {}, "lifetimes": { "idle_timeout": 0 } }"#), Err("idle_timeout"));
}
