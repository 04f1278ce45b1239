//! Logging in and out: what outlives a restart, what a logout ends, and where a login goes on to.

use super::visitor::{Browser, Demo, Folder, LOGIN};

#[test]
fn a_login_outlives_a_restart_and_ends_with_the_logout() {
    let folder = Folder::new("walk");
    let mut browser = Browser::default();
    {
        let demo = Demo::start(&folder);
        assert!(!browser.is_in(&demo));
        for form in ["username=demo&password=wrong", "username=root&password=sesame", "password=sesame", ""] {
            let wrong = browser.fill_in(&demo, "/login", "/login", form);
            assert!(wrong.status == 401 && wrong.body.contains("Wrong username or password."), "{form}");
        }
        assert!(!browser.is_in(&demo));
        browser.log_in(&demo);
        assert!(browser.get(&demo, "/admin/").body.contains("has logged in <b>once</b>"));
        browser.log_in(&demo);
    }
    let demo = Demo::start(&folder);
    let admin = browser.get(&demo, "/admin/");
    assert_eq!(admin.status, 200);
    assert!(admin.body.contains("has logged in <b>2 times</b>"));

    let token_of_login = browser.session().unwrap().clone();
    assert!(browser.get(&demo, "/logout").body.contains("Log out?"));
    assert!(browser.is_in(&demo), "to be asked is not to be logged out");
    browser.fill_in(&demo, "/logout", "/logout", "").redirects_to("/");
    assert_eq!(browser.session(), None);
    assert!(!browser.is_in(&demo));
    // A copy of the cookie that this browser may still receive from a slow response is over too.
    browser.jar.insert("login-demo".into(), token_of_login);
    assert!(!browser.is_in(&demo));
    assert_eq!(demo.stop(), "login: a session cookie was not accepted: ended\n");
}

#[test]
fn the_other_devices_are_logged_out_and_then_this_one_too() {
    let folder = Folder::new("devices");
    let demo = Demo::start(&folder);
    let [mut here, mut elsewhere, mut copy] = [(); 3].map(|()| Browser::default());
    here.log_in(&demo);
    elsewhere.log_in(&demo);
    copy.jar = here.jar.clone();
    here.fill_in(&demo, "/logout", "/logout", "which=others").redirects_to("/");
    assert_eq!([here.is_in(&demo), elsewhere.is_in(&demo), copy.is_in(&demo)], [true, false, false]);

    elsewhere.log_in(&demo);
    here.fill_in(&demo, "/logout", "/logout", "which=everywhere").redirects_to("/");
    assert!(!here.is_in(&demo) && !elsewhere.is_in(&demo));
    here.log_in(&demo);
    copy.jar = here.jar.clone();
    assert!(copy.is_in(&demo), "a copy works");
    here.fill_in(&demo, "/logout", "/logout", "").redirects_to("/");
    assert!(!copy.is_in(&demo), "until the logout of the browser that it was taken from");
}

#[test]
fn a_login_is_a_new_id_and_a_tombstone_of_the_one_before() {
    let folder = Folder::new("ids");
    let demo = Demo::start(&folder);
    let mut browser = Browser::default();
    browser.get(&demo, "/login");
    let of_stranger = browser.session().unwrap().clone();
    browser.log_in(&demo);
    assert_eq!(browser.jar.keys().filter(|name| name.starts_with("login-demo.out.")).count(), 1);
    // Whoever had planted the stranger's cookie is not logged in by it.
    let mut other = Browser::default();
    other.jar.insert("login-demo".into(), of_stranger);
    assert!(!other.is_in(&demo));
}

#[test]
fn the_guard_keeps_where_one_wanted_to_go() {
    let folder = Folder::new("target");
    let demo = Demo::start(&folder);
    for (asked, login) in [
        ("/admin/", "/login?next=%2Fadmin%2F"),
        ("/admin/?page=2&sort=a%20b", "/login?next=%2Fadmin%2F%3Fpage%3D2%26sort%3Da%2520b"),
    ] {
        let mut browser = Browser::default();
        browser.get(&demo, asked).redirects_to(login);
        let form = browser.get(&demo, login);
        let hidden = format!(r#"name="next" value="{}""#, asked.replace('&', "&amp;"));
        assert!(form.body.contains(&hidden), "{hidden} in {}", form.body);
        let next = login.split_once('=').unwrap().1;
        let form = format!("csrf={}&next={next}&username=demo&password=sesame", form.token());
        browser.post(&demo, "/login", &form).redirects_to(asked);
    }
}

#[test]
fn no_login_goes_on_to_another_site() {
    let folder = Folder::new("elsewhere");
    let demo = Demo::start(&folder);
    for next in [
        "https%3A%2F%2Fevil.example%2F",
        "%2F%2Fevil.example%2F",
        "%2F%5Cevil.example%2F",
        "%2F%252Fevil.example%2F",
        "%5C%5Cevil.example",
        "javascript%3Aalert(1)",
        "admin%2F",
        "%2Fadmin%2F%0D%0ALocation%3A%20https%3A%2F%2Fevil.example",
        "",
    ] {
        let mut browser = Browser::default();
        let form = browser.get(&demo, &format!("/login?next={next}"));
        let form = format!("csrf={}&next={next}&username=demo&password=sesame", form.token());
        browser.post(&demo, "/login", &form).redirects_to("/");
        assert!(browser.is_in(&demo), "{next}");
    }
    // Told twice is told wrong.
    assert_eq!(Browser::default().get(&demo, "/login?next=/&next=//evil.example").status, 400);
    let twice =
        Browser::default().fill_in(&demo, "/login", "/login", &format!("{LOGIN}&next=//evil.example"));
    assert!(twice.status == 422 && twice.all("location").count() == 0);
}
