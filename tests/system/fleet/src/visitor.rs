//! A visitor: clicks on pages, logs in and out, and checks on every page that it is who it should be.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, SystemTime};

use harness::http::Answer;
use harness::jar::Jar;
use harness::token::key_id;

use crate::http::{self, redirects_to, token};
use crate::random::Random;
use crate::tally::{Seal, Tally};

pub struct Visitor {
    port: u16,
    random: Random,
    jar: Jar,
    /// How often this session has logged in; `None` for a stranger.
    logins: Option<u32>,
    /// Of the form to log in, which may have been open for long when it is sent.
    form: Option<String>,
    tally: Tally,
}

/// Not what was expected of this visitor's session.
struct Lost(String);

impl Visitor {
    pub fn new(number: u64, port: u16) -> Self {
        Self {
            port,
            random: Random::new(number),
            jar: Jar::default(),
            logins: None,
            form: None,
            tally: Tally::default(),
        }
    }

    /// Clicks until it is enough. The pause between two clicks makes the load; nothing is asserted by it.
    pub fn click_on(mut self, is_enough: &AtomicBool) -> Tally {
        while !is_enough.load(Ordering::Relaxed) {
            thread::sleep(Duration::from_millis(150 + self.random.below(700)));
            if let Err(Lost(why)) = self.click() {
                self.tally.lost.push(why);
                // As people do: begin again.
                (self.jar, self.logins, self.form) = (Jar::default(), None, None);
            }
        }
        self.tally
    }

    fn click(&mut self) -> Result<(), Lost> {
        match (self.logins, self.form.is_some(), self.random.below(16)) {
            (None, _, 0..=3) => self.look_at_home(),
            (None, _, 4..=5) => self.be_turned_away(),
            (None, _, 6) => self.look_into_cookie(),
            (None, true, 7..) | (Some(_), true, 14) => self.log_in(),
            (None, false, 7..) | (Some(_), false, 13..=14) => self.open_form(),
            (Some(_), _, 0..=4) => self.look_at_home(),
            (Some(_), _, 5..=9) => self.look_at_admin(),
            (Some(_), _, 15) => self.log_out(),
            (Some(_), _, _) => self.look_into_cookie(),
        }
    }

    fn look_at_home(&mut self) -> Result<(), Lost> {
        let Some(answer) = self.get("/") else { return Ok(()) };
        let state = match self.logins {
            Some(_) => "You are logged in as <b>demo</b>.",
            None => "You are not logged in.",
        };
        expect(answer.status == 200 && answer.body.contains(state), "/", &answer)
    }

    /// The page of those who are logged in says how often, and so that the session is the latest one.
    fn look_at_admin(&mut self) -> Result<(), Lost> {
        let Some(answer) = self.get("/admin/") else { return Ok(()) };
        let times = match self.logins {
            Some(1) => "logged in <b>once</b>".to_owned(),
            logins => format!("logged in <b>{} times</b>", logins.unwrap_or_default()),
        };
        expect(answer.status == 200 && answer.body.contains(&times), "/admin/", &answer)
    }

    fn be_turned_away(&mut self) -> Result<(), Lost> {
        let Some(answer) = self.get("/admin/") else { return Ok(()) };
        expect(redirects_to(&answer, "/login"), "/admin/ of a stranger", &answer)
    }

    fn look_into_cookie(&mut self) -> Result<(), Lost> {
        let Some(answer) = self.get("/session") else { return Ok(()) };
        let user = match (self.logins, self.jar.get(SESSION)) {
            (Some(_), _) => "<td>Some(&quot;demo&quot;)\n",
            (None, Some(_)) => "<td>None\n",
            (None, None) => "There is no session.",
        };
        expect(answer.body.contains(user), "/session", &answer)
    }

    /// Gives a stranger a session, for its token. Whoever has one keeps it.
    fn open_form(&mut self) -> Result<(), Lost> {
        let before = self.jar.get(SESSION).map(ToOwned::to_owned);
        let Some(answer) = self.get("/login") else { return Ok(()) };
        if before.is_none() {
            self.tally.anonymous += 1;
        } else {
            expect(self.jar.get(SESSION) == before.as_deref(), "/login replaced the session", &answer)?;
        }
        self.form = token(&answer);
        expect(self.form.is_some() && self.jar.get(SESSION).is_some(), "/login", &answer)
    }

    fn log_in(&mut self) -> Result<(), Lost> {
        let token = self.form.take().unwrap_or_default();
        let form = format!("csrf={token}&next=%2Fadmin%2F&username=demo&password=sesame");
        let Some(answer) = self.post("/login", &form) else { return Ok(()) };
        expect(redirects_to(&answer, "/admin/"), "POST /login", &answer)?;
        match self.logins {
            None => self.tally.logins += 1,
            Some(_) => self.tally.logins_again += 1,
        }
        self.logins = Some(self.logins.unwrap_or_default() + 1);
        self.look_at_admin()
    }

    fn log_out(&mut self) -> Result<(), Lost> {
        let Some(answer) = self.get("/logout") else { return Ok(()) };
        let token = token(&answer).unwrap_or_default();
        expect(answer.body.contains("You are logged in as <b>demo</b>."), "/logout", &answer)?;
        let Some(answer) = self.post("/logout", &format!("csrf={token}")) else { return Ok(()) };
        expect(redirects_to(&answer, "/") && self.jar.get(SESSION).is_none(), "POST /logout", &answer)?;
        self.tally.logouts += 1;
        (self.logins, self.form) = (None, None);
        self.look_at_home()
    }

    fn get(&mut self, path: &str) -> Option<Answer> {
        self.exchange(path, None)
    }

    fn post(&mut self, path: &str, form: &str) -> Option<Answer> {
        self.exchange(path, Some(form))
    }

    /// `None` where there is no answer of the application's; that is an error, and says nothing of the session.
    fn exchange(&mut self, path: &str, form: Option<&str>) -> Option<Answer> {
        let cookies = self.jar.line();
        let sent = SystemTime::now();
        let answer = match http::exchange(self.port, path, &cookies, form) {
            Ok(answer) => answer,
            Err(error) => {
                self.tally.errors.push(format!("{path}: {error}"));
                return None;
            }
        };
        let received = SystemTime::now();
        let node = answer.all("x-node").next().unwrap_or_default().to_owned();
        *self.tally.requests.entry(node.clone()).or_default() += 1;
        if answer.status >= 500 {
            self.tally.errors.push(format!("{path}: {} from {node}", answer.status));
            return None;
        }
        let before = self.jar.get(SESSION).map(ToOwned::to_owned);
        answer.all("set-cookie").for_each(|line| self.jar.set(line));
        let now = self.jar.get(SESSION).filter(|now| Some(*now) != before.as_deref());
        let key = now.map(key_id);
        self.tally.seals.extend(key.map(|key| Seal { key, node, sent, received }));
        Some(answer)
    }
}

fn expect(is_so: bool, what: &str, answer: &Answer) -> Result<(), Lost> {
    if is_so {
        return Ok(());
    }
    let node = answer.all("x-node").next().unwrap_or_default();
    Err(Lost(format!("{what}: {} from {node}", answer.status)))
}

const SESSION: &str = "login-demo";
